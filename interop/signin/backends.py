"""Who stays signed in, and what they may do on the stock pages: read from one table, never from single permissions."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model

from interop.admin.records import may
from interop.admin.roles import roles_of
from interop.signin import roster


class RoleBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's check of passwords; permissions follow from roles by the table of interop/admin/records.py."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether this user may come in and stay: asked at the door and with every request."""
        return bool(super().user_can_authenticate(user)) and roster.stays_open(user)

    def has_perm(self, user: AbstractBaseUser | AnonymousUser, perm: str, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Return whether the person's roles allow this act on this kind of record."""
        app, _, codename = perm.partition(".")
        act, _, model = codename.partition("_")
        return may(roles_of(user), act, f"{app}.{model}")

    def has_module_perms(self, user: AbstractBaseUser | AnonymousUser, app_label: str) -> bool:
        """Return whether any record of the app may be seen."""
        return may(roles_of(user), "view", f"{app_label}.")

    def get_all_permissions(self, user: Any, obj: Any = None) -> set[str]:  # noqa: ARG002
        """Return none by name: they are worked out when asked for."""
        return set()
