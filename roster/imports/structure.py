"""Orgs, sessions, calendars, grade levels and resources: from staging into the tables."""

import datetime
from collections.abc import Callable

from roster.imports.nested import CALENDARS, of_calendars
from roster.imports.sources import PREFIX
from roster.imports.staging import Staged
from roster.imports.upserts import ENDED, Change, add, date, flag, items, set_columns, text, upsert

# every session with its school year: a class may name a whole school year as its term
SESSIONS = (
    "(SELECT sourced_id, school_year_id AS year FROM roster_term "
    "UNION ALL SELECT sourced_id, id FROM roster_schoolyear)"
)

LIVE = "s.status <> 'tobedeleted'"
Step = tuple[str, Callable[[], Change]]


def kept(staged: Staged, file: str, **columns: str) -> frozenset[str]:
    """Return the columns whose own metadata column the file does not carry: those are kept here."""
    return frozenset(column for column, name in columns.items() if not staged.has(file, name))


def structure_steps(staged: Staged, today: datetime.date) -> list[Step]:
    """Return the steps that upsert everything people and sections stand on."""
    return [
        ("districts", _districts),
        ("schools", lambda: _schools(staged)),
        ("school years", lambda: _years(staged, today)),
        ("terms", _terms),
        ("calendars", lambda: _calendars(staged)),
        ("schedule structures", _structures),
        ("grade levels", lambda: _levels(staged)),
        ("resources", _resources),
    ]


ORG = {"sourced_id": text("sourcedId"), "name": text("name"), "identifier": text("identifier")}


def _districts() -> Change:
    change = upsert("roster_district", ORG, f"stage_orgs s WHERE s.type = 'district' AND {LIVE}", ended=ENDED)
    made = add(
        "roster_district",
        "INSERT INTO roster_district (sourced_id, name, identifier) SELECT 'district', 'District', '' "
        "WHERE NOT EXISTS (SELECT 1 FROM roster_district)",
    )
    return change[0] + made, change[1]


def _schools(staged: Staged) -> Change:
    return upsert(
        "roster_school",
        {
            **ORG,
            "district_id": "coalesce(d.id, (SELECT min(id) FROM roster_district WHERE ended_at IS NULL), "
            "(SELECT min(id) FROM roster_district))",
            "external_lms_exclude": flag(PREFIX + "externalLmsExclude"),
        },
        'stage_orgs s LEFT JOIN roster_district d ON d.sourced_id = s."parentSourcedId" '
        f"WHERE s.type = 'school' AND {LIVE}",
        kept=kept(staged, "orgs", external_lms_exclude="externalLmsExclude"),
        ended=ENDED,
    )


def _resources() -> Change:
    return upsert(
        "roster_resource",
        {
            "sourced_id": text("sourcedId"),
            "vendor_resource_id": text("vendorResourceId"),
            "title": text("title"),
            "roles": items("roles"),
            "importance": text("importance"),
            "vendor_id": text("vendorId"),
            "application_id": text("applicationId"),
        },
        f"stage_resources s WHERE {LIVE}",
        ended=ENDED,
    )


