"""What a feed ends: rows missing from a bulk file, rows a delta sends as tobedeleted."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from roster.imports.nested import RELATIONSHIPS
from roster.imports.sources import PREFIX
from roster.imports.staging import Staged
from roster.imports.upserts import set_columns


@dataclass(frozen=True)
class Kind:
    """A table fed by a file; `which` picks the file's rows that are its own, `dated` when it has an end date."""

    name: str
    table: str
    file: str
    which: str = "true"
    dated: bool = False


STAFF = "s.role NOT IN ('student', 'guardian', 'parent', 'relative')"
KINDS = (
    Kind("schools", "roster_school", "orgs", "s.type = 'school'"),
    Kind("school years", "roster_schoolyear", "academicSessions", "s.type = 'schoolYear'"),
    Kind("terms", "roster_term", "academicSessions", "s.type <> 'schoolYear'"),
    Kind("resources", "roster_resource", "resources"),
    Kind("people", "roster_person", "users"),
    Kind("student enrollments", "roster_enrollment", "roles", "s.role = 'student'", dated=True),
    Kind("district assignments", "roster_districtassignment", "roles", STAFF, dated=True),
    Kind("courses", "roster_course", "courses"),
    Kind("sections", "roster_section", "classes"),
    Kind("roster entries", "roster_rosterentry", "enrollments", "s.role = 'student'", dated=True),
    Kind("section staff", "roster_sectionstaff", "enrollments", "s.role <> 'student'", dated=True),
)


def live_counts() -> dict[str, int]:
    """Count the live rows of each kind."""
    tables = [(kind.name, kind.table) for kind in KINDS]
    tables += [("demographics", "roster_demographics"), ("relationships", "roster_relationship")]
    counts = {}
    with connection.cursor() as cursor:
        for name, table in tables:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE ended_at IS NULL")
            counts[name] = int(cursor.fetchone()[0])
    return counts


def end_missing(staged: Staged, now: datetime.datetime, today: datetime.date) -> Iterator[tuple[str, int]]:
    """End what the package ends; dated rows get an end date no later than today as well."""
    for kind in KINDS:
        if staged.modes.get(kind.file, "absent") != "absent":
            yield kind.name, _end(kind, staged, now, today)
    if "demographics" in staged.counts:
        yield "demographics", _end_demographics(staged.modes["demographics"], now)
    if staged.modes.get("users", "absent") != "absent":
        yield "relationships", _end_relationships(staged, now, today)


SAID_ENDED = f"(s.status = 'tobedeleted' OR s.\"{PREFIX}endedAt\" <> '')"


def _end(kind: Kind, staged: Staged, now: datetime.datetime, today: datetime.date) -> int:
    named = f'SELECT 1 FROM "stage_{kind.file}" s WHERE s."sourcedId" = t.sourced_id'
    test = _test(staged.modes[kind.file], named, kind.which)
    if kind.file == "roles" and staged.version == 11:  # a person's row names all their roles, in a delta too
        test += (
            ' OR EXISTS (SELECT 1 FROM stage_users u JOIN roster_person p ON p.sourced_id = u."sourcedId" '
            f"WHERE p.id = t.person_id) AND NOT EXISTS ({named} AND {kind.which})"
        )
    return set_columns(kind.table, _ended(now, today if kind.dated else None), f"t.ended_at IS NULL AND ({test})")


def _ended(now: datetime.datetime, today: datetime.date | None) -> dict[str, str]:
    """Return what ending sets, as SQL: the moment, and no later end date for rows that have one."""
    values = {"ended_at": f"'{now.isoformat()}'::timestamptz"}
    return values | {"end_date": f"least(t.end_date, '{today.isoformat()}'::date)"} if today else values


def _test(mode: str, named: str, which: str = "true") -> str:
    """Return the test for rows to end: not living in a bulk file, or in a delta and not living there."""
    living = f"({which} AND NOT {SAID_ENDED})"
    return f"NOT EXISTS ({named} AND {living})" if mode == "bulk" else f"EXISTS ({named} AND NOT {living})"


def _end_demographics(mode: str, now: datetime.datetime) -> int:
    named = (
        'SELECT 1 FROM stage_demographics s JOIN roster_person p ON p.sourced_id = s."sourcedId" '
        "WHERE p.id = t.person_id"
    )
    return set_columns("roster_demographics", _ended(now, None), f"t.ended_at IS NULL AND ({_test(mode, named)})")


def _end_relationships(staged: Staged, now: datetime.datetime, today: datetime.date) -> int:
    """End the relationships of staged people that their rows no longer name.

    Our own column names each relationship once, in the student's row. Agents may stand in either row, so a delta
    row without agents says nothing.
    """
    if staged.has("users", "relationships"):
        pairs = (
            f"SELECT s.\"sourcedId\" AS own, x->>'contact' AS agent FROM {RELATIONSHIPS} "
            "WHERE s.status <> 'tobedeleted' AND coalesce(x->>'endedAt', '') = ''"
        )
        told = "true"
    else:
        named = (
            'SELECT "sourcedId" AS own, unnest(string_to_array("agentSourcedIds", \',\')) AS agent '
            "FROM stage_users WHERE status <> 'tobedeleted'"
        )
        pairs = f"SELECT own, agent FROM ({named}) n UNION SELECT agent, own FROM ({named}) n"
        told = "u.\"agentSourcedIds\" <> ''"
    scope = f'EXISTS (SELECT 1 FROM stage_users u WHERE u."sourcedId" = a.sourced_id AND {told})'
    return set_columns(
        "roster_relationship",
        _ended(now, today),
        "a.id = t.student_id AND b.id = t.contact_id "
        f"AND t.ended_at IS NULL AND {'true' if staged.modes['users'] == 'bulk' else scope} "
        f"AND NOT EXISTS (SELECT 1 FROM ({pairs}) n WHERE n.own = a.sourced_id AND n.agent = b.sourced_id)",
        beside="roster_person a, roster_person b",
    )
