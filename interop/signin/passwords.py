"""Which passwords are too easy, beyond the shortest length."""

import secrets
import string
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from interop.signin import breached

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
FEWEST_SIGNS = 5
"""Different characters a password must have at the least."""


class NotCommon(CommonPasswordValidator):
    """Refuses passwords of the list of common ones, also when they were made longer by padding or repeating."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        """Raise ValidationError saying what to do instead."""
        word = password.casefold().strip()
        cores = {word, word.strip(string.digits + string.punctuation), _unit(word)}
        if len(set(word)) < FEWEST_SIGNS or any(core in self.passwords for core in cores):
            raise ValidationError(self.get_help_text(), code="password_too_common")

    def get_help_text(self) -> str:
        """Return the advice."""
        return _("This is one of the first passwords people try. Take four or five words that do not belong together.")


class NotBreached:
    """Refuses passwords of the operator's list of breached ones; without such a list it refuses none."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        """Raise ValidationError saying what to do instead."""
        if settings.BREACHED_PASSWORDS and breached.holds(Path(settings.BREACHED_PASSWORDS), password):
            raise ValidationError(self.get_help_text(), code="password_breached")

    def get_help_text(self) -> str:
        """Return the advice."""
        return _("This password is known from a breach elsewhere. Take one that you use nowhere else.")


def _unit(word: str) -> str:
    """Return the shortest beginning that, repeated, makes up the word."""
    size = (word + word).find(word, 1)
    return word[:size]


def new_password() -> str:
    """Return a random password for somebody else to change: 20 characters, none that are mistaken for each other."""
    return "-".join("".join(secrets.choice(CLEAR) for _each in range(4)) for _group in range(5))


def checked(password: str, user: "User") -> str:
    """Return the password; raises ValidationError with what to do when it is too easy."""
    validate_password(password, user)
    return password
