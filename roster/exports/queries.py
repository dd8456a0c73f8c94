"""One SELECT for each file of the package: the columns of 1.2 in order, then ours; a 1.1 file picks among them.

Nothing in these texts comes from outside; names of columns are checked against the declared header when they run.
"""

from interop.oneroster.csv import header
from roster.imports.nested import SHAPES
from roster.imports.sources import METADATA, PREFIX


def ended(alias: str) -> str:
    """Return the SQL of the moment a row ended, blank while it lives."""
    return f"coalesce(to_char({alias}.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '')"


# The org of what belongs to no school.
DISTRICT = "(SELECT d.sourced_id FROM roster_district d ORDER BY d.ended_at NULLS FIRST, d.sourced_id LIMIT 1)"

ORGS = f"""
SELECT d.sourced_id, d.name, 'district', d.identifier, '', '', '', {ended("d")}
FROM roster_district d
UNION ALL
SELECT s.sourced_id, s.name, 'school', s.identifier, d.sourced_id, s.external_lms_exclude::text,
  coalesce((SELECT jsonb_agg(jsonb_build_object(
      'sourcedId', c.sourced_id, 'schoolYear', y.sourced_id, 'startDate', c.start_date, 'endDate', c.end_date,
      'exclude', c.external_lms_exclude, 'endedAt', {ended("c")},
      'structures', coalesce((SELECT jsonb_agg(jsonb_build_object(
          'sourcedId', t.sourced_id, 'name', t.name, 'exclude', t.external_lms_exclude,
          'endedAt', {ended("t")}) ORDER BY t.sourced_id)
        FROM roster_schedulestructure t WHERE t.calendar_id = c.id), '[]'),
      'grades', coalesce((SELECT jsonb_agg(jsonb_build_object(
          'sourcedId', g.sourced_id, 'structure', t.sourced_id, 'local', g.local_grade, 'state', g.state_code,
          'nces', g.nces_grade, 'exclude', g.external_lms_exclude,
          'endedAt', {ended("g")}) ORDER BY g.sourced_id)
        FROM roster_gradelevel g LEFT JOIN roster_schedulestructure t ON t.id = g.schedule_structure_id
        WHERE g.calendar_id = c.id), '[]')) ORDER BY c.sourced_id)
    FROM roster_calendar c JOIN roster_schoolyear y ON y.id = c.school_year_id
    WHERE c.school_id = s.id), '[]')::text, {ended("s")}
FROM roster_school s JOIN roster_district d ON d.id = s.district_id
"""

SESSIONS = f"""
SELECT y.sourced_id, y.title, 'schoolYear', coalesce(y.start_date, make_date(y.start_year, 1, 1))::text,
  coalesce(y.end_date, make_date(y.end_year, 12, 31))::text, '', lpad(y.end_year::text, 4, '0'),
  y.start_year::text, y.active::text,
  CASE WHEN y.start_date IS NULL AND y.end_date IS NULL THEN 'both' WHEN y.start_date IS NULL THEN 'start'
    WHEN y.end_date IS NULL THEN 'end' ELSE '' END, {ended("y")}
FROM roster_schoolyear y
UNION ALL
SELECT t.sourced_id, t.title, t.kind, t.start_date::text, t.end_date::text, coalesce(p.sourced_id, y.sourced_id),
  lpad(y.end_year::text, 4, '0'), '', '', '', {ended("t")}
FROM roster_term t JOIN roster_schoolyear y ON y.id = t.school_year_id
LEFT JOIN roster_term p ON p.id = t.parent_id
"""

COURSES = f"""
SELECT c.sourced_id, coalesce(y.sourced_id, ''), c.title, c.number, array_to_string(c.grades, ','),
  coalesce(s.sourced_id, {DISTRICT}),
  array_to_string(c.subjects, ','), array_to_string(c.subject_codes, ','), c.active::text,
  c.external_lms_exclude::text, coalesce(m.sourced_id, ''), coalesce(m.title, ''), coalesce(m.number, ''),
  coalesce(m.external_lms_exclude::text, ''), {ended("c")}
FROM roster_course c LEFT JOIN roster_school s ON s.id = c.school_id
LEFT JOIN roster_schoolyear y ON y.id = c.school_year_id
LEFT JOIN roster_coursemaster m ON m.id = c.course_master_id
"""

