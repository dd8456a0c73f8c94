"""What the references of a request mean: what is not shared with the connection is unknown to it."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from connections.grants import Grant
from gradebook.reading.sources import published, student
from gradebook.services.scores import SCORES, Other
from interop import statements
from interop.dates import district_day
from interop.statements import Question, Rows

OWNER = "(SELECT application_id FROM connections_connection WHERE id = %s::bigint)"
"""Whose the rows are that a connection makes; its parameter is the connection."""
_KEPT = ("id", "sourced_id", "owner_id", "deleted_at", *SCORES.columns)
# Each LIMIT keeps the planner at one search of an index for each name, whatever it believes their number to be.
_ITEM = """LATERAL (
    SELECT a.id, a.owner_id, a.section_id, s.sourced_id AS section_sourced_id,
        coalesce(calendar.end_date, y.end_date, make_date(y.end_year, 12, 31)) AS last_day
    FROM gradebook_assignment a JOIN roster_section s ON s.id = a.section_id {taught}
    JOIN roster_calendar calendar ON calendar.id = s.calendar_id
    JOIN roster_schoolyear y ON y.id = calendar.school_year_id AND y.active
    WHERE a.sourced_id = n.item AND a.deleted_at IS NULL AND s.ended_at IS NULL AND s.active LIMIT 1
) a"""
_PERSON = """LATERAL (
    SELECT person.id FROM roster_person person {enrolled} WHERE p.sourced_id = n.student LIMIT 1
) person"""
_WANTED = """
    WITH n AS (SELECT * FROM json_to_recordset(%s::json) AS n(place int, id text, item text, student text))"""
# The end of a roster entry is not past, or it is the calendar's last day (roster/visibility: not_past).
_SITS = """EXISTS (
        SELECT 1 FROM roster_rosterentry e
        WHERE e.section_id = a.section_id AND e.person_id = person.id AND e.ended_at IS NULL AND (
            e.end_date IS NULL OR e.end_date >= %s::date OR e.end_date = a.last_day)) AS sits"""
_COLUMNS = """
    SELECT n.place, a.id, a.owner_id, a.section_id, a.section_sourced_id, person.id, {sits},
        o.id, o.sourced_id, o.owner_id,
        EXISTS (SELECT FROM gradebook_postedgrade g WHERE g.sourced_id = n.id), """
# Of one result everything hangs on one row that is known, so the plan is half as long, and so is the time.
_ONE = f"""
    WITH n AS (SELECT 0 AS place, %s::text AS id, %s::text AS item, %s::text AS student)
    {_COLUMNS.format(sits=_SITS)}{", ".join(f'k."{name}"' for name in _KEPT)}
    FROM n LEFT JOIN {{item}} ON true LEFT JOIN {{person}} ON true
    LEFT JOIN gradebook_score o ON o.assignment_id = a.id AND o.person_id = person.id AND o.deleted_at IS NULL
    LEFT JOIN gradebook_score k ON k.sourced_id = n.id"""
_THERE = f"""
    LEFT JOIN LATERAL (SELECT {_SITS}) seat ON true
    LEFT JOIN LATERAL (
        SELECT {", ".join(f'o."{name}"' for name in _KEPT)} FROM gradebook_score o
        WHERE o.assignment_id = a.id AND o.person_id = person.id AND o.deleted_at IS NULL LIMIT 1
    ) o ON true
    LEFT JOIN LATERAL (
        SELECT o.* WHERE n.id IS NULL AND o.owner_id = {OWNER}
        UNION ALL SELECT {", ".join(f'g."{name}"' for name in _KEPT)} FROM gradebook_score g WHERE g.sourced_id = n.id
    ) k ON true"""
# A list names the same line items and students again and again: each is looked up once, in less than half of the
# time. One result is answered sooner without.
_MANY = f"""{_WANTED},
    items AS MATERIALIZED (SELECT n.item, a.* FROM (SELECT DISTINCT item FROM n) n CROSS JOIN {{item}}),
    people AS MATERIALIZED (
        SELECT n.student, person.* FROM (SELECT DISTINCT student FROM n) n CROSS JOIN {{person}})
    {_COLUMNS.format(sits="seat.sits")}k.*
    FROM n LEFT JOIN items a USING (item) LEFT JOIN people person USING (student){_THERE}"""


class Class(NamedTuple):
    """A section that the grant may write into: its key, and the sourcedIds of itself and its school."""

    id: int
    sourced_id: str
    school: str


class LineItem(NamedTuple):
    """An assignment: its key, owner and section."""

    id: int
    owner: int | None
    section: int
    section_id: str


class Seat(NamedTuple):
    """What a result is about: line item and student when they are known, and whether the student sits in the class;
    the score the student has there, whether its id is that of a posted grade, and the row of its own id.
    """

    item: LineItem | None
    person: int | None
    sits: bool
    other: Other | None
    taken: bool
    before: dict[str, Any] | None


class Category(NamedTuple):
    """A category the vendor may name."""

    id: int
    owner: int | None
    title: str


def classes(grant: Grant, wanted: Collection[str]) -> dict[str, Class]:
    """Return the classes of the active year that are shared with the grant, by sourcedId."""
    return classes_in(statements.prepared(*classes_asked(grant, wanted)))


def classes_in(rows: Rows) -> dict[str, Class]:
    """Return the classes that were asked for, by sourcedId."""
    return {row[1]: Class(*row) for row in rows}


def classes_asked(grant: Grant, wanted: Collection[str]) -> Question:
    """Return the question for classes; `classes` tells what they are."""
    return _classes(grant, "s.sourced_id = ANY(%s::text[])", sorted(wanted))


def reaches(grant: Grant, section: int) -> bool:
    """Return whether the grant may write into a section."""
    return bool(statements.prepared(*_classes(grant, "s.id = ANY(%s::bigint[])", [section])))


def _classes(grant: Grant, test: str, wanted: Sequence[str | int]) -> Question:
    join, values = published(grant, "class", "c", "s.sourced_id")
    sql = f"""
        SELECT s.id, s.sourced_id, school.sourced_id FROM roster_section s {join}
        JOIN roster_calendar calendar ON calendar.id = s.calendar_id
        JOIN roster_schoolyear y ON y.id = calendar.school_year_id AND y.active
        JOIN roster_school school ON school.id = calendar.school_id
        WHERE {test} AND s.ended_at IS NULL AND s.active
    """
    return Question(sql, [*values, wanted])


def seats_asked(grant: Grant, wanted: Sequence[Mapping[str, Any]], now: dt.datetime) -> Question:
    """Return the question what each result is about: `wanted` are place, id (None: the student's own score there), item
    and student of each.
    """
    taught, taught_values = published(grant, "class", "c", "s.sourced_id")
    enrolled, enrolled_values = student(grant, "p", "person.id")
    item, person = _ITEM.format(taught=taught), _PERSON.format(enrolled=enrolled)
    today = district_day(now)
    if len(wanted) == 1 and wanted[0]["id"] is not None:
        [one] = wanted
        values = [one["id"], one["item"], one["student"], today, *taught_values, *enrolled_values]
        return Question(_ONE.format(item=item, person=person), values)
    given = orjson.dumps(wanted).decode()
    values = [given, *taught_values, *enrolled_values, today, grant.connection]
    return Question(_MANY.format(item=item, person=person), values)


def seats_in(rows: Rows) -> dict[int, Seat]:
    """Return the answers by place: the line item, the student and the scores there are."""
    return {row[0]: _seat(row) for row in rows}


def _seat(row: Sequence[Any]) -> Seat:
    item = LineItem(*row[1:5]) if row[1] is not None else None
    other = Other(*row[7:10]) if row[7] is not None else None
    before = dict(zip(_KEPT, row[11:], strict=True)) if row[11] is not None else None
    return Seat(item, row[5], row[6], other, row[10], before)


def categories_asked(grant: Grant, wanted: Collection[str]) -> Question:
    """Return the question for categories of the district and of the grant's application, by sourcedId."""
    sql = f"""
        SELECT sourced_id, id, owner_id, title FROM gradebook_category
        WHERE sourced_id = ANY(%s::text[]) AND deleted_at IS NULL AND (owner_id IS NULL OR owner_id = {OWNER})
    """
    return Question(sql, [sorted(wanted), grant.connection])


def categories_in(rows: Rows) -> dict[str, Category]:
    """Return the categories that were asked for, by sourcedId."""
    return {name: Category(*row) for name, *row in rows}


def scales(owner: int, wanted: Collection[str]) -> dict[tuple[int, str], int]:
    """Return the scales that sections use, of the district and of the owner, by section and sourcedId."""
    sql = """
        SELECT section_id, sourced_id, id FROM gradebook_sectionscale
        WHERE sourced_id = ANY(%s::text[]) AND deleted_at IS NULL AND (owner_id IS NULL OR owner_id = %s::bigint)
    """
    if not wanted:
        return {}
    return {(section, name): key for section, name, key in statements.prepared(sql, [list(wanted), owner])}
