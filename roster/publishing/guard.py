"""Is this publication suspicious? Then it waits for a named person."""

from collections import Counter

from django.db import connection

from interop.oneroster.resource import V1P2
from roster.feeding.limits import OTHERS, limits
from roster.models import Calendar, School
from roster.publishing.errors import Held
from roster.visibility import CALENDAR, SCHOOL, Effect, Moment, passing, with_effect

MIN_PEOPLE = 5


def suspicious(kind: str, before: int, changed: int, ended: int) -> list[str]:
    """Return sentences about a kind of which too much would end or change.

    The limit is the one of all kinds without their own (`roster/feeding/limits.py`); those are kinds of the feed.
    """
    held, reasons = limits(), []
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
