"""Is this publication suspicious? Then it waits for a named person."""

import datetime
from collections import Counter
from collections.abc import Callable

from django.db import connection

from interop.oneroster.resource import V1P2
from roster.feeding.limits import OTHERS, limits
from roster.models import Calendar, Edition, School
from roster.publishing.errors import Held
from roster.visibility import CALENDAR, SCHOOL, Effect, Moment, passing, with_effect

MIN_PEOPLE = 5


# A section is over when every term it meets in is.
_OVER = """
    SELECT l.section_id FROM roster_section_terms l JOIN roster_term m ON m.id = l.term_id
    GROUP BY 1 HAVING max(m.end_date) < %(today)s
"""
_SEAT = """
    SELECT sourced_id FROM {} WHERE end_date < %(today)s
    OR ended_at IS NOT NULL AND section_id IN (SELECT section_id FROM over)
"""
PASSED = {
    "enrollment": f"{_SEAT.format('roster_rosterentry')} UNION ALL {_SEAT.format('roster_sectionstaff')}",
    "class": "SELECT sourced_id FROM roster_section WHERE ended_at IS NOT NULL AND id IN (SELECT section_id FROM over)",
    "course": "SELECT c.sourced_id FROM roster_course c WHERE c.ended_at IS NOT NULL AND NOT EXISTS ("
    "SELECT 1 FROM roster_section x WHERE x.course_id = c.id AND x.id NOT IN (SELECT section_id FROM over))",
    "academicSession": "SELECT sourced_id FROM roster_term WHERE ended_at IS NOT NULL AND end_date < %(today)s",
}
"""What is over by its own dates, or those of its terms, by kind of record."""


def passed(kind: str, today: datetime.date) -> int:
    """Return how many active records of the last edition are over by their own dates and end for that reason.

    When a semester ends, a seventh or a half of all classes end with everybody in them. That is no mass deletion.
    """
    kind = kind.split(maxsplit=1)[0]
    last = Edition.objects.order_by("-number").values_list("published_at", flat=True).first()
    if last is None or kind not in PASSED:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH over AS MATERIALIZED ({_OVER}), passed AS MATERIALIZED ({PASSED[kind]})"
            " SELECT count(*) FROM roster_record WHERE version = %(version)s AND object = %(kind)s"
            " AND status = 'active' AND modified <= %(last)s AND (retired_at IS NULL OR retired_at > %(last)s)"
            " AND sourced_id IN (SELECT sourced_id FROM passed)",
            {"today": today, "version": V1P2, "kind": kind, "last": last},
        )
        return int(cursor.fetchone()[0])


def suspicious(kind: str, counted: Callable[[int | None], int], changed: int, ended: int, moment: Moment) -> list[str]:
    """Return sentences about a kind of which too much would end or change, besides what has passed.

    `counted` tells how many were active before, or that they were at least as many as asked (None: all of them).
    The limit is the one of all kinds without their own (`roster/feeding/limits.py`); those are kinds of the feed.
    """
    held, reasons = limits(), []
    before = counted(held.enough(OTHERS, ended, changed))
    if held.ends_too_many(OTHERS, before, ended):
        over = min(ended, passed(kind, moment.today))
        before, ended = before - over, ended - over
    if held.ends_too_many(OTHERS, before, ended):
        reasons.append(f"{ended} of {before} {kind} records would end")
    if held.changes_too_many(OTHERS, before, changed):
        reasons.append(f"{changed} of {before} {kind} records would change")
    return reasons


def emptied(left: Counter[int], moment: Moment) -> list[str]:
    """Return sentences about schools that so many have left and where nobody is now, though nobody excluded them."""
    many = [school for school, people in left.items() if people >= MIN_PEOPLE]
    if not many:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.school FROM unnest(%s::bigint[]) AS s(school) WHERE NOT EXISTS ("
            " SELECT 1 FROM roster_record r WHERE r.version = %s AND r.object = 'user' AND r.retired_at IS NULL"
            " AND r.status = 'active' AND (r.school = s.school OR r.others @> ARRAY[s.school]))",
            [many, V1P2],
        )
        empty = [school for (school,) in cursor.fetchall()]
    if not empty:
        return []
    open_schools = passing(with_effect(SCHOOL, Effect.PROTECTS), moment).filter(pk__in=empty)
    excluded = Calendar.objects.filter(school_year=moment.year).exclude(
        pk__in=passing(with_effect(CALENDAR, Effect.PROTECTS), moment).values("pk")
    )
    names = School.objects.filter(pk__in=open_schools).exclude(calendars__in=excluded).order_by("name")
    return [f"{name} would be left without people" for name in names.values_list("name", flat=True)]


def check(reasons: list[str], *, force: bool) -> None:
    """Raise Held when there is a reason and nobody said to go on."""
    if reasons and not force:
        raise Held(reasons)
