"""What one row cannot show: duplicates, and references that lead nowhere."""

from django.db import connection

from interop.oneroster.csv import FILES
from roster.imports.problems import MOST, Report
from roster.imports.staging import Staged

TABLES: dict[str, tuple[str, ...]] = {
    "academicSessions": ("roster_schoolyear", "roster_term"),
    "classes": ("roster_section",),
    "courses": ("roster_course",),
    "orgs": ("roster_district", "roster_school"),
    "resources": ("roster_resource",),
    "users": ("roster_person",),
}


def check(staged: Staged, report: Report) -> None:
    """Note duplicates and dangling references of every staged file."""
    for file in staged.counts:
        _duplicates(file, report)
        for column in FILES[staged.version][file]:
            if column.target in TABLES:
                _dangling(staged, file, column.name, column.target, report)
    _schools(staged, report)


def _duplicates(file: str, report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE INDEX ON "stage_{file}" ("sourcedId")')
        cursor.execute(f'ANALYZE "stage_{file}"')
        cursor.execute(
            f'SELECT "sourcedId", min(line), max(line) FROM "stage_{file}" '
            f"GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 LIMIT {MOST + 1}"
        )
        for sourced_id, first, last in cursor.fetchall():
            report.error(f"{file}.csv", last, "sourcedId", f"{sourced_id} is already in line {first}")


def _dangling(staged: Staged, file: str, column: str, target: str, report: Report) -> None:
    stored = "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.sourced_id = r.ref)" for table in TABLES[target]
    )
    where = "" if staged.modes.get(target) == "bulk" and staged.modes[file] == "bulk" else stored
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.line, r.ref FROM (SELECT line, unnest(string_to_array(\"{column}\", ',')) AS ref "
            f"FROM \"stage_{file}\" WHERE status <> 'tobedeleted' AND \"{column}\" <> '') r "
            f'WHERE NOT EXISTS (SELECT 1 FROM "stage_{target}" t WHERE t."sourcedId" = r.ref){where} '
            f"ORDER BY 1 LIMIT {MOST + 1}"
        )
        for line, ref in cursor.fetchall():
            report.error(f"{file}.csv", line, column, f"{ref} is not in {target}.csv")


def _schools(staged: Staged, report: Report) -> None:
    """Classes and enrollments belong to an org of type school."""
    for file in ("classes", "enrollments"):
        if file not in staged.counts:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT min(s.line), s."schoolSourcedId" FROM "stage_{file}" s '
                'JOIN stage_orgs o ON o."sourcedId" = s."schoolSourcedId" '
                "WHERE o.type <> 'school' AND s.status <> 'tobedeleted' GROUP BY 2 ORDER BY 1"
            )
            for line, ref in cursor.fetchall():
                report.error(f"{file}.csv", line, "schoolSourcedId", f"{ref} is not an org of type school")
