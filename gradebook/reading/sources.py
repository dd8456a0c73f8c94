"""Where the live rows of each wire object are: one SELECT per object, its columns named by the object's fields.

A row is there for a grant when its class (and its student) is published to it as active, so that every reference
resolves, and when it is the district's own or the grant's application made it. Line items and results have two sources
each: assignments and scores, and grading tasks with their posted grades (gradebook/reading/posted.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connections.grants import Grant
from gradebook.models import UNCATEGORIZED
from gradebook.reading import posted
from interop.oneroster.resource import V1P1
from roster.reading.scope import Sql, in_scope

OWN = "(r.owner_id IS NULL OR r.owner_id = (SELECT application_id FROM connections_connection WHERE id = %s))"
_SENT = "{0}.id NOT IN (SELECT w.id FROM roster_withheld w)"
_HEAD = """r.id, r.sourced_id AS "sourcedId", r.modified, r.deleted_at,
    CASE WHEN r.deleted_at IS NULL THEN 'active' ELSE 'tobedeleted' END AS status"""


@dataclass(frozen=True)
class Source:
    """The rows of one object: a SELECT with its parameters. `keys` are columns a filter finds rows by, by path."""

    sql: str
    params: list[Any]
    keys: tuple[str, ...] = ()

    def select(self, columns: str) -> str:
        """Return a SELECT of these columns of q; further tests may follow it."""
        return f"SELECT {columns} FROM ({self.sql}) q WHERE true"

    def within(self, section: int) -> "Source":
        """Return the rows of one section."""
        return Source(f"{self.sql} AND s.id = %s::bigint", [*self.params, section], self.keys)


def sources_of(grant: Grant, kind: str) -> tuple[Source, ...]:
    """Return where the grant's rows of a wire object are: those of its table first, then those made of others."""
    own, *others = (make(grant) for make in SOURCES[kind])
    mirrored = [MIRRORS[kind](grant)] if grant.mirrors and kind in MIRRORS else []
    return (joined([own, *mirrored]), *others)


def joined(sources: Sequence[Source]) -> Source:
    """Return several sources as one."""
    params = [value for source in sources for value in source.params]
    return Source(" UNION ALL ".join(source.sql for source in sources), params, sources[0].keys)


def published(grant: Grant, kind: str, alias: str, sourced_id: str) -> Sql:
    """Return the join with the published record that the grant has of an object, by its sourcedId."""
    scope, values = in_scope(grant, alias)
    text = (
        f" JOIN roster_record {alias} ON {alias}.version = %s AND {alias}.object = %s"
        f" AND {alias}.sourced_id = {sourced_id} AND {alias}.retired_at IS NULL AND {alias}.status = 'active'"
        f" AND {scope} AND {_SENT.format(alias)}"
    )
    return text, [grant.version, kind, *values]


def student(grant: Grant, alias: str, person: str) -> Sql:
    """Return the join with the published student a person is; in 1.1 by the id of that role."""
    if grant.version == V1P1:
        own = (
            f" JOIN roster_roleid i ON i.person_id = {person} AND i.role = 'student'"
            " AND i.prefixed = coalesce((SELECT d.role_prefixed_ids FROM roster_districtsettings d LIMIT 1), false)"
        )
        join, values = published(grant, "user", alias, "i.sourced_id")
    else:
        own = f" JOIN roster_person i ON i.id = {person}"
        join, values = published(grant, "user", alias, "i.sourced_id")
    return own + join, values


def _category(grant: Grant) -> Source:
    join, values = published(grant, "class", "c", "s.sourced_id")
    offered = (
        "EXISTS (SELECT 1 FROM gradebook_category_sections l JOIN roster_section s ON s.id = l.section_id"
        f"{join} WHERE l.category_id = r.id)"
    )
    sql = f"""
        SELECT {_HEAD}, r.title, r.weight, r.metadata
        FROM gradebook_category r
        WHERE {OWN} AND (r.owner_id IS NOT NULL OR r.sourced_id = %s OR {offered})
    """
    return Source(sql, [grant.connection, UNCATEGORIZED, *values])


