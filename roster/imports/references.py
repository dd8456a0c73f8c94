"""What one row cannot show: duplicates, and references that lead nowhere."""

from django.db import connection

from interop.oneroster.csv import FILES, Column
from roster.imports.nested import CALENDARS, RELATIONSHIPS, of_calendars
from roster.imports.problems import MOST, Report
from roster.imports.sources import PREFIX, own_columns
from roster.imports.staging import Staged

TABLES: dict[str, tuple[str, ...]] = {
    "academicSessions": ("roster_schoolyear", "roster_term"),
    "classes": ("roster_section",),
    "courses": ("roster_course",),
    "orgs": ("roster_district", "roster_school"),
    "resources": ("roster_resource",),
    "users": ("roster_person",),
}
GRADES, STRUCTURES = of_calendars("grades"), of_calendars("structures")
# What our own columns name: file, column, the lists in the package that give it, the table that may have it already.
OWN = (
    ("roles", "calendarSourcedId", f"SELECT c->>'sourcedId' FROM {CALENDARS}", "roster_calendar"),
    ("roles", "gradeLevelSourcedId", f"SELECT x->>'sourcedId' FROM {GRADES}", "roster_gradelevel"),
    ("classes", "calendarSourcedId", f"SELECT c->>'sourcedId' FROM {CALENDARS}", "roster_calendar"),
)
# What a list of ours may hold only once: file, column, what it is, rows, key.
ONCE = (
    ("orgs", "calendars", "calendar", CALENDARS, "c->>'sourcedId'"),
    ("orgs", "calendars", "calendar of the school in the school year", CALENDARS,
     "s.\"sourcedId\" || ' ' || (c->>'schoolYear')"),
    ("orgs", "calendars", "grade level", GRADES, "x->>'sourcedId'"),
    ("orgs", "calendars", "schedule structure", STRUCTURES, "x->>'sourcedId'"),
    ("users", "relationships", "relationship", RELATIONSHIPS, "x->>'sourcedId'"),
    ("users", "relationships", "relationship of the two", RELATIONSHIPS,
     "s.\"sourcedId\" || ' ' || (x->>'contact')"),
)  # fmt: skip


def check(staged: Staged, report: Report) -> None:
    """Note duplicates and dangling references of every staged file."""
    for file in staged.counts:
        _duplicates(staged, file, report)
    for file in staged.counts:
        for column in _columns(staged, file):
            if column.kind in {"id", "ids"} and column.target:
                _dangling(staged, file, column, report)
    _kinds(staged, report)
    for file, name, given, table in OWN:
        if staged.has(file, name):
            _own_dangling(staged, file, name, given, table, report)
    for file, name, what, rows, key in ONCE:
        if staged.has(file, name):
            _twice(file, name, what, rows, key, report)
    _years(staged, report)


def _columns(staged: Staged, file: str) -> list[Column]:
    """Return the columns that are staged, under the names they are staged by."""
    version = 12 if file in {"roles", "userResources"} else staged.version
    ours = [Column(name, column.kind, target=column.target) for name, column in own_columns(version, file).values()]
    return [column for column in (*FILES[version][file], *ours) if staged.carries(file, column.name)]


def _named(staged: Staged, file: str) -> str:
    """Return the name of the file people know: in 1.1 roles stand in users.csv."""
    return "users.csv" if staged.version == 11 and file in {"roles", "userResources"} else f"{file}.csv"


def _duplicates(staged: Staged, file: str, report: Report) -> None:
    """Take rows that are there again with the same content once; note those that say something else."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE INDEX ON "stage_{file}" ("sourcedId")')
        cursor.execute(f'ANALYZE "stage_{file}"')
    if not _twice_named(file):
        return
    if same := _take_once(file):
        staged.counts[file] -= same
        report.warn(_named(staged, file), "sourcedId", "is there again with the same content, and taken once", same)
    for sourced_id, first, last in _twice_named(file):
        report.error(_named(staged, file), last, "sourcedId", f"{sourced_id} is already in line {first}")


def _twice_named(file: str) -> list[tuple[str, int, int]]:
    """Return the sourcedIds that several rows of a file have, with the first and the last line."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "sourcedId", min(line), max(line) FROM "stage_{file}" WHERE "sourcedId" <> \'\' '
            f"GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 LIMIT {MOST + 1}"
        )
        return list(cursor.fetchall())


