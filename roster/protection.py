"""Who and what is kept back on purpose, and how that acts before the next refresh.

A ticked External LMS Exclude box or No Show must not wait for a refresh: the records concerned are withheld in the same
transaction. A refresh replaces them; the numbers of the old ones stay withheld, because lists frozen earlier name them.
"""

import contextlib
import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from roster.models import Person, SchoolYear
from roster.visibility import (
    CALENDAR,
    COURSE,
    SCHOOL,
    SECTION,
    STAFF,
    STUDENT,
    Effect,
    Moment,
    Rule,
    passing,
    with_effect,
)

LOCK = 0x0D15_7218
"""Held by whoever protects something, shared, and by the publisher, alone: no edition misses what was just ticked."""
PEOPLE = ("user", "demographics")
LISTED = """(
    SELECT min(e.published_at) FROM roster_edition e WHERE e.number > (SELECT min(f.edition) FROM roster_frozen f)
)"""
"""Since when what is retired may still be sent, by a pull of an edition before: a moment, or null."""


class Served(NamedTuple):
    """A part of the records that may still be sent, and how those are found that are about somebody or something."""

    records: str
    about: str
    since: str

    def those(self, statement: str) -> str:
        """Return the statement for this part; its records are called r, what is looked for w."""
        return statement.format(records=self.records, about=self.about) + f" AND {self.since}"


SERVED = (
    Served("roster_record", "r.find @> w.find", "r.retired_at IS NULL"),
    # nothing indexes what `find` of older versions says, so they are all read, once
    Served(
        """(SELECT r.*, jsonb_build_object(k.key, r.find->k.key) AS about FROM roster_record r
            JOIN (VALUES ('user.sourcedId'), ('class.sourcedId'), ('_person')) k(key) ON r.find ? k.key)""",
        "r.about = w.find",
        f"r.retired_at >= {LISTED}",
    ),
)
_NAMED = """
    SELECT r.id FROM roster_record r
    JOIN unnest(%s::text[], %s::text[]) AS w(object, sourced_id) ON r.object = w.object AND r.sourced_id = w.sourced_id
    WHERE (r.version = 12 OR r.object NOT IN ('user', 'demographics'))
"""
_IN_11 = "SELECT r.id FROM unnest(%s::jsonb[]) AS w(find) JOIN {records} r ON {about} WHERE r.version = 11"
_ENROLLMENTS = """
    SELECT r.id FROM unnest(%s::jsonb[], %s::bigint[]) AS w(find, school)
    JOIN {records} r ON {about} AND (w.school IS NULL OR r.school = w.school)
    WHERE r.object = 'enrollment' AND (r.version = 12 OR NOT w.find ? 'user.sourcedId')
"""
_AT_SCHOOLS = """
    SELECT r.id FROM roster_record r WHERE r.school = ANY(%s) AND coalesce(r.others, '{{}}') <@ %s::bigint[]
"""
_PEOPLE_IN_12 = """
    SELECT r.id, w.person, r.school || coalesce(r.others, '{{}}')
    FROM unnest(%s::text[], %s::jsonb[]) AS w(person, find) JOIN roster_record r ON r.sourced_id = w.person
    WHERE r.version = 12 AND r.object IN ('user', 'demographics')
"""
_PEOPLE_IN_11 = """
    SELECT r.id, w.person, r.school || coalesce(r.others, '{{}}')
    FROM unnest(%s::text[], %s::jsonb[]) AS w(person, find) JOIN {records} r ON {about}
    WHERE r.version = 11 AND r.object IN ('user', 'demographics')
"""


@dataclass(frozen=True)
class Protected:
    """What is protected at a moment: records by (wire object, sourcedId); people at a school; whole schools."""

    records: frozenset[tuple[str, str]] = frozenset()
    places: frozenset[tuple[str, int]] = frozenset()
    schools: frozenset[int] = frozenset()

    @classmethod
    def read(cls, moment: Moment) -> "Protected":
        """Ask the rules that protect: five statements."""
        excluded = Person.objects.filter(external_lms_exclude=True).values_list("sourced_id", flat=True)
        year = moment.year
        sections = _failing(SECTION, moment).filter(calendar__school_year=year).values_list("sourced_id", flat=True)
        courses = _failing(COURSE, moment).values_list("sourced_id", flat=True)
        students = _failing(STUDENT, moment).filter(calendar__school_year=year)
        closed = dict(_failing(SCHOOL, moment).values_list("pk", "sourced_id"))
        calendars = _failing(CALENDAR, moment).filter(school_year=year)
        closed.update(calendars.values_list("school", "school__sourced_id"))
        return cls(
            frozenset(
                {(kind, person) for person in excluded for kind in PEOPLE}
                | {("class", section) for section in sections}
                | {("course", course) for course in courses}
                | {("org", school) for school in closed.values()}
            ),
            frozenset(
                {*students.values_list("person__sourced_id", "calendar__school_id")}
                | {*_failing(STAFF, moment).values_list("person__sourced_id", "school_id")}
            ),
            frozenset(closed),
        )

    def __sub__(self, other: "Protected") -> "Protected":
        return Protected(self.records - other.records, self.places - other.places, self.schools - other.schools)

    def __bool__(self) -> bool:
        return bool(self.records or self.places or self.schools)

    def people(self) -> set[str]:
        """Return the sourcedIds of people protected anywhere."""
        return {name for kind, name in self.records if kind == "user"} | {person for person, _ in self.places}

    def hides(self, person: str, schools: Collection[int]) -> bool:
        """Whether a person is protected at every one of these schools."""
        return bool(schools) and all(school in self.schools or (person, school) in self.places for school in schools)


