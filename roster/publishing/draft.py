"""One wire object as the tables want it published, before it is rendered."""

import datetime
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson

from roster.models import DistrictSettings
from roster.publishing.part import WHOLE, Part
from roster.visibility import Moment

T = TypeVar("T")
ACTIVE = "active"
ENDED = "tobedeleted"


class Draft(NamedTuple):
    """`schools` are roster_school ids, sorted (empty: the whole district); facts are keyed by wire field.

    `hidden` are values for the reading side that are not on the wire; `find` keeps them under names with an underscore.
    `person` is the sourcedId of whom a record of 1.1 is about; `find` keeps it as `_person`.
    The publisher adds who had the record once: `_left` has for each of their tokens the moment it was lost, `_ended`
    of a tombstone the moment it was first told, both in milliseconds since 1970.
    """

    sourced_id: str
    facts: dict[str, Any]
    schools: tuple[int, ...] = ()
    status: str = ACTIVE
    audience: str = ""
    hidden: dict[str, Any] | None = None
    person: str = ""


def source_of(draft: Draft) -> int:
    """Return a number that stands for everything a record is rendered from."""
    return int.from_bytes(blake2b(orjson.dumps(draft[1:]), digest_size=8).digest(), "big", signed=True)


class Setting(NamedTuple):
    """Everything the facts depend on besides the tables of SIS data, and of which part of the district they are."""

    moment: Moment
    settings: DistrictSettings
    part: Part = WHOLE


MIXED = "mixed"
"""The audience of a record whose switch differs from school to school, or was another one once."""


def audience(holders: Iterable[tuple[int, str]]) -> tuple[str, list[str]]:
    """Return which switch must be on for a record held at these schools by people of these kinds.

    Kinds are guardian, relative, and blank for everybody else. When not one kind is right everywhere, the audience is
    mixed and the second answer are its tokens.
    """
    pairs = set(holders)
    everybody = {school for school, kind in pairs if not kind}
    pairs = {(school, kind) for school, kind in pairs if not kind or school not in everybody}
    kinds = {kind for _, kind in pairs}
    return (MIXED, tokens(pairs)) if len(kinds) > 1 else (kinds.pop() if kinds else "", [])


def tokens(pairs: Iterable[tuple[int, str]]) -> list[str]:
    """Return school:kind of each pair, and *:kind for connections to the whole district."""
    return sorted({f"{place}:{kind}" for school, kind in pairs for place in (school, "*")})


def unique(values: Iterable[str]) -> list[str]:
    """Return the values without blanks and repeats, in their order."""
    return [value for value in dict.fromkeys(values) if value]


def day(value: datetime.date | None) -> datetime.date:
    """Return the date, or the earliest there is when it is blank, to sort by."""
    return value or datetime.date.min


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values some at a time."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