def _line_item(grant: Grant) -> Source:
    join, values = published(grant, "class", "c", "s.sourced_id")
    sql = f"""
        SELECT {_HEAD}, r.title, r.description, r.assigned_at AS "assignDate", r.due_at AS "dueDate",
            s.sourced_id AS "class", school.sourced_id AS school,
            coalesce(theirs.sourced_id, ours.sourced_id, '{UNCATEGORIZED}')::varchar AS category,
            period.sourced_id AS "gradingPeriod", session.sourced_id AS "academicSession",
            scale.sourced_id AS "scoreScale", r.points AS "resultValueMax",
            {"coalesce(r.minimum, 0)" if grant.version == V1P1 else "r.minimum"}::numeric AS "resultValueMin",
            r.objectives AS "learningObjectiveSet",
            CASE WHEN task.id IS NULL THEN r.metadata
                 ELSE coalesce(r.metadata, '{{}}') || jsonb_build_object('gradingTask', task.sourced_id)
            END AS metadata, r.id AS key, s.id AS section
        FROM gradebook_assignment r
        JOIN roster_section s ON s.id = r.section_id {join}
        JOIN roster_calendar calendar ON calendar.id = s.calendar_id
        JOIN roster_school school ON school.id = calendar.school_id
        LEFT JOIN gradebook_category theirs ON theirs.id = r.vendor_category_id
        LEFT JOIN gradebook_category ours ON ours.id = r.category_id
        LEFT JOIN gradebook_taskperiod task ON task.id = r.task_id
        LEFT JOIN roster_term period ON period.id = r.period_id
        LEFT JOIN roster_term session ON session.id = r.academic_session_id
        LEFT JOIN gradebook_sectionscale scale ON scale.id = r.scale_id AND scale.deleted_at IS NULL
        WHERE {OWN}
    """
    return Source(sql, [*values, grant.connection], ("class",))


def _result(grant: Grant) -> Source:
    (taught, taught_values), (enrolled, enrolled_values) = (
        published(grant, "class", "c", "s.sourced_id"),
        student(grant, "p", "r.person_id"),
    )
    sql = f"""
        SELECT {_HEAD}, a.sourced_id AS "lineItem", i.sourced_id AS student, s.sourced_id AS "class",
            scale.sourced_id AS "scoreScale", r.score::numeric AS score, r.text_score AS "textScore",
            r.score_date AS "scoreDate", r.comment, r.late, r.missing, r.incomplete, r.in_progress AS "inProgress",
            CASE WHEN r.exempt THEN 'exempt'
                 WHEN r.status NOT IN ('', 'exempt') THEN r.status
                 WHEN r.incomplete THEN 'partially graded'
                 WHEN r.score IS NOT NULL THEN 'fully graded'
                 WHEN r.turned_in THEN 'submitted'
                 ELSE 'not submitted' END::varchar AS "scoreStatus",
            r.objectives AS "learningObjectiveSet", r.metadata, r.id AS key, s.id AS section
        FROM gradebook_score r
        JOIN gradebook_assignment a ON a.id = r.assignment_id AND (a.deleted_at IS NULL OR r.deleted_at IS NOT NULL)
            AND {OWN.replace("r.", "a.")}
        JOIN roster_section s ON s.id = a.section_id {taught} {enrolled}
        LEFT JOIN gradebook_sectionscale scale ON scale.id = r.scale_id AND scale.deleted_at IS NULL
        WHERE {OWN}
    """
    params = [grant.connection, *taught_values, *enrolled_values, grant.connection]
    return Source(sql, params, ("class", "lineItem", "student"))


def _score_scale(grant: Grant) -> Source:
    join, values = published(grant, "class", "c", "s.sourced_id")
    sql = f"""
        SELECT {_HEAD}, scale.title, scale.type, course.sourced_id AS course, s.sourced_id AS "class",
            school.sourced_id AS school, r.metadata,
            (SELECT jsonb_agg(jsonb_build_object(
                'itemValueLHS', coalesce(nullif(g."left", ''), trim_scale(g.minimum)::text, ''),
                'itemValueRHS', g.score) ORDER BY g.sequence)
             FROM gradebook_gradingscalerange g WHERE g.scale_id = scale.id) AS "scoreScaleValue"
        FROM gradebook_sectionscale r
        JOIN gradebook_gradingscale scale ON scale.id = r.scale_id
        JOIN roster_section s ON s.id = r.section_id {join}
        JOIN roster_course course ON course.id = s.course_id
        JOIN roster_calendar calendar ON calendar.id = s.calendar_id
        JOIN roster_school school ON school.id = calendar.school_id
        WHERE {OWN}
    """
    return Source(sql, [*values, grant.connection], ("class",))


def _grading_task(grant: Grant) -> Source:
    return Source(*posted.line_items(published(grant, "class", "c", "s.sourced_id")))


def _posted_grade(grant: Grant) -> Source:
    taught, enrolled = published(grant, "class", "c", "s.sourced_id"), student(grant, "u", "r.person_id")
    return Source(*posted.results(grant, taught, enrolled, OWN))


SOURCES: dict[str, tuple[Callable[[Grant], Source], ...]] = {
    "category": (_category,), "lineItem": (_line_item, _grading_task), "result": (_result, _posted_grade),
    "scoreScale": (_score_scale,),
}  # fmt: skip
"""Where the rows of each object are; the apps above add theirs."""
MIRRORS: dict[str, Callable[[Grant], Source]] = {}
"""Rows of the apps above that a connection wants listed among those of our tables, in the same columns; no row of ours
has their ids.
"""
