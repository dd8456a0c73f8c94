"""What a member of the data office may do. A role is a group of the same name; a superuser has all of them."""

from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """Viewers see applications and their state, but no student data. Editors work on connections. Security officers
    hold secrets, demographics, settings and the audit trail.
    """

    VIEWER = "viewer"
    EDITOR = "editor"
    OFFICER = "security officer"


TITLES = {Role.VIEWER: _("Viewer"), Role.EDITOR: _("Editor"), Role.OFFICER: _("Security officer")}
EVERYONE = frozenset(Role)
EDITORS = frozenset({Role.EDITOR, Role.OFFICER})
OFFICERS = frozenset({Role.OFFICER})
NOBODY: frozenset[Role] = frozenset()


def roles_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[Role]:
    """Return the roles of a signed-in member of staff; read once for each request's user."""
    if not (user.is_active and getattr(user, "is_staff", False)):
        return NOBODY
    known: frozenset[Role] | None = getattr(user, "known_roles", None)
    if known is None:
        if getattr(user, "is_superuser", False):
            known = EVERYONE
        else:
            names = set(Group.objects.filter(user=user.pk).values_list("name", flat=True))
            known = frozenset(role for role in Role if role.value in names)
        user.known_roles = known  # type: ignore[attr-defined]  # reaches through the lazy user of a request
    return known


def role_of(user: AbstractBaseUser) -> Role | None:
    """Return the role somebody was given, the highest of several, whether or not they may sign in at the moment."""
    names = {group.name for group in user.groups.all()}  # type: ignore[attr-defined]
    return next((role for role in reversed(Role) if role.value in names), None)
