"""The posted grades that report cards and transcripts are made of, read for many students by one statement."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

# Points are those the scale of the options in force gives the score today: mandated for the course, else the section's.
_POSTED = """
    SELECT r.person_id, s.id, coalesce(nullif(c.title, ''), s.title), c.number, school.name, y.id, y.title,
        t.id, t.title, t.start_date, t.end_date, g.id, g.title, g.credits, r.percent, r.score, r.comment, line.points
    FROM gradebook_postedgrade r
    JOIN gradebook_taskperiod p ON p.id = r.period_id
    JOIN gradebook_gradingtask g ON g.id = p.task_id
        AND CASE WHEN %(transcript)s THEN g.transcript ELSE g.report_card END
    JOIN roster_term t ON t.id = p.term_id
    JOIN roster_section s ON s.id = r.section_id
    JOIN roster_course c ON c.id = s.course_id
    JOIN roster_calendar calendar ON calendar.id = s.calendar_id
    JOIN roster_school school ON school.id = calendar.school_id
    JOIN roster_schoolyear y ON y.id = calendar.school_year_id
    LEFT JOIN LATERAL (
        SELECT x.scale_id, x.portal FROM gradebook_gradeoptions x
        WHERE x.period_id = p.id AND (x.section_id IS NULL OR x.section_id = s.id)
        ORDER BY x.section_id NULLS FIRST LIMIT 1
    ) o ON true
    LEFT JOIN LATERAL (
        SELECT max(l.points) AS points FROM gradebook_gradingscalerange l
        WHERE l.scale_id = o.scale_id AND l.score = r.score
    ) line ON true
    WHERE r.person_id = ANY(%(people)s) AND r.deleted_at IS NULL
        AND (%(year)s::bigint IS NULL OR y.id = %(year)s)
        AND (%(sections)s::bigint[] IS NULL OR s.id = ANY(%(sections)s))
        AND (NOT %(family)s OR coalesce(o.portal, true))
    ORDER BY y.start_year, y.id, t.start_date, t.end_date DESC, t.id, 3, s.id, g.sequence, g.id
"""
_TEACHERS = """
    SELECT st.section_id, n.given_name || ' ' || n.family_name
    FROM roster_sectionstaff st JOIN roster_person n ON n.id = st.person_id
    WHERE st.section_id = ANY(%s) AND st.ended_at IS NULL AND st.kind <> 'other'
    ORDER BY st.kind, n.family_name, n.given_name, st.id
"""
_YEARS = """
    SELECT DISTINCT y.id, y.title, y.start_year
    FROM gradebook_postedgrade r JOIN roster_section s ON s.id = r.section_id
    JOIN roster_calendar calendar ON calendar.id = s.calendar_id
    JOIN roster_schoolyear y ON y.id = calendar.school_year_id
    WHERE r.person_id = %s AND r.deleted_at IS NULL ORDER BY y.start_year DESC, y.id
"""


class Posted(NamedTuple):
    """One posted grade with all that is told of it."""

    person: int
    section: int
    course: str
    number: str
    school: str
    year: int
    year_title: str
    term: int
    term_title: str
    first: dt.date
    last: dt.date
    task: int
    task_title: str
    credits: Decimal | None
    percent: Decimal | None
    score: str
    comment: str
    points: Decimal | None


def of_report_cards(
    people: Collection[int], year: int, *, sections: Collection[int] | None = None, family: bool = False
) -> list[Posted]:
    """Return the grades of a school year that stand on report cards, in order of time and course.

    With `sections` only theirs; for a `family` only those it may see.
    """
    return _read(people, year=year, sections=None if sections is None else list(sections), family=family)


def of_transcripts(people: Collection[int], *, family: bool = False) -> list[Posted]:
    """Return the final grades of all years that stand on transcripts."""
    return _read(people, transcript=True, family=family)


def years(person: int) -> list[tuple[int, str]]:
    """Return the school years in which a student has grades, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(_YEARS, [person])
        return [(key, title) for key, title, _year in cursor.fetchall()]


def teachers(sections: Collection[int]) -> dict[int, list[str]]:
    """Return the names of who teaches these sections, the primary teacher first."""
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TEACHERS, [list(sections)])
        for section, name in cursor.fetchall():
            if name not in found.setdefault(section, []):
                found[section].append(name)
    return found


def _read(people: Collection[int], **asked: Any) -> list[Posted]:
    told = {"transcript": False, "year": None, "sections": None, "family": False, **asked, "people": list(people)}
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, told)
        return [Posted(*row) for row in cursor.fetchall()]
