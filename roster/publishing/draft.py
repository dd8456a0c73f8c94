"""One wire object as the tables want it published, before it is rendered."""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

from roster.models import DistrictSettings
from roster.visibility import Moment

ACTIVE = "active"
ENDED = "tobedeleted"


class Draft(NamedTuple):
    """`schools` are roster_school ids, sorted (empty: the whole district); facts are keyed by wire field."""

    sourced_id: str
    facts: dict[str, Any]
    schools: tuple[int, ...] = ()
    status: str = ACTIVE
    audience: str = ""
    secondary_email: str = ""


class Setting(NamedTuple):
    """Everything the facts depend on besides the tables of SIS data."""

    moment: Moment
    settings: DistrictSettings


def unique(values: Iterable[str]) -> list[str]:
    """Return the values without blanks and repeats, in their order."""
    return [value for value in dict.fromkeys(values) if value]


def day(value: datetime.date | None) -> datetime.date:
    """Return the date, or the earliest there is when it is blank, to sort by."""
    return value or datetime.date.min
