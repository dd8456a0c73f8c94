"""What signing in asks about the roster's accounts. The roster stands above this package, so it is known by name."""

from typing import Any

from django.contrib.auth.models import User
from django.utils.module_loading import import_string

ACCOUNTS = "roster.signin.accounts"
TIE = "roster_tie"
"""The link from a user to the person of the roster they are."""


def user_name(typed: str) -> str:
    """Return the username of the user that somebody means by what they typed."""
    return str(_ask("user_name", typed))


def typed_name(user: User) -> str:
    """Return what this user types at the door, the other way round."""
    return str(_ask("typed_name", user))


def stays_open(user: User) -> bool:
    """Return whether the roster lets this user in; true for users it has no say about."""
    return bool(_ask("stays_open", user))


def known_elsewhere(*, username: str = "", email: str = "") -> User | None:
    """Return the roster's user of whom an identity provider vouches, made at their first sign-on."""
    user: User | None = _ask("known_elsewhere", username=username, email=email)
    return user


def tie_of_the_office(user: User) -> None:
    """Note which person of the roster a member of the data office is."""
    _ask("tie_of_the_office", user)


def _ask(name: str, *told: Any, **named: Any) -> Any:
    return import_string(f"{ACCOUNTS}.{name}")(*told, **named)
