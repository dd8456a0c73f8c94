"""Usernames by a pattern: parts of a person's record in braces, such as `{first:1}{last}{year:2}`."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PARTS = {
    "first": gettext_lazy("given name"),
    "middle": gettext_lazy("middle name"),
    "last": gettext_lazy("family name"),
    "id": gettext_lazy("local id"),
    "year": gettext_lazy("year of graduation"),
}
FROM_THE_END = {"id", "year"}
"""Parts of which the last signs tell people apart, not the first."""
STUDENT, STAFF = "{first:1}{last}{year:2}", "{first:1}{last}"
"""What the form begins with."""
LONGEST = 100
_PART = re.compile(r"\{([a-z]+)(?::([1-9][0-9]?))?\}")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})
"""Letters that are no accented form of another to Unicode."""
_ALLOWED = re.compile(r"[^a-z0-9._-]")


@dataclass(frozen=True)
class Named:
    """What a username can be made of; blank where nothing is known."""

    first: str = ""
    middle: str = ""
    last: str = ""
    id: str = ""
    year: str = ""


def check(pattern: str) -> None:
    """Raise ValidationError for a pattern that names no part, or one nobody knows."""
    rest = _PART.sub("", pattern)
    unknown = [name for name, _length in _PART.findall(pattern) if name not in PARTS]
    if unknown or "{" in rest or "}" in rest:
        raise ValidationError(_("Use the parts of the list below, each in braces, such as {first:1}{last}."))
    if not _PART.search(pattern):
        raise ValidationError(_("Put at least one part in braces, such as {last}; otherwise all would be the same."))
    if _ALLOWED.search(rest.lower()):
        raise ValidationError(_("Between the parts use letters, digits, full stops, hyphens and underscores only."))


def missing(pattern: str, named: Named) -> list[str]:
    """Return the parts of the pattern that are blank for this person, or have no letter or digit in them."""
    wanted = dict.fromkeys(name for name, _length in _PART.findall(pattern))
    return [name for name in wanted if not plain(getattr(named, name))]


def make(pattern: str, named: Named) -> str:
    """Return the username of a person who lacks no part of the pattern."""
    return _PART.sub(lambda found: _part(named, found[1], found[2]), pattern).lower()[:LONGEST]


def numbered(username: str) -> Iterator[str]:
    """Yield the username, then with 2, 3, 4 … at its end."""
    yield username
    number = 2
    while True:
        yield f"{username}{number}"
        number += 1


def plain(text: str) -> str:
    """Return the letters and digits a username can hold: small, without accents, blanks and signs."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return _ALLOWED.sub("", folded).strip("._-")


def _part(named: Named, name: str, length: str) -> str:
    value = plain(getattr(named, name))
    if not length:
        return value
    return value[-int(length) :] if name in FROM_THE_END else value[: int(length)]