def _take_once(file: str) -> int:
    """Delete the staged rows that repeat the first of their sourcedId word for word; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM "stage_{file}" s USING (SELECT "sourcedId" AS id, min(line) AS line FROM "stage_{file}" '
            "WHERE \"sourcedId\" <> '' GROUP BY 1 HAVING count(*) > 1) d "
            f'JOIN "stage_{file}" f ON f."sourcedId" = d.id AND f.line = d.line '
            "WHERE s.\"sourcedId\" = d.id AND s.line > d.line AND to_jsonb(s) - 'line' = to_jsonb(f) - 'line'"
        )
        return int(cursor.rowcount)


def _dangling(staged: Staged, file: str, column: Column, report: Report) -> None:
    """Note references into nothing. What is not stored can only be known when both files are whole."""
    target, whole = column.target, staged.modes.get(column.target) == "bulk" and staged.modes[file] == "bulk"
    if target not in TABLES and not whole:
        return
    stored = "" if whole else "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.sourced_id = r.ref)" for table in TABLES[target]
    )  # fmt: skip
    ref = f"unnest(string_to_array(\"{column.name}\", ','))" if column.kind == "ids" else f'"{column.name}"'
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT r.line, r.ref FROM (SELECT line, {ref} AS ref FROM "stage_{file}" '
            f"WHERE status <> 'tobedeleted' AND \"{column.name}\" <> '') r "
            f'WHERE NOT EXISTS (SELECT 1 FROM "stage_{target}" t WHERE t."sourcedId" = r.ref){stored} '
            f"ORDER BY 1 LIMIT {MOST + 1}"
        )
        for line, ref in cursor.fetchall():
            report.error(_named(staged, file), line, column.name, f"{ref} is not in {target}.csv")


def _own_dangling(staged: Staged, file: str, name: str, given: str, table: str, report: Report) -> None:
    column = PREFIX + name
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT r.line, r."{column}" FROM "stage_{file}" r WHERE r."{column}" <> \'\' '
            f"AND r.status <> 'tobedeleted' AND r.\"{column}\" NOT IN ({given}) "
            f'AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.sourced_id = r."{column}") '
            f"ORDER BY 1 LIMIT {MOST + 1}"
        )
        for line, ref in cursor.fetchall():
            report.error(_named(staged, file), line, column, f"{ref} is not among the calendars of orgs.csv")


def _twice(file: str, name: str, what: str, rows: str, key: str, report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(s.line), {key} FROM {rows} GROUP BY 2 HAVING count(*) > 1 ORDER BY 1 LIMIT {MOST + 1}"
        )
        for line, value in cursor.fetchall():
            report.error(f"{file}.csv", line, PREFIX + name, f"{value} is the {what} twice")


# What an org or session must be where another row names it: file, column, file named, type expected.
KINDS = (
    ("classes", "schoolSourcedId", "orgs", "school"),
    ("enrollments", "schoolSourcedId", "orgs", "school"),
    ("courses", "schoolYearSourcedId", "academicSessions", "schoolYear"),
)


def _kinds(staged: Staged, report: Report) -> None:
    """Classes and enrollments belong to an org of type school, courses to a session of type schoolYear."""
    for file, column, target, kind in KINDS:
        if file not in staged.counts:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT min(s.line), s."{column}", t.type FROM "stage_{file}" s '
                f'JOIN "stage_{target}" t ON t."sourcedId" = s."{column}" '
                f"WHERE t.type <> '{kind}' AND s.status <> 'tobedeleted' GROUP BY 2, 3 ORDER BY 1 LIMIT {MOST + 1}"
            )
            for line, ref, found in cursor.fetchall():
                report.error(f"{file}.csv", line, column, f"{ref} is of type {found}; expected type {kind}")


def _years(staged: Staged, report: Report) -> None:
    """Students and classes need a school year: one in the package or one known here."""
    if any(staged.counts.get(file) for file in ("roles", "classes", "users")):
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT EXISTS (SELECT 1 FROM roster_schoolyear) OR EXISTS (SELECT 1 FROM "stage_academicSessions")'
            )
            if not cursor.fetchone()[0]:
                message = "has no session and no school year is known here; expected at least one"
                report.error("academicSessions.csv", 0, "", message)


def note_unstored(staged: Staged, report: Report) -> None:
    """Warn of roles that have no place here: those at an org that is not a school."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT s.role, o.type, count(*) FROM stage_roles s JOIN stage_orgs o ON o."sourcedId" = s."orgSourcedId" '
            "WHERE o.type <> 'school' AND s.role NOT IN ('guardian', 'parent', 'relative') "
            "AND s.status <> 'tobedeleted' GROUP BY 1, 2 ORDER BY 1, 2"
        )
        for role, kind, count in cursor.fetchall():
            file, column = _named(staged, "roles"), "orgSourcedId" if staged.version == 12 else "orgSourcedIds"
            report.warn(file, column, f"{count:,} of role {role} at a {kind} are not stored: roles are held at schools")