CLASSES = f"""
SELECT s.sourced_id, s.title, array_to_string(s.grades, ','), c.sourced_id, s.number,
  CASE WHEN s.homeroom THEN 'homeroom' ELSE 'scheduled' END, s.room, o.sourced_id,
  coalesce(t.ids, y.sourced_id),
  array_to_string(s.subjects, ','), array_to_string(s.subject_codes, ','), array_to_string(s.periods, ','),
  s.active::text, s.external_lms_exclude::text, k.sourced_id, {ended("s")}
FROM roster_section s JOIN roster_course c ON c.id = s.course_id JOIN roster_calendar k ON k.id = s.calendar_id
JOIN roster_school o ON o.id = k.school_id JOIN roster_schoolyear y ON y.id = k.school_year_id
LEFT JOIN (SELECT l.section_id, string_agg(t.sourced_id, ',' ORDER BY t.sourced_id) AS ids
  FROM roster_section_terms l JOIN roster_term t ON t.id = l.term_id GROUP BY 1) t ON t.section_id = s.id
"""

USERS = f"""
SELECT p.sourced_id, coalesce(a.enabled, true)::text, coalesce(a.username, p.sourced_id),
  CASE WHEN p.state_id <> '' AND p.state_id !~ '[{{}}]' THEN '{{stateId:' || p.state_id || '}}' ELSE '' END,
  p.given_name, p.family_name, p.middle_name, p.local_id, p.email, p.cell_phone, p.other_phone, coalesce(r.agents, ''),
  coalesce(g.grade, ''), '', p.master_identifier, p.preferred_given_name, p.preferred_middle_name,
  p.preferred_family_name, coalesce(o.sourced_id, ''), p.pronouns, (a.id IS NOT NULL)::text, p.state_id,
  p.secondary_email, p.external_lms_exclude::text, coalesce(r.details, ''), {ended("p")}
FROM roster_person p
LEFT JOIN roster_account a ON a.person_id = p.id
LEFT JOIN roster_school o ON o.id = p.primary_school_id
LEFT JOIN (SELECT r.student_id,
    string_agg(c.sourced_id, ',' ORDER BY c.sourced_id) FILTER (WHERE r.ended_at IS NULL) AS agents,
    jsonb_agg(jsonb_build_object('sourcedId', r.sourced_id, 'contact', c.sourced_id, 'type', r.relationship_type,
      'guardian', r.guardian, 'portal', r.portal, 'startDate', r.start_date, 'endDate', r.end_date,
      'endedAt', {ended("r")}) ORDER BY r.sourced_id)::text AS details
  FROM roster_relationship r JOIN roster_person c ON c.id = r.contact_id GROUP BY 1) r ON r.student_id = p.id
LEFT JOIN (SELECT DISTINCT ON (e.person_id) e.person_id, coalesce(nullif(l.nces_grade, ''), l.local_grade) AS grade
  FROM roster_enrollment e JOIN roster_gradelevel l ON l.id = e.grade_level_id
  WHERE e.ended_at IS NULL ORDER BY e.person_id, e.start_date DESC NULLS LAST, e.sourced_id) g ON g.person_id = p.id
"""