def _years(staged: Staged, today: datetime.date) -> Change:
    blank = f's."{PREFIX}blankDates"'
    start = f'coalesce(nullif(s."{PREFIX}startYear", \'\')::int, s."schoolYear"::int - 1)'
    change = upsert(
        "roster_schoolyear",
        {
            "sourced_id": text("sourcedId"),
            "title": text("title"),
            "start_year": start,
            "end_year": 's."schoolYear"::int',
            "start_date": f"CASE WHEN {blank} IN ('both', 'start') THEN NULL ELSE {date('startDate')} END",
            "end_date": f"CASE WHEN {blank} IN ('both', 'end') THEN NULL ELSE {date('endDate')} END",
            "active": "false",
        },
        f"\"stage_academicSessions\" s WHERE s.type = 'schoolYear' AND {LIVE}",
        kept=frozenset({"active"}),
        ended=ENDED,
    )
    add(
        "roster_schoolyear",
        "INSERT INTO roster_schoolyear (sourced_id, title, start_year, end_year, start_date, end_date, active) "
        'SELECT \'school-year-\' || s."schoolYear", s."schoolYear"::int - 1 || \'-\' || s."schoolYear", '
        's."schoolYear"::int - 1, s."schoolYear"::int, min(s."startDate")::date, max(s."endDate")::date, false '
        f'FROM "stage_academicSessions" s WHERE {LIVE} AND NOT EXISTS (SELECT 1 FROM roster_schoolyear y '
        'WHERE y.end_year = s."schoolYear"::int) GROUP BY s."schoolYear"',
    )
    if staged.has("academicSessions", "active"):
        named = (
            f'SELECT min("sourcedId") FROM "stage_academicSessions" WHERE "{PREFIX}active" = \'true\' '
            "AND type = 'schoolYear'"
        )
        set_columns("roster_schoolyear", {"active": "false"}, f"t.active AND t.sourced_id <> ({named})")
        set_columns("roster_schoolyear", {"active": "true"}, f"NOT t.active AND t.sourced_id = ({named})")
    set_columns(
        "roster_schoolyear",
        {"active": "true"},
        "t.id = (SELECT id FROM roster_schoolyear "
        "WHERE ended_at IS NULL ORDER BY (%s::date BETWEEN coalesce(start_date, make_date(start_year, 1, 1)) "
        "AND coalesce(end_date, make_date(end_year, 12, 31))) DESC, end_year DESC LIMIT 1) "
        "AND NOT EXISTS (SELECT 1 FROM roster_schoolyear WHERE active)",
        params=[today],
    )
    return change


def _terms() -> Change:
    source = f"""(
      WITH RECURSIVE up AS (
        SELECT s."sourcedId" AS id, s."parentSourcedId" AS parent, 0 AS depth FROM "stage_academicSessions" s
        UNION ALL SELECT up.id, s."parentSourcedId", up.depth + 1 FROM up
        JOIN "stage_academicSessions" s ON s."sourcedId" = up.parent WHERE up.depth < 9)
      SELECT s.*, coalesce(
        (SELECT y.id FROM up JOIN roster_schoolyear y ON y.sourced_id = up.parent WHERE up.id = s."sourcedId" LIMIT 1),
        (SELECT y.id FROM roster_schoolyear y WHERE y.end_year = s."schoolYear"::int ORDER BY sourced_id LIMIT 1)
      ) AS year FROM "stage_academicSessions" s
      WHERE s.type IN ('term', 'semester', 'gradingPeriod') AND {LIVE}) s"""
    new, changed = upsert(
        "roster_term",
        {
            "sourced_id": text("sourcedId"),
            "title": text("title"),
            "kind": text("type"),
            "start_date": date("startDate"),
            "end_date": date("endDate"),
            "school_year_id": "s.year",
        },
        source,
        ended=ENDED,
    )
    moved = set_columns(
        "roster_term",
        {"parent_id": "p.id"},
        "p.own = t.sourced_id AND t.parent_id IS DISTINCT FROM p.id",
        beside='(SELECT s."sourcedId" AS own, q.id FROM "stage_academicSessions" s '
        f'LEFT JOIN roster_term q ON q.sourced_id = s."parentSourcedId" WHERE {LIVE}) p',
    )
    return new, max(changed, moved - new)


