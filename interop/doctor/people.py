"""The people and keys that guard the portal."""

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db.models import Q

from interop import crypto, sealed, vitals
from interop.admin.roles import Role
from interop.doctor.finding import Finding, broken, doubtful, fine

ENOUGH = 2


def officers() -> Iterator[Finding]:
    """Two security officers can act, and everybody of the data office has a second step."""
    if not vitals.database_answers() or vitals.missing_migrations():
        return
    able = User.objects.filter(is_active=True, is_staff=True)
    number = able.filter(Q(groups__name=Role.OFFICER) | Q(is_superuser=True)).distinct().count()
    if number < ENOUGH:
        yield doubtful(
            f"{number} security officers can sign in; what needs a second person cannot be done.",
            "Make another: manage.py create_admin NAME --role security-officer.",
        )
    steps = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).values("user")
    without = sum(user.has_usable_password() for user in able.exclude(pk__in=steps))
    if without:
        yield doubtful(
            f"{without} people of the data office have no second step yet.", "They are asked for it when they sign in."
        )
    else:
        yield fine("Everybody of the data office has a second step.")


def keys() -> Iterator[Finding]:
    """Everything stored encrypted can be opened, by the newest key."""
    if not vitals.database_answers() or vitals.missing_migrations():
        return
    lost = older = 0
    for place in sealed.places():
        for _where, value in place.values():
            if not crypto.is_newest(value):
                older += 1
                lost += not _opens(value)
    if lost:
        yield broken(
            f"{lost} stored secrets are opened by no key of FIELD_ENCRYPTION_KEYS.", "Add the key they were made with."
        )
    elif older:
        yield doubtful(f"{older} stored secrets need an older key.", "Run manage.py rotate_keys.")
    else:
        yield fine("FIELD_ENCRYPTION_KEYS opens everything stored.")


def _opens(value: bytes) -> bool:
    try:
        crypto.unseal(value)
    except crypto.Unreadable:
        return False
    return True