ROLES = f"""
WITH held AS (
  SELECT e.sourced_id, e.person_id, k.school_id, 'student' AS role, e.start_date, e.end_date,
    CASE WHEN e.service_type = 'primary' THEN 0 ELSE 1 END AS rank, k.sourced_id AS calendar,
    coalesce(g.sourced_id, '') AS grade, e.service_type, e.no_show::text AS no_show,
    e.external_lms_exclude::text AS exclude, '' AS teacher, '' AS roles, '' AS administrative,
    {ended("e")} AS ended
  FROM roster_enrollment e JOIN roster_calendar k ON k.id = e.calendar_id
  LEFT JOIN roster_gradelevel g ON g.id = e.grade_level_id
  UNION ALL
  SELECT a.sourced_id, a.person_id, a.school_id,
    CASE WHEN a.teacher THEN 'teacher' WHEN a.administrative_role <> '' THEN a.administrative_role
      WHEN 'counselor' = ANY(a.roles) THEN 'counselor' ELSE 'aide' END,
    a.start_date, a.end_date, 2, '', '', '', '', a.external_lms_exclude::text, a.teacher::text,
    array_to_string(a.roles, ','), a.administrative_role, {ended("a")}
  FROM roster_districtassignment a
  UNION ALL
  SELECT 'contact-' || md5(c.sourced_id || ' ' || o.sourced_id), c.id, o.id,
    CASE WHEN bool_or(r.guardian) THEN 'guardian' ELSE 'relative' END, NULL, NULL, 3, '', '', '', '', '', '', '', '', ''
  FROM roster_relationship r JOIN roster_person c ON c.id = r.contact_id
  JOIN roster_person s ON s.id = r.student_id AND s.ended_at IS NULL
  JOIN roster_enrollment e ON e.person_id = r.student_id AND e.ended_at IS NULL
  JOIN roster_calendar k ON k.id = e.calendar_id AND k.ended_at IS NULL
  JOIN roster_school o ON o.id = k.school_id
  WHERE r.ended_at IS NULL GROUP BY c.id, o.id)
SELECT h.sourced_id, p.sourced_id,
  CASE row_number() OVER (PARTITION BY h.person_id, h.school_id ORDER BY h.ended <> '', h.rank, h.sourced_id)
    WHEN 1 THEN 'primary' ELSE 'secondary' END,
  h.role, coalesce(h.start_date::text, ''), coalesce(h.end_date::text, ''), o.sourced_id, '', h.calendar, h.grade,
  h.service_type, h.no_show, h.exclude, h.teacher, h.roles, h.administrative, h.ended
FROM held h JOIN roster_person p ON p.id = h.person_id JOIN roster_school o ON o.id = h.school_id
"""

_PLACE = """
JOIN roster_section s ON s.id = e.section_id JOIN roster_calendar k ON k.id = s.calendar_id
JOIN roster_school o ON o.id = k.school_id JOIN roster_person p ON p.id = e.person_id
"""
ENROLLMENTS = f"""
SELECT e.sourced_id, s.sourced_id, o.sourced_id, p.sourced_id, 'student', '', coalesce(e.start_date::text, ''),
  coalesce(e.end_date::text, ''), {ended("e")} FROM roster_rosterentry e {_PLACE}
UNION ALL
SELECT e.sourced_id, s.sourced_id, o.sourced_id, p.sourced_id,
  CASE WHEN e.kind = 'other' THEN 'proctor' ELSE 'teacher' END,
  CASE e.kind WHEN 'primary teacher' THEN 'true' WHEN 'teacher' THEN 'false' ELSE '' END,
  coalesce(e.start_date::text, ''), coalesce(e.end_date::text, ''), {ended("e")}
FROM roster_sectionstaff e {_PLACE}
"""

DEMOGRAPHICS = f"""
SELECT p.sourced_id, coalesce(d.birth_date::text, ''), d.sex, coalesce(d.american_indian_or_alaska_native::text, ''),
  coalesce(d.asian::text, ''), coalesce(d.black_or_african_american::text, ''),
  coalesce(d.native_hawaiian_or_other_pacific_islander::text, ''), coalesce(d.white::text, ''),
  coalesce(d.two_or_more_races::text, ''), coalesce(d.hispanic_or_latino::text, ''), d.country_of_birth,
  d.state_of_birth, d.city_of_birth, d.public_school_residence_status, {ended("d")}
FROM roster_demographics d JOIN roster_person p ON p.id = d.person_id
"""

RESOURCES = f"""
SELECT r.sourced_id, r.vendor_resource_id, r.title, array_to_string(r.roles, ','), r.importance, r.vendor_id,
  r.application_id, {ended("r")} FROM roster_resource r
"""


