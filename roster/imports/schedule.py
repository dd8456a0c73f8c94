"""Courses, sections, their links, students and staff in them: from staging into the tables."""

from roster.imports.sources import PREFIX
from roster.imports.staging import Staged
from roster.imports.structure import LIVE, SESSIONS, Step, kept
from roster.imports.upserts import ENDED, LIVES, Change, add, date, flag, items, remove, run, text, upsert

TEACHING = {"grades": "grades", "subjects": "subjects", "subject_codes": "subjectCodes"}


def schedule_steps(staged: Staged) -> list[Step]:
    """Return the steps that upsert course masters, courses, sections, roster entries and section staff."""
    kind = (
        "CASE WHEN s.role <> 'teacher' THEN 'other' WHEN s.\"primary\" = 'true' THEN 'primary teacher' "
        "ELSE 'teacher' END"
    )
    return [
        ("course masters", lambda: _masters(staged)),
        ("courses", lambda: _courses(staged)),
        ("sections", lambda: _sections(staged)),
        ("section terms", _section_terms),
        ("section resources", lambda: _links(staged, "classResources", "section", "classSourcedId")),
        ("course resources", lambda: _links(staged, "courseResources", "course", "courseSourcedId")),
        ("person resources", lambda: _links(staged, "userResources", "person", "userSourcedId")),
        ("roster entries", lambda: _entries("roster_rosterentry", "s.role = 'student'", {})),
        ("section staff", lambda: _entries("roster_sectionstaff", "s.role <> 'student'", {"kind": kind})),
    ]


def _masters(staged: Staged) -> Change:
    key = f's."{PREFIX}courseMasterSourcedId"'
    return upsert(
        "roster_coursemaster",
        {
            "sourced_id": "s.id",
            "title": "s.title",
            "number": "s.number",
            "external_lms_exclude": "s.exclude",
            "ended_at": LIVES,
        },
        f"(SELECT DISTINCT ON ({key}) {key} AS id, {text(PREFIX + 'courseMasterTitle')} AS title, "
        f"{text(PREFIX + 'courseMasterNumber')} AS number, {flag(PREFIX + 'courseMasterExclude')} AS exclude "
        f"FROM stage_courses s WHERE {key} <> '' AND {LIVE} ORDER BY {key}, s.line) s",
        kept=kept(
            staged,
            "courses",
            title="courseMasterTitle",
            number="courseMasterNumber",
            external_lms_exclude="courseMasterExclude",
        ),
    )


def _courses(staged: Staged) -> Change:
    return upsert(
        "roster_course",
        {
            "sourced_id": text("sourcedId"),
            "course_master_id": "m.id",
            "school_id": "o.id",
            "school_year_id": "y.id",
            "title": text("title"),
            "number": text("courseCode"),
            **{column: items(name) for column, name in TEACHING.items()},
            "active": flag(PREFIX + "active", "true"),
            "external_lms_exclude": flag(PREFIX + "externalLmsExclude"),
        },
        'stage_courses s LEFT JOIN roster_school o ON o.sourced_id = s."orgSourcedId" '
        'LEFT JOIN roster_schoolyear y ON y.sourced_id = s."schoolYearSourcedId" '
        f'LEFT JOIN roster_coursemaster m ON m.sourced_id = s."{PREFIX}courseMasterSourcedId" WHERE {LIVE}',
        kept=kept(
            staged,
            "courses",
            course_master_id="courseMasterSourcedId",
            active="active",
            external_lms_exclude="externalLmsExclude",
        ),
        ended=ENDED,
    )


