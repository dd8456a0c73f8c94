"""How many rows of each kind live, at which school, and what an import did to them there."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import connection

from roster.imports.difference import AtSchool, Census
from roster.imports.endings import KINDS

CALENDAR = "JOIN roster_calendar k ON k.id = t.calendar_id"
SECTION = "JOIN roster_section x ON x.id = t.section_id JOIN roster_calendar k ON k.id = x.calendar_id"
PLACES: dict[str, tuple[str, str]] = {
    "student enrollments": (CALENDAR, "k.school_id"),
    "district assignments": ("", "t.school_id"),
    "courses": ("", "t.school_id"),
    "sections": (CALENDAR, "k.school_id"),
    "roster entries": (SECTION, "k.school_id"),
    "section staff": (SECTION, "k.school_id"),
}
"""Kinds that are held at one school, and how it is found from a row `t`."""
TABLES = {kind.name: kind.table for kind in KINDS} | {
    "demographics": "roster_demographics",
    "relationships": "roster_relationship",
}
STUDENTS = "student enrollments"


def census() -> Census:
    """Count what lives: one statement for each kind, and one for the schools."""
    found = Census()
    with connection.cursor() as cursor:
        for kind, table in TABLES.items():
            join, school = PLACES.get(kind, ("", "NULL::bigint"))
            cursor.execute(f"SELECT {school}, count(*) FROM {table} t {join} WHERE t.ended_at IS NULL GROUP BY 1")
            rows = cursor.fetchall()
            found.kinds[kind] = sum(count for _school, count in rows)
            found.schools.update({AtSchool(school, kind): count for school, count in rows if school is not None})
        cursor.execute("SELECT id FROM roster_school WHERE ended_at IS NULL")
        found.open = frozenset(pk for (pk,) in cursor)
    return found


def emptied(before: Census, after: Census) -> set[int]:
    """Return the schools that were open and had students, and now are not or have none."""
    had = {at.school for at, count in before.schools.items() if at.kind == STUDENTS and count} & before.open
    have = {at.school for at, count in after.schools.items() if at.kind == STUDENTS and count} & after.open
    return had - have


def names(schools: set[int]) -> dict[int, str]:
    """Return the names of schools."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM roster_school WHERE id = ANY(%s) ORDER BY name", [list(schools)])
        return dict(cursor.fetchall())


def by_school(before: Census, after: Census) -> list[dict[str, Any]]:
    """Return what the import at work did at each school, those hit hardest first.

    Each is {"school", "name", "empty", "kinds": {kind: {"before", "new", "changed", "ended", "after"}}}.
    """
    changed, ended = _touched()
    concerned = {at.school for at in (*changed, *ended)}
    concerned |= {
        at.school for at in before.schools.keys() | after.schools.keys() if before.schools[at] != after.schools[at]
    }
    empty = emptied(before, after)
    told = [
        {"school": pk, "name": name, "empty": pk in empty, "kinds": dict(_kinds(pk, before, after, changed, ended))}
        for pk, name in names(concerned).items()
    ]
    return sorted(told, key=lambda each: (not each["empty"], -sum(kind["ended"] for kind in each["kinds"].values())))


def _kinds(
    school: int, before: Census, after: Census, changed: Counter[AtSchool], ended: Counter[AtSchool]
) -> Iterator[tuple[str, dict[str, int]]]:
    for kind in PLACES:
        at = AtSchool(school, kind)
        was, now = before.schools[at], after.schools[at]
        if was or now or ended[at]:
            new = max(0, now - was + ended[at])
            yield kind, {"before": was, "new": new, "changed": changed[at], "ended": ended[at], "after": now}


def _touched() -> tuple[Counter[AtSchool], Counter[AtSchool]]:
    """Return how many rows the import at work changed and ended, by school and kind."""
    changed: Counter[AtSchool] = Counter()
    ended: Counter[AtSchool] = Counter()
    with connection.cursor() as cursor:
        for kind, (join, school) in PLACES.items():
            cursor.execute(
                f"SELECT {school}, count(*) FILTER (WHERE t.ended_at IS NULL), "
                "count(*) FILTER (WHERE z.lived AND t.ended_at IS NOT NULL) FROM (SELECT (c.row->>'id')::bigint AS id, "
                "bool_or(c.row ? 'ended_at' AND c.row->>'ended_at' IS NULL) AS lived "
                "FROM roster_feedstep s JOIN roster_feedtrace c ON c.step_id = s.id "
                "WHERE s.feed_id IS NULL AND s.table_name = %s AND c.row IS NOT NULL GROUP BY 1) z "
                f"JOIN {TABLES[kind]} t ON t.id = z.id {join} GROUP BY 1",
                [TABLES[kind]],
            )
            for pk, altered, gone in cursor.fetchall():
                changed[AtSchool(pk, kind)], ended[AtSchool(pk, kind)] = altered, gone
    return changed, ended
