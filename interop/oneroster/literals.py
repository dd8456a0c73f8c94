"""Literals of a filter: dates and numbers in the one spelling that is compared, texts as patterns."""

import re
from datetime import UTC, datetime

from .render import number_text

CLOCK = "00:00:00"
_moment = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+ -]\d\d:?\d\d)?|Z)?", re.ASCII)


def literal(kind: str, value: str) -> str:
    """The value in the one spelling that is compared; ValueError when it is not of the field's type."""
    if kind in ("date", "datetime"):
        return instant(value).replace(tzinfo=None).isoformat(timespec="microseconds")
    if kind == "float":
        number = float(value)
        if not abs(number) < float("inf"):
            raise ValueError(value)
        return number_text(number)
    return value


def instant(text: str) -> datetime:
    """A date or date and time as UTC; without an offset it is UTC, a date is its midnight.

    The plus of an offset may have become a blank on its way through a query string.
    """
    found = _moment.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    day, clock, fraction, offset = found.groups()
    if offset in (None, "Z"):
        offset = "+00:00"
    micros = (fraction or "0")[:6].ljust(6, "0")
    clock = (clock or CLOCK) + CLOCK[len(clock or CLOCK) :]
    return datetime.fromisoformat(f"{day}T{clock}.{micros}{offset.replace(' ', '+')}").astimezone(UTC)


def loose(text: str) -> str:
    """A pattern that finds the text whatever its case; PostgreSQL and Python read it alike."""
    return "".join(_either(char) for char in text)


def _either(char: str) -> str:
    forms = sorted({form for form in (char, char.lower(), char.upper()) if len(form) == 1})
    if len(forms) > 1:
        return f"[{''.join(forms)}]"
    return "\\" + char if char.isascii() and not char.isalnum() and char not in " _" else char


def items(value: str) -> list[str]:
    """The members of a comma list."""
    return [item.strip() for item in value.split(",") if item.strip()] or [value]