def _calendars(staged: Staged) -> Change:
    set_columns(  # a calendar derived earlier takes the identifier the feed gives it now
        "roster_calendar",
        {"sourced_id": "c->>'sourcedId'"},
        "t.school_id = o.id "
        f"AND t.school_year_id = y.id AND t.sourced_id <> c->>'sourcedId' AND {LIVE} "
        "AND NOT EXISTS (SELECT 1 FROM roster_calendar other WHERE other.sourced_id = c->>'sourcedId')",
        beside=f'{CALENDARS} JOIN roster_school o ON o.sourced_id = s."sourcedId" '
        "JOIN roster_schoolyear y ON y.sourced_id = c->>'schoolYear'",
    )
    change = upsert(
        "roster_calendar",
        {
            "sourced_id": "c->>'sourcedId'",
            "school_id": "o.id",
            "school_year_id": "y.id",
            "start_date": "nullif(c->>'startDate', '')::date",
            "end_date": "nullif(c->>'endDate', '')::date",
            "external_lms_exclude": "coalesce(nullif(c->>'exclude', '')::boolean, false)",
            "ended_at": "nullif(c->>'endedAt', '')::timestamptz",
        },
        f'{CALENDARS} JOIN roster_school o ON o.sourced_id = s."sourcedId" '
        f"JOIN roster_schoolyear y ON y.sourced_id = c->>'schoolYear' WHERE {LIVE}",
    )
    derived = add(
        "roster_calendar",
        "INSERT INTO roster_calendar (sourced_id, school_id, school_year_id, external_lms_exclude) "
        "SELECT 'calendar-' || md5(o.sourced_id || ' ' || y.sourced_id), o.id, y.id, false FROM ("
        'SELECT s."schoolSourcedId" AS school, t.year FROM stage_classes s '
        "CROSS JOIN LATERAL unnest(string_to_array(s.\"termSourcedIds\", ',')) AS term "
        f"JOIN {SESSIONS} t ON t.sourced_id = term WHERE s.\"{PREFIX}calendarSourcedId\" = '' AND {LIVE} "
        f'UNION SELECT s."orgSourcedId", y.id FROM stage_roles s, roster_schoolyear y '
        f"WHERE s.role = 'student' AND s.\"{PREFIX}calendarSourcedId\" = '' AND y.active AND {LIVE}) n "
        "JOIN roster_school o ON o.sourced_id = n.school JOIN roster_schoolyear y ON y.id = n.year "
        "ON CONFLICT DO NOTHING",
    )
    return change[0] + derived, change[1]


def _structures() -> Change:
    return upsert(
        "roster_schedulestructure",
        {
            "sourced_id": "x->>'sourcedId'",
            "calendar_id": "k.id",
            "name": "coalesce(x->>'name', '')",
            "external_lms_exclude": "coalesce(nullif(x->>'exclude', '')::boolean, false)",
            "ended_at": "nullif(x->>'endedAt', '')::timestamptz",
        },
        f"{of_calendars('structures')} JOIN roster_calendar k ON k.sourced_id = c->>'sourcedId' WHERE {LIVE}",
    )


def _levels(staged: Staged) -> Change:
    change = upsert(
        "roster_gradelevel",
        {
            "sourced_id": "x->>'sourcedId'",
            "calendar_id": "k.id",
            "schedule_structure_id": "t.id",
            "local_grade": "coalesce(x->>'local', '')",
            "state_code": "coalesce(x->>'state', '')",
            "nces_grade": "coalesce(x->>'nces', '')",
            "external_lms_exclude": "coalesce(nullif(x->>'exclude', '')::boolean, false)",
            "ended_at": "nullif(x->>'endedAt', '')::timestamptz",
        },
        f"{of_calendars('grades')} JOIN roster_calendar k ON k.sourced_id = c->>'sourcedId' "
        f"LEFT JOIN roster_schedulestructure t ON t.sourced_id = x->>'structure' WHERE {LIVE}",
    )
    if staged.has("roles", "gradeLevelSourcedId"):
        return change
    derived = add(
        "roster_gradelevel",
        "INSERT INTO roster_gradelevel (sourced_id, calendar_id, local_grade, state_code, nces_grade, "
        "external_lms_exclude) SELECT DISTINCT 'grade-' || md5(k.sourced_id || ' ' || g.grade), k.id, g.grade, '', "
        'left(g.grade, 10), false FROM stage_roles s JOIN roster_school o ON o.sourced_id = s."orgSourcedId" '
        "JOIN roster_schoolyear y ON y.active JOIN roster_calendar k ON k.school_id = o.id AND k.school_year_id = y.id "
        'JOIN stage_users u ON u."sourcedId" = s."userSourcedId" '
        "CROSS JOIN LATERAL left(split_part(u.grades, ',', 1), 50) AS g (grade) "
        f"WHERE s.role = 'student' AND g.grade <> '' AND {LIVE} ON CONFLICT DO NOTHING",
    )
    return change[0] + derived, change[1]