def _links(table: str, owner: str, columns: str) -> str:
    return f"""
    SELECT 'link-' || md5(x.sourced_id || ' ' || r.sourced_id), {columns}, r.sourced_id
    FROM roster_{table}_resources l JOIN roster_{table} x ON x.id = l.{owner}
    JOIN roster_resource r ON r.id = l.resource_id
    """


QUERIES: dict[str, str] = {
    "orgs": ORGS,
    "academicSessions": SESSIONS,
    "courses": COURSES,
    "classes": CLASSES,
    "users": USERS,
    "roles": ROLES,
    "enrollments": ENROLLMENTS,
    "demographics": DEMOGRAPHICS,
    "resources": RESOURCES,
    "classResources": _links("section", "section_id", "'', x.sourced_id"),
    "courseResources": _links("course", "course_id", "'', x.sourced_id"),
    "userResources": _links("person", "person_id", "x.sourced_id, '', ''"),
}


def rows_of(file: str) -> str:
    """Return a subselect of a file's rows with the column names of 1.2, and of ours with their prefix.

    An identifier that two tables know (its row changed its kind) is that of the one that lives.
    """
    first, _, _, *standard = header(12, file)
    own = [PREFIX + column.name for column in METADATA.get(file, ())]
    aliases = ", ".join(f'"{name}"' for name in [first, *standard, *own])
    rows = f"({QUERIES[file]}) AS rows ({aliases})"
    if PREFIX + "endedAt" not in own:
        return rows
    order = '"sourcedId" COLLATE "C"'
    return f'(SELECT DISTINCT ON ({order}) * FROM {rows} ORDER BY {order}, "{PREFIX}endedAt") AS rows'


def _own_role() -> str:
    """Return the SQL of one role as our 1.1 column of roles holds it."""
    standard = set(header(12, "roles"))
    names = [column.name for column in SHAPES["roles"]]
    pairs = ", ".join(f"'{name}', nullif(\"{name if name in standard else PREFIX + name}\", '')" for name in names)
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


# The one role 1.1 knows: that of the most telling place, a student's before a teacher's before any other.
_RANKED = [
    "student", "teacher", "districtAdministrator", "siteAdministrator", "principal", "counselor", "aide", "guardian",
    "relative",
]  # fmt: skip
_IN_11 = (
    "CASE WHEN role = 'counselor' THEN 'aide' WHEN role IN ('districtAdministrator', 'siteAdministrator', "
    "'principal') THEN 'administrator' ELSE role END"
)
_ROLE_11 = f"""(array_agg({_IN_11} ORDER BY array_position(ARRAY{_RANKED}, role::text), "sourcedId")
  FILTER (WHERE "{PREFIX}endedAt" = ''))[1]"""


def users_of_11() -> str:
    """Return a subselect of users with what 1.2 has in roles.csv and userResources.csv beside the columns of 1.2."""
    return f"""(SELECT u.*, coalesce(r.role, 'aide') AS role,
      coalesce(r.orgs, {DISTRICT})
        AS "orgSourcedIds", coalesce(r.own, '') AS "{PREFIX}roles", coalesce(l.ids, '') AS "{PREFIX}resources"
    FROM (SELECT * FROM {rows_of("users")}) u
    LEFT JOIN (SELECT "userSourcedId", {_ROLE_11} AS role,
        string_agg(DISTINCT "orgSourcedId", ',') FILTER (WHERE "{PREFIX}endedAt" = '') AS orgs,
        (jsonb_agg({_own_role()} ORDER BY "sourcedId") FILTER (WHERE role NOT IN ('guardian', 'relative')))::text AS own
      FROM {rows_of("roles")} GROUP BY 1) r ON r."userSourcedId" = u."sourcedId"
    LEFT JOIN (SELECT "userSourcedId", string_agg("resourceSourcedId", ',' ORDER BY "resourceSourcedId") AS ids
      FROM {rows_of("userResources")} GROUP BY 1) l ON l."userSourcedId" = u."sourcedId") AS rows"""
