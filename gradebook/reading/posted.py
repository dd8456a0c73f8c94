"""Final grades as vendors read them: a section's grading task is a lineItem, a posted grade is a result of it.

Nothing is stored for it: the line item of a section and a TaskPeriod is made of the two when it is asked for. Its id is
the TaskPeriod's with the section's key behind an `@`; in frozen lists both are numbers below zero, which no row has.
"""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from connections.grants import Grant
from gradebook.models import UNCATEGORIZED
from interop.dates import district_day
from roster.reading.scope import Sql

HALF = 31
"""Bits of the TaskPeriod's key in the number of a line item; the section's key is above them."""
WINDOW_OPEN = "ext_infiniteCampus_isGradingWindowOpen"
ONE_TIME = "ext_infiniteCampus_isOneTime"
STANDARD = "ext_infiniteCampus_isStandard"
GRADE = "ext_infiniteCampus_scoreGrade"
OF_ASSIGNMENT = "ext_infiniteCampus_isAssignmentResult"
SCHOOL = "ext_infiniteCampus_schoolSourcedId"
"""Words in metadata that programs written for this grade book know (campus rules 3.3 and 6.2)."""
# The grading tasks of a section's course, or its own, in its terms and up to two levels of periods below them.
SECTION_TASKS = """
    JOIN gradebook_gradingtask g ON g.course_id = s.course_id AND (g.section_id IS NULL OR g.section_id = s.id)
        AND NOT g.external_lms_exclude
    JOIN gradebook_taskperiod p ON p.task_id = g.id
    JOIN roster_term t ON t.id = p.term_id AND t.ended_at IS NULL
    LEFT JOIN roster_term above ON above.id = t.parent_id AND above.ended_at IS NULL
    JOIN LATERAL (
        SELECT FROM roster_section_terms st
        WHERE st.section_id = s.id AND st.term_id IN (t.id, above.id, above.parent_id) LIMIT 1
    ) taught ON true
"""
# The scale that makes scores of percentages: of the options mandated for the course, else of the section's own.
SCALE = """
    LEFT JOIN LATERAL (
        SELECT x.scale_id AS id FROM gradebook_gradeoptions x
        WHERE x.period_id = p.id AND (x.section_id IS NULL OR x.section_id = s.id)
        ORDER BY x.section_id NULLS FIRST LIMIT 1
    ) o ON true
"""
_USED = (
    SCALE
    + """
    LEFT JOIN LATERAL (
        SELECT u.sourced_id FROM gradebook_sectionscale u
        WHERE u.scale_id = o.id AND u.section_id = s.id AND u.owner_id IS NULL AND u.deleted_at IS NULL
        ORDER BY u.id LIMIT 1
    ) scale ON true
"""
)
_ID = """(p.sourced_id || '@' || s.id)::varchar COLLATE "C" """
_NUMBER = f"-(s.id * {1 << HALF} + p.id)"


def item_id(period: str, section: int) -> str:
    """Return the sourcedId of the line item that a grading task in a term is for a section."""
    return f"{period}@{section}"


def parsed(sourced_id: str) -> tuple[str, int] | None:
    """Return the TaskPeriod's sourcedId and the section's key an id is made of; None for an id of another kind."""
    period, _, section = sourced_id.rpartition("@")
    return (period, int(section)) if period and section.isascii() and section.isdigit() and len(section) < 19 else None


def keys_of(kind: str, by: str, wanted: Sequence[int | str]) -> list[int] | None:
    """Return the rows that these ids lead to: sections for line items, posted grades for results; None: any."""
    if by == "id":
        return [-each >> HALF if kind == "lineItem" else -each for each in wanted if isinstance(each, int)]
    if kind == "lineItem":
        return [found[1] for each in wanted if (found := parsed(str(each)))]
    return None


def line_items(join: Sql) -> Sql:
    """Return the SELECT of grading tasks as line items; `join` is that of the section's published class.

    It counts as modified also when its window opens and closes, and when its class was published anew.
    """
    zone, today = settings.DISTRICT_TIME_ZONE, district_day(timezone.now())
    sql = f"""
        SELECT {_NUMBER} AS id, {_ID} AS "sourcedId",
            greatest(p.modified, c.modified,
                CASE WHEN p.opens <= %s THEN p.opens::timestamp AT TIME ZONE %s END,
                CASE WHEN p.closes < %s THEN (p.closes + 1)::timestamp AT TIME ZONE %s END) AS modified,
            NULL::timestamptz AS deleted_at, 'active' AS status,
            g.title, ''::text AS description, t.start_date::timestamp AT TIME ZONE %s AS "assignDate",
            (t.end_date + time '23:59') AT TIME ZONE %s AS "dueDate",
            s.sourced_id AS "class", school.sourced_id AS school,
            '{UNCATEGORIZED}'::varchar COLLATE "C" AS category, t.sourced_id AS "gradingPeriod",
            NULL::varchar COLLATE "C" AS "academicSession", scale.sourced_id AS "scoreScale",
            100 AS "resultValueMax", 0::numeric AS "resultValueMin", NULL::jsonb AS "learningObjectiveSet",
            jsonb_build_object('gradingTask', p.sourced_id, '{STANDARD}', g.kind = 'standard',
                '{ONE_TIME}', NOT EXISTS (
                    SELECT FROM gradebook_taskperiod k WHERE k.task_id = g.id AND k.id <> p.id),
                '{WINDOW_OPEN}', coalesce(%s BETWEEN p.opens AND p.closes, false)) AS metadata,
            s.id AS key, s.id AS section
        FROM roster_section s {join[0]}
        JOIN roster_calendar calendar ON calendar.id = s.calendar_id
        JOIN roster_school school ON school.id = calendar.school_id
        {SECTION_TASKS} {_USED}
        WHERE true
    """
    return sql, [today, zone, today, zone, zone, zone, today, *join[1]]


def results(grant: Grant, taught: Sql, enrolled: Sql, own: str) -> Sql:
    """Return the SELECT of posted grades as results; the joins are those of the published class and student."""
    sql = f"""
        SELECT -r.id AS id, r.sourced_id AS "sourcedId", r.modified, r.deleted_at,
            CASE WHEN r.deleted_at IS NULL THEN 'active' ELSE 'tobedeleted' END AS status,
            {_ID} AS "lineItem", i.sourced_id AS student, s.sourced_id AS "class", scale.sourced_id AS "scoreScale",
            r.percent::numeric AS score, r.score AS "textScore", (r.posted_at AT TIME ZONE %s)::date AS "scoreDate",
            r.comment, NULL::bool AS late, NULL::bool AS missing, NULL::bool AS incomplete, false AS "inProgress",
            'fully graded'::varchar AS "scoreStatus", NULL::jsonb AS "learningObjectiveSet",
            jsonb_build_object('{OF_ASSIGNMENT}', false, '{SCHOOL}', school.sourced_id)
                || CASE WHEN r.score = '' THEN '{{}}' ELSE jsonb_build_object('{GRADE}', r.score) END AS metadata,
            r.id AS key, s.id AS section
        FROM gradebook_postedgrade r
        JOIN roster_section s ON s.id = r.section_id {taught[0]} {enrolled[0]}
        JOIN roster_calendar calendar ON calendar.id = s.calendar_id
        JOIN roster_school school ON school.id = calendar.school_id
        {SECTION_TASKS} AND p.id = r.period_id {_USED}
        WHERE {own}
    """
    return sql, [settings.DISTRICT_TIME_ZONE, *taught[1], *enrolled[1], grant.connection]
