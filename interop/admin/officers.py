"""Giving roles, and the rule that somebody always remains who can give them."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Q

from interop.admin.roles import Role, role_of


def is_last(user: User) -> bool:
    """Return whether nobody else could manage people if this person no longer did."""
    able = User.objects.filter(Q(is_superuser=True) | Q(groups__name=Role.OFFICER), is_active=True, is_staff=True)
    return able.filter(pk=user.pk).exists() and not able.exclude(pk=user.pk).exists()


def give(user: User, role: Role | None) -> None:
    """Make this the one role of a saved person; with none, the admin is closed to them."""
    user.is_staff = user.is_superuser or role is not None
    user.save(update_fields=["is_staff"])
    user.groups.set([Group.objects.get_or_create(name=role)[0]] if role else [])


def facts(user: User) -> dict[str, Any]:
    """Return what of a person the audit trail tells."""
    return {
        "username": user.username,
        "active": user.is_active,
        "role": "everything" if user.is_superuser else str(role_of(user) or "none"),
        "email": user.email,
    }