def _sections(staged: Staged) -> Change:
    calendar = (
        f'coalesce((SELECT k.id FROM roster_calendar k WHERE k.sourced_id = s."{PREFIX}calendarSourcedId"), '
        "(SELECT k.id FROM roster_calendar k JOIN roster_school o ON o.id = k.school_id "
        f'JOIN {SESSIONS} t ON t.year = k.school_year_id WHERE o.sourced_id = s."schoolSourcedId" '
        "AND t.sourced_id = split_part(s.\"termSourcedIds\", ',', 1)), "
        "(SELECT k.id FROM roster_calendar k JOIN roster_school o ON o.id = k.school_id "
        'JOIN roster_schoolyear y ON y.id = k.school_year_id WHERE o.sourced_id = s."schoolSourcedId" '
        "ORDER BY y.active DESC, y.end_year DESC LIMIT 1))"
    )
    return upsert(
        "roster_section",
        {
            "sourced_id": text("sourcedId"),
            "course_id": "c.id",
            "calendar_id": calendar,
            "title": text("title"),
            "number": text("classCode"),
            "homeroom": "s.\"classType\" = 'homeroom'",
            "room": text("location"),
            **{column: items(name) for column, name in TEACHING.items()},
            "periods": items("periods"),
            "active": flag(PREFIX + "active", "true"),
            "external_lms_exclude": flag(PREFIX + "externalLmsExclude"),
        },
        f'stage_classes s JOIN roster_course c ON c.sourced_id = s."courseSourcedId" WHERE {LIVE}',
        kept=kept(staged, "classes", active="active", external_lms_exclude="externalLmsExclude"),
        ended=ENDED,
    )


def _section_terms() -> Change:
    wanted = (
        "SELECT DISTINCT x.id AS section_id, t.id AS term_id FROM stage_classes s "
        "CROSS JOIN LATERAL unnest(string_to_array(s.\"termSourcedIds\", ',')) AS term "
        'JOIN roster_section x ON x.sourced_id = s."sourcedId" '
        f"JOIN roster_term t ON t.sourced_id = term WHERE {LIVE}"
    )
    run(f"CREATE TEMPORARY TABLE stage_wanted_terms ON COMMIT DROP AS {wanted}")
    gone = remove(
        "roster_section_terms",
        f'x.id = t.section_id AND s."sourcedId" = x.sourced_id AND {LIVE} AND NOT EXISTS ('
        "SELECT 1 FROM stage_wanted_terms w WHERE w.section_id = t.section_id AND w.term_id = t.term_id)",
        using="roster_section x, stage_classes s",
    )
    new = add(
        "roster_section_terms",
        "INSERT INTO roster_section_terms (section_id, term_id) SELECT section_id, term_id FROM stage_wanted_terms "
        "ON CONFLICT DO NOTHING",
    )
    return new, gone


def _links(staged: Staged, file: str, table: str, column: str) -> Change:
    """Set the links of a resource file; a delta's tobedeleted row names the pair it unlinks."""
    if file not in staged.counts:
        return 0, 0
    mode, owner = staged.modes[file], f"{table}_id"
    pairs = (
        f'SELECT x.id AS owner, r.id AS resource FROM "stage_{file}" s '
        f'JOIN roster_{table} x ON x.sourced_id = s."{column}" '
        'JOIN roster_resource r ON r.sourced_id = s."resourceSourcedId"'
    )
    new = add(
        f"roster_{table}_resources",
        f"INSERT INTO roster_{table}_resources ({owner}, resource_id) SELECT DISTINCT p.owner, p.resource "
        f"FROM ({pairs} WHERE {LIVE}) p ON CONFLICT DO NOTHING",
    )
    test = "NOT EXISTS" if mode == "bulk" else "EXISTS"
    state = LIVE if mode == "bulk" else f"NOT ({LIVE})"
    gone = remove(
        f"roster_{table}_resources",
        f"{test} (SELECT 1 FROM ({pairs} WHERE {state}) p WHERE p.owner = t.{owner} AND p.resource = t.resource_id)",
    )
    return new, gone


def _entries(table: str, which: str, more: dict[str, str]) -> Change:
    return upsert(
        table,
        {
            "sourced_id": text("sourcedId"),
            "section_id": "x.id",
            "person_id": "p.id",
            **more,
            "start_date": date("beginDate"),
            "end_date": date("endDate"),
        },
        'stage_enrollments s JOIN roster_section x ON x.sourced_id = s."classSourcedId" '
        f'JOIN roster_person p ON p.sourced_id = s."userSourcedId" WHERE {which} AND {LIVE}',
        ended=ENDED,
    )