def _failing(rules: Sequence[Rule], moment: Moment) -> QuerySet[Any]:
    """Return the records that a protecting rule keeps back."""
    protecting = with_effect(rules, Effect.PROTECTS)
    model = protecting[0].applies_to
    return model._default_manager.exclude(pk__in=passing(protecting, moment).values("pk")).order_by()


@contextlib.contextmanager
def acting_at_once(now: datetime.datetime) -> Iterator[None]:
    """Withhold at the end of the block whatever became protected in it, and release what no longer is.

    It belongs around every change of the tables that can tick or untick a box, inside its transaction.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
        before = protected(now)
        yield
        withheld, released = _between(before, protected(now))
        withhold(withheld, now)
        release(released)


def foreseen(change: Callable[[], object], now: datetime.datetime) -> tuple[set[int], set[int]]:
    """Return the records that `change` would withhold, and those it would release; the change itself is undone."""
    with transaction.atomic():
        before = protected(now)
        change()
        found = _between(before, protected(now))
        transaction.set_rollback(True)
    return found


def _between(before: Protected, after: Protected) -> tuple[set[int], set[int]]:
    """Return the records to withhold and those to release when what is protected has changed."""
    added, removed = after - before, before - after
    withheld = _concerned(added, after) if added else set()
    released = _concerned(removed, before) - _concerned(after, after) if removed else set()
    return withheld, released


def protected(now: datetime.datetime) -> Protected:
    """Return what the tables protect now; nothing as long as no school year is active."""
    year = SchoolYear.objects.filter(active=True, ended_at=None).first()
    if year is None:
        return Protected()
    return Protected.read(Moment(year, now.astimezone(ZoneInfo(settings.DISTRICT_TIME_ZONE)).date()))


def withhold(records: Iterable[int], now: datetime.datetime) -> None:
    """Send these numbered records to nobody any more, also from lists frozen earlier."""
    if not (numbers := list(records)):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO roster_withheld (id, at) SELECT unnest(%s::bigint[]), %s ON CONFLICT DO NOTHING",
            [numbers, now],
        )


def release(records: Iterable[int]) -> None:
    """Let these numbered records be sent again."""
    if not (numbers := list(records)):
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM roster_withheld WHERE id = ANY(%s)", [numbers])


def _concerned(part: Protected, whole: Protected) -> set[int]:
    """Return the records that `part` of all that is protected keeps back: live ones, and older ones of open pulls."""
    kinds, names = [kind for kind, _ in part.records], [name for _, name in part.records]
    people = [name for kind, name in part.records if kind == "user"]
    wanted: list[tuple[dict[str, str], int | None]] = [
        ({f"{kind}.sourcedId": name}, None) for kind, name in part.records if kind in {"user", "class"}
    ]
    wanted += [(find, school) for person, school in part.places for find in ({"user.sourcedId": person}, _is(person))]
    finds, schools = [_json(find) for find, _ in wanted], [school for _, school in wanted]
    statements: list[tuple[str, list[Any]]] = [
        (_NAMED, [kinds, names]),
        (_IN_11, [[_json(_is(person)) for person in people]]),
        (_ENROLLMENTS, [finds, schools]),
        (_AT_SCHOOLS, [list(part.schools), list(whole.schools)]),
    ]
    placed = [person for person, _ in part.places]
    about = [_json(_is(person)) for person in placed]
    found: set[int] = set()
    with connection.cursor() as cursor:
        for served in SERVED:
            for statement, values in statements:
                cursor.execute(served.those(statement), values)
                found.update(number for (number,) in cursor.fetchall())
            for statement in (_PEOPLE_IN_12, _PEOPLE_IN_11):
                cursor.execute(served.those(statement), [placed, about])
                found.update(number for number, person, where in cursor.fetchall() if whole.hides(person, where))
    return found


def _is(person: str) -> dict[str, str]:
    """Return what stands in `find` of whatever is about a person in 1.1."""
    return {"_person": person}


def _json(find: dict[str, str]) -> str:
    return orjson.dumps(find).decode()
