"""Where the rows of each object are that vendors read, and of those that are listed as line items too.

A test is there for a grant when its application made it and its class, if it names one, is published to it; a score
when its test is and its student is published to it as a student of the current school year. What refers to something
that is not there is told without the reference.
"""

from connections.grants import Grant
from gradebook.reading.sources import MIRRORS, SOURCES, Source, published, student

CATEGORY = "22222222-2222-2222-2222-222222222222"
"""The category that assessments have where they are listed as line items."""
ABOVE = 1 << 60
"""What the ids of rows that are listed as line items begin after."""
STUDENT = """.find @> '{"roles.role": ["student"]}'"""
_OWN = "r.owner_id = (SELECT application_id FROM connections_connection WHERE id = %s)"
_SCORE = "CASE r.told WHEN 'scale' THEN r.scaled WHEN 'percent' THEN r.percent ELSE r.raw END"
_STATUS = f"""coalesce(nullif(r.status, ''), CASE WHEN coalesce({_SCORE}, r.percentile) IS NULL AND r.level = ''
    THEN 'not submitted' ELSE 'fully graded' END)"""
_HEAD = """r.sourced_id AS "sourcedId", r.modified, r.deleted_at,
    CASE WHEN r.deleted_at IS NULL THEN 'active' ELSE 'tobedeleted' END AS status"""
_NONE = 'NULL::varchar COLLATE "C"'
_MIRRORED = "coalesce(r.metadata, '{}') || jsonb_build_object('assessment', 'true')"


def class_of(grant: Grant, section: str, alias: str) -> tuple[str, list[object]]:
    """Return the test that a row names no class, or one that is published to the grant."""
    join, values = published(grant, "class", f"{alias}c", f"{alias}.sourced_id")
    text = f"({section} IS NULL OR EXISTS (SELECT 1 FROM roster_section {alias}{join} WHERE {alias}.id = {section}))"
    return text, values


def _scale(grant: Grant) -> tuple[str, list[object]]:
    """Return the join with the score scale of a row, when its class is published to the grant."""
    join, values = published(grant, "class", "kc", "ks.sourced_id")
    seen = f"EXISTS (SELECT 1 FROM roster_section ks{join} WHERE ks.id = scale.section_id)"
    text = f"LEFT JOIN gradebook_sectionscale scale ON scale.id = r.scale_id AND scale.deleted_at IS NULL AND {seen}"
    return text, values


def _assessment_line_item(grant: Grant) -> Source:
    taught, taught_values = class_of(grant, "r.section_id", "s")
    above, above_values = class_of(grant, "parent.section_id", "ps")
    scale, scale_values = _scale(grant)
    sql = f"""
        SELECT r.id, {_HEAD}, r.title, r.description, section.sourced_id AS "class",
            parent.sourced_id AS "parentAssessmentLineItem", scale.sourced_id AS "scoreScale",
            r.minimum AS "resultValueMin", r.maximum AS "resultValueMax", r.objectives AS "learningObjectiveSet",
            r.metadata
        FROM assessments_test r
        LEFT JOIN roster_section section ON section.id = r.section_id
        LEFT JOIN assessments_test parent ON parent.id = r.parent_id AND parent.deleted_at IS NULL AND {above}
        {scale}
        WHERE {_OWN} AND {taught}
    """
    params = [*above_values, *scale_values, grant.connection, *taught_values]
    return Source(sql, params, ("class", "parentAssessmentLineItem"))


def _assessment_result(grant: Grant) -> Source:
    taught, taught_values = class_of(grant, "t.section_id", "s")
    enrolled, enrolled_values = student(grant, "p", "r.person_id")
    scale, scale_values = _scale(grant)
    sql = f"""
        SELECT r.id, {_HEAD}, t.sourced_id AS "assessmentLineItem", i.sourced_id AS student, {_SCORE} AS score,
            r.level AS "textScore", r.date AS "scoreDate", scale.sourced_id AS "scoreScale",
            r.percentile AS "scorePercentile", {_STATUS} AS "scoreStatus", r.comment,
            r.objectives AS "learningObjectiveSet", r.in_progress AS "inProgress", r.incomplete, r.late, r.missing,
            r.metadata
        FROM assessments_testscore r
        JOIN assessments_test t ON t.id = r.test_id AND (t.deleted_at IS NULL OR r.deleted_at IS NOT NULL)
        {enrolled} AND p{STUDENT}
        {scale}
        WHERE {_OWN} AND {taught}
    """
    params = [*enrolled_values, *scale_values, grant.connection, *taught_values]
    return Source(sql, params, ("assessmentLineItem", "student"))


def _as_category(_grant: Grant) -> Source:
    """The fixed category; it is as old as any delta can ask."""
    sql = f"""
        SELECT {ABOVE}::bigint, '{CATEGORY}'::varchar COLLATE "C", 'epoch'::timestamptz, NULL::timestamptz, 'active',
            'Assessments', NULL::numeric, jsonb_build_object('assessment', 'true')
    """
    return Source(sql, [])


def _as_line_item(grant: Grant) -> Source:
    join, values = published(grant, "class", "c", "s.sourced_id")
    scale, scale_values = _scale(grant)
    sql = f"""
        SELECT {ABOVE} + r.id, {_HEAD}, r.title, r.description, r.created_at, r.created_at,
            s.sourced_id, school.sourced_id, '{CATEGORY}'::varchar COLLATE "C", {_NONE}, {_NONE},
            scale.sourced_id, r.maximum, r.minimum,
            r.objectives, {_MIRRORED}, r.id, s.id
        FROM assessments_test r
        JOIN roster_section s ON s.id = r.section_id {join}
        JOIN roster_calendar calendar ON calendar.id = s.calendar_id
        JOIN roster_school school ON school.id = calendar.school_id
        {scale}
        WHERE {_OWN} AND NOT EXISTS (SELECT 1 FROM gradebook_assignment a WHERE a.sourced_id = r.sourced_id)
    """
    return Source(sql, [*values, *scale_values, grant.connection])


def _as_result(grant: Grant) -> Source:
    join, values = published(grant, "class", "c", "s.sourced_id")
    enrolled, enrolled_values = student(grant, "p", "r.person_id")
    scale, scale_values = _scale(grant)
    sql = f"""
        SELECT {ABOVE} + r.id, {_HEAD}, t.sourced_id, i.sourced_id, s.sourced_id, scale.sourced_id, {_SCORE},
            r.level, r.date, r.comment, r.late, r.missing, r.incomplete, r.in_progress, {_STATUS}, r.objectives,
            {_MIRRORED}, r.id, s.id
        FROM assessments_testscore r
        JOIN assessments_test t ON t.id = r.test_id AND (t.deleted_at IS NULL OR r.deleted_at IS NOT NULL)
        JOIN roster_section s ON s.id = t.section_id {join} {enrolled} AND p{STUDENT}
        {scale}
        WHERE {_OWN} AND NOT EXISTS (SELECT 1 FROM gradebook_score k WHERE k.sourced_id = r.sourced_id)
            AND NOT EXISTS (SELECT 1 FROM gradebook_assignment a WHERE a.sourced_id = t.sourced_id)
    """
    return Source(sql, [*values, *enrolled_values, *scale_values, grant.connection])


SOURCES.update(assessmentLineItem=(_assessment_line_item,), assessmentResult=(_assessment_result,))
MIRRORS.update(category=_as_category, lineItem=_as_line_item, result=_as_result)
