"""Why somebody should look at an import before it counts: it takes too much, or it is not this district's, or old."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from roster.feeding.limits import Limits
from roster.imports import places
from roster.imports.difference import Alarm, Census, Difference
from roster.imports.passed import NOTHING, Passed, passed
from roster.imports.staging import UNENDED, Staged
from roster.models import FeedImport

KNOWN_SHARE = 0.5
"""The share of a bulk file's people who must be known here already, once the district has people."""
FILES = {
    "orgs": "schools", "academicSessions": "terms", "users": "people", "roles": "student enrollments",
    "courses": "courses", "classes": "sections", "enrollments": "roster entries", "demographics": "demographics",
}  # fmt: skip
"""Which living rows a file without rows would end."""


def about_package(staged: Staged, before: Census) -> Iterator[Alarm]:
    """Yield what is suspicious about the staged package, before anything is applied."""
    if before.kinds["people"]:
        yield from _cut(staged)
        yield from _empty(staged, before)
        yield from _another_district(staged, before)
        yield from _school_year(staged)


def about_difference(
    difference: Difference, before: Census, after: Census, limits: Limits, now: datetime.datetime
) -> Iterator[Alarm]:
    """Yield what is suspicious about what the import did at `now`."""
    yield from _too_much(difference, limits, {}) and _too_much(difference, limits, passed(difference, now))
    empty = places.emptied(before, after)
    for pk, name in places.names(empty).items():
        yield Alarm(f"empty {pk}", _("%s would have no students left") % name, places.STUDENTS)
    yield from _garbled()


def _too_much(difference: Difference, limits: Limits, passed: Mapping[str, Passed]) -> list[Alarm]:
    """Return the kinds of which too much ends or changes besides what has passed."""
    found = []
    for kind, live in difference.before.items():
        over = passed.get(kind, NOTHING)
        ended, changed = difference.ended.get(kind, 0) - over.ended, difference.changed.get(kind, 0) - over.changed
        left, limit = live - over.ended, limits.of(kind)
        if limits.ends_too_many(kind, left, ended):
            told = f"{ended:,} of {left:,} {kind} would end (more than {limit.ended} %)"
            found.append(Alarm(f"ended {kind}", told, kind))
        if limits.changes_too_many(kind, left, changed):
            told = f"{changed:,} of {left:,} {kind} would change (more than {limit.changed} %)"
            found.append(Alarm(f"changed {kind}", told, kind))
    return found


def _cut(staged: Staged) -> Iterator[Alarm]:
    """A file whose last row has no line end may be cut off, unless the import before had it like that as well."""
    if staged.unended:
        last = FeedImport.objects.exclude(applied_at=None).order_by("-applied_at").values_list("warnings", flat=True)
        usual = {file for file, _column, message, _times in last.first() or [] if message == UNENDED}
        for file in sorted(staged.unended - usual):
            yield Alarm(
                f"cut {file}", _("%s has no end behind its last row, unlike other files: is it cut off?") % file
            )


def _empty(staged: Staged, before: Census) -> Iterator[Alarm]:
    for file, kind in FILES.items():
        if staged.modes.get(file) == "bulk" and staged.counts.get(file) == 0 and before.kinds[kind]:
            yield Alarm(f"no rows {file}", _("%s.csv has no rows") % file, kind)


def _another_district(staged: Staged, before: Census) -> Iterator[Alarm]:
    """A package of another district names another one, and people nobody knows here."""
    strange = _one(
        "SELECT min(s.name) FROM stage_orgs s WHERE s.type = 'district' AND s.status <> 'tobedeleted' "
        "AND EXISTS (SELECT 1 FROM roster_district WHERE sourced_id <> 'district' AND ended_at IS NULL) "
        'AND NOT EXISTS (SELECT 1 FROM stage_orgs z JOIN roster_district d ON d.sourced_id = z."sourcedId" '
        "WHERE z.type = 'district')"
    )
    if strange:
        yield Alarm("district", _("it comes from another district: %s") % strange)
    total = staged.counts.get("users", 0)
    if staged.modes.get("users") == "bulk" and min(total, before.kinds["people"]) >= Limits().least:
        known = _one('SELECT count(*) FROM stage_users s JOIN roster_person p ON p.sourced_id = s."sourcedId"')
        if known < total * KNOWN_SHARE:
            told = _("only %(known)s of its %(total)s people are known here")
            yield Alarm("strangers", told % {"known": f"{known:,}", "total": f"{total:,}"}, "people")


def _school_year(staged: Staged) -> Iterator[Alarm]:
    """A package of an older year would bring back what is over; one that makes another year active is no routine."""
    year = _one("SELECT max(end_year) FROM roster_schoolyear WHERE active AND ended_at IS NULL")
    newest = _one('SELECT max(s."schoolYear"::int) FROM "stage_academicSessions" s WHERE s.status <> \'tobedeleted\'')
    if staged.modes.get("academicSessions") == "bulk" and year and newest and newest < year:
        told = _("it is of the school year %(newest)s, and %(year)s is active")
        yield Alarm("old year", told % {"newest": _span(newest), "year": _span(year)})


def about_year(before: str, after: str) -> Iterator[Alarm]:
    """Yield that another school year was made active, told by titles."""
    if before and before != after:
        yield Alarm("active year", _("it makes another school year active: %s") % (after or _("none")))


def active_year() -> str:
    """Return the title of the active school year; blank when there is none."""
    return str(_one("SELECT min(title) FROM roster_schoolyear WHERE active AND ended_at IS NULL") or "")


GARBLED = "'[\u00c2\u00c3\u00c4\u00c5][\u0080-\u00bf]'"
"""What UTF-8 looks like that was taken for Latin-1 and encoded once more."""
NAMES: tuple[tuple[str, str], ...] = (
    ("roster_person", "given_name"), ("roster_person", "family_name"), ("roster_school", "name"),
    ("roster_course", "title"), ("roster_section", "title"),
)  # fmt: skip
FEW = 3


def _garbled() -> Iterator[Alarm]:
    """Names whose letters with accents became two letters each were encoded twice on their way here."""
    traced = "SELECT count(*) FROM roster_feedstep s JOIN roster_feedtrace c ON c.step_id = s.id"
    counts = [
        _one(
            f"{traced} JOIN {table} t ON t.id = (c.row->>'id')::bigint WHERE s.feed_id IS NULL "
            f"AND s.table_name = '{table}' AND c.row ? '{column}' "
            f"AND t.{column} ~ {GARBLED} AND c.row->>'{column}' !~ {GARBLED}"
        )
        for table, column in NAMES
    ]
    wrong = sum(counts)
    if wrong >= FEW:
        told = _("%s names would change from one encoding into another: the letters with accents are garbled")
        yield Alarm("garbled", told % f"{wrong:,}", "people")


def _span(end_year: int) -> str:
    return f"{end_year - 1}-{end_year % 100:02d}"


def _one(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
