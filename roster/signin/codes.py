"""Activation codes: typed once by the person they were printed for, who then chooses a password.

Twelve of 31 signs are 59 bits, more than anybody can try at the door. What is stored is a keyed hash (SECRET_KEY), so a
copy of the database alone says nothing about a code that still waits.
"""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from interop import audit
from interop.signin.passwords import CLEAR
from roster.models import Account, ActivationCode, Person
from roster.signin import accounts

GROUPS, SIGNS = 3, 4
LASTS = timedelta(days=30)
AT_MOST = 500
"""People on one sheet."""


@dataclass(frozen=True)
class Slip:
    """What one person is handed."""

    name: str
    username: str
    email: str
    code: str


@sensitive_variables("slips", "code")
def make(people: Collection[int], *, actor: str, now: datetime) -> list[Slip]:
    """Make a code for each of these people who may have one; any earlier code of theirs ends. Shown only now."""
    slips: list[Slip] = []
    with transaction.atomic():
        chosen = accounts.open_accounts().filter(person__in=people).select_related("person__sign_in__user")
        in_order = chosen.order_by("person__family_name", "person__given_name", "pk")
        listed = list(in_order.select_for_update(of=("self",))[:AT_MOST])
        refused = refusals(listed)
        receive = [account for account in listed if account.pk not in refused]
        ActivationCode.objects.filter(person__account__in=receive).delete()
        ActivationCode.objects.filter(expires_at__lt=now).delete()
        for account in receive:
            code = _new()
            ActivationCode.objects.create(
                person=account.person, digest=_digest(account.person_id, code), expires_at=now + LASTS
            )
            audit.record(actor, "made an activation code", account.person, after={"expires": now + LASTS})
            slips.append(Slip(name_of(account.person), account.username, account.person.email, code))
    return slips


@sensitive_variables("code")
def waiting(username: str, code: str, *, now: datetime) -> ActivationCode | None:
    """Return the code that waits for the person of this username if it is the one typed; call it in a transaction."""
    account = accounts.named(username)
    kept = ActivationCode.objects.select_for_update().filter(person=account.person) if account else None
    found = kept.filter(expires_at__gt=now).first() if kept is not None else None
    right = hmac.compare_digest(_digest(account.person_id if account else 0, code), found.digest if found else "")
    if not (account and found and right) or refusals([account]):
        return None
    return found


@sensitive_variables("password")
def use(code: ActivationCode, password: str) -> User:
    """Give the code's person this password, which was checked before; the code and their other sessions end.

    Sessions are bound to the password they began with. A second step stays: the password alone does not pass it.
    """
    with transaction.atomic():
        user = accounts.user_of(code.person)
        user.set_password(password)
        user.save(update_fields=["password"])
        code.delete()
        audit.record(user.get_username(), "used an activation code", code.person)
    return user


def refusals(listed: Collection[Account]) -> dict[int, str]:
    """Return, by account, why somebody gets no code: words for people, in two statements however many they are."""
    names = {account.username.lower() for account in listed}
    office = set(User.objects.filter(is_staff=True).annotate(name=Lower("username")).filter(name__in=names)
                 .values_list("name", flat=True))  # fmt: skip
    alike = accounts.open_accounts().annotate(name=Lower("username")).filter(name__in=names).order_by()
    twice = set(alike.values("name").annotate(people=Count("pk")).filter(people__gt=1).values_list("name", flat=True))
    refused = {}
    for account in listed:
        tie, name = getattr(account.person, "sign_in", None), account.username.lower()
        if name in office or (tie and tie.user.is_staff):
            refused[account.pk] = _("Belongs to the data office: a security officer gives a new password.")
        elif tie and not tie.user.is_active:
            refused[account.pk] = _("Switched off under People who sign in.")
        elif name in twice:
            refused[account.pk] = _(
                "Somebody else has this username too: correct it in the student information system."
            )
    return refused


def name_of(person: Person) -> str:
    """Return how somebody is called: by the names they prefer."""
    given = person.preferred_given_name or person.given_name
    return f"{given} {person.preferred_family_name or person.family_name}".strip()


def _new() -> str:
    return "-".join("".join(secrets.choice(CLEAR) for _sign in range(SIGNS)) for _group in range(GROUPS))


@sensitive_variables("code")
def _digest(person: int, code: str) -> str:
    """Return what is stored; capitals, blanks and hyphens do not matter."""
    plain = "".join(sign for sign in code.casefold() if sign.isalnum())
    return salted_hmac("roster.signin.codes", f"{person} {plain}", algorithm="sha256").hexdigest()
