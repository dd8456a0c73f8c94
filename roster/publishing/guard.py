"""Is this publication suspicious? Then it waits for a named person."""

from collections import Counter

from django.db import connection

from interop.oneroster.resource import V1P2
from roster.models import Calendar, School
from roster.publishing.errors import Held
from roster.visibility import CALENDAR, SCHOOL, Effect, Moment, passing, with_effect

MIN_ROWS = 25
MIN_PEOPLE = 5
END_SHARE = 0.10
CHANGE_SHARE = 0.75


def suspicious(kind: str, before: int, changed: int, ended: int) -> list[str]:
    """Return sentences about a kind of which too much would end or change."""
    reasons = []
    if ended >= MIN_ROWS and ended > END_SHARE * before:
        reasons.append(f"{ended} of {before} {kind} records would end")
    if changed >= MIN_ROWS and changed > CHANGE_SHARE * before:
        reasons.append(f"{changed} of {before} {kind} records would change")
    return reasons


def people_by_school() -> Counter[int]:
    """Count active users by school."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(school || coalesce(others, '{}')), count(*) FROM roster_record"
            " WHERE version = %s AND object = 'user' AND retired_at IS NULL"
            " AND status = 'active' AND school IS NOT NULL GROUP BY 1",
            [V1P2],
        )
        return Counter(dict(cursor.fetchall()))


def emptied(before: Counter[int], moment: Moment) -> list[str]:
    """Return sentences about schools that had people and now have none, though nobody excluded them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unnest(school || coalesce(others, '{}')) FROM roster_record"
            " WHERE version = %s AND object = 'user' AND retired_at IS NULL"
            " AND status = 'active' AND school IS NOT NULL",
            [V1P2],
        )
        after = {row[0] for row in cursor}
    empty = {school for school, people in before.items() if people >= MIN_PEOPLE} - after
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
