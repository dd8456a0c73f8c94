"""What the references of a request mean: what is not shared with the connection is unknown to it."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

from assessments.reading.sources import STUDENT, class_of
from assessments.services.rows import SCORES
from connections.grants import Grant
from gradebook.reading.sources import student
from interop import statements
from interop.oneroster.errors import unavailable

# The school year counts from the day after the last one's end: scores of the summer before it are its own.
YEAR = """
    SELECT y.id, coalesce((SELECT max(p.end_date) + 1 FROM roster_schoolyear p
                           WHERE p.end_year < y.end_year AND p.ended_at IS NULL AND p.end_date < y.start_date),
                          y.start_date, make_date(y.start_year, 1, 1)) AS first_day
    FROM roster_schoolyear y WHERE y.active AND y.ended_at IS NULL
"""
_PAST = """
    SELECT s.name FROM unnest(%s::text[]) s(name)
    WHERE EXISTS (
        SELECT FROM roster_person p JOIN roster_enrollment e ON e.person_id = p.id
        JOIN roster_calendar c ON c.id = e.calendar_id
        WHERE p.sourced_id = s.name AND (%s::bigint[] IS NULL OR c.school_id = ANY(%s::bigint[]))
    ) AND NOT EXISTS (
        SELECT FROM roster_person p JOIN roster_enrollment e ON e.person_id = p.id
        JOIN roster_calendar c ON c.id = e.calendar_id JOIN roster_schoolyear y ON y.id = c.school_year_id AND y.active
        WHERE p.sourced_id = s.name AND e.ended_at IS NULL AND NOT e.no_show
    )
"""
LATER = 3600
_KEPT = ("id", "sourced_id", "owner_id", "deleted_at", *SCORES.columns)


class Taken(NamedTuple):
    """A test as a score needs it: its key, owner, whether its class is shared, its scale and bounds."""

    id: int
    owner: int | None
    reached: bool
    score_is: str
    minimum: Decimal | None
    maximum: Decimal | None
    scale: int | None


class Seat(NamedTuple):
    """What a result is about: test and student when they are known, the row of its own id, whether an older one waits,
    and the first day of the school year.
    """

    test: Taken | None
    person: int | None
    waits: bool
    first: dt.date | None
    before: dict[str, Any] | None


class Scale(NamedTuple):
    """A score scale: its key and sourcedId, and its lines."""

    id: int
    sourced_id: str
    lines: tuple[tuple[str, Decimal | None, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What scores are called."""
        return tuple(right for _, _, right in self.lines)

    @property
    def bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """The lowest and the highest number in it; the highest is known where every line is a range."""
        found = [_range(left, minimum) for left, minimum, _ in self.lines]
        lows = [low for low, _ in found if low is not None]
        highs = [high for _, high in found if high is not None]
        whole = len(lows) == len(found) and lows
        return (min(lows) if whole else None), (max(highs) if whole and len(highs) == len(found) else None)


def _range(left: str, minimum: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Return the bounds a line tells: "90-100", or "90" and no upper one."""
    if not left:
        return minimum, None
    low, dash, high = left.rpartition("-")
    try:
        return (Decimal(low), Decimal(high)) if dash and low.strip() else (Decimal(left), None)
    except InvalidOperation:
        return None, None


def seats(grant: Grant, owner: int, wanted: Sequence[Mapping[str, Any]]) -> dict[int, Seat]:
    """Return what each result is about, by its place; `wanted` are place, id, test and student of each."""
    taught, taught_values = class_of(grant, "t.section_id", "s")
    enrolled, enrolled_values = student(grant, "p", "person.id")
    columns = ", ".join(f'k."{name}"' for name in _KEPT)
    # each LIMIT keeps the planner at one search of an index for each result, whatever it believes their number to be
    sql = f"""
        SELECT n.place, t.id, t.owner_id, t.reached, t.score_is, t.minimum, t.maximum, t.scale_id, person.id,
            EXISTS (SELECT FROM assessments_unmatched u WHERE u.owner_id = %s::bigint AND u.kind = 'assessmentResult'
                AND u.sourced_id = n.id),
            year.first_day, {columns}
        FROM jsonb_to_recordset(%s::jsonb) AS n(place int, id text, test text, student text)
        LEFT JOIN LATERAL (
            SELECT t.*, {taught} AS reached FROM assessments_test t
            WHERE t.sourced_id = n.test AND t.deleted_at IS NULL LIMIT 1
        ) t ON true
        LEFT JOIN LATERAL (
            SELECT person.id FROM roster_person person {enrolled} AND p{STUDENT} WHERE p.sourced_id = n.student LIMIT 1
        ) person ON true
        LEFT JOIN LATERAL (SELECT k.* FROM assessments_testscore k WHERE k.sourced_id = n.id LIMIT 1) k ON true
        LEFT JOIN ({YEAR}) year ON true
    """
    given = orjson.dumps(wanted).decode()
    rows = statements.prepared(sql, [owner, given, *taught_values, *enrolled_values])
    return {row[0]: _seat(row) for row in rows}


def _seat(row: Sequence[Any]) -> Seat:
    before = dict(zip(_KEPT, row[11:], strict=True)) if row[11] is not None else None
    return Seat(Taken(*row[1:8]) if row[1] is not None else None, row[8], row[9], row[10], before)


def gone(grant: Grant, students: Collection[str]) -> set[str]:
    """Return those of the sourcedIds who were students at the grant's schools and are not this year."""
    if not students:
        return set()
    schools = None if grant.schools is None else sorted(grant.schools)
    return {name for (name,) in statements.prepared(_PAST, [list(students), schools, schools])}


def reached(grant: Grant, section: int | None) -> bool:
    """Return whether a test of this class (None: of none) is one the grant sees."""
    if section is None:
        return True
    text, values = class_of(grant, "t.section", "s")
    [(seen,)] = statements.prepared(f"SELECT {text} FROM (SELECT %s::bigint AS section) t", [*values, section])
    return bool(seen)


def year() -> int:
    """Return the key of the current school year; the standard's 503 while there is none."""
    for key, _ in statements.prepared(YEAR, []):
        return int(key)
    raise unavailable(LATER)


def scales(grant: Grant, owner: int, wanted: Collection[str] = (), keys: Collection[int] = ()) -> list[Scale]:
    """Return scales by sourcedId, of classes the grant sees, the district's and the owner's; and those with keys."""
    if not wanted and not keys:
        return []
    taught, values = class_of(grant, "k.section_id", "s")
    sql = f"""
        SELECT k.id, k.sourced_id, (
            SELECT coalesce(jsonb_agg(jsonb_build_array(g."left", g.minimum::text, g.score) ORDER BY g.sequence), '[]')
            FROM gradebook_gradingscalerange g WHERE g.scale_id = k.scale_id)
        FROM gradebook_sectionscale k
        WHERE k.deleted_at IS NULL AND (k.id = ANY(%s::bigint[]) OR (k.sourced_id = ANY(%s::text[])
            AND (k.owner_id IS NULL OR k.owner_id = %s::bigint) AND {taught}))
    """
    rows = statements.prepared(sql, [list(keys), list(wanted), owner, *values])
    return [Scale(key, name, tuple(_line(*line) for line in lines)) for key, name, lines in rows]


def _line(left: str, minimum: str | None, right: str) -> tuple[str, Decimal | None, str]:
    return left, None if minimum is None else Decimal(minimum), right
