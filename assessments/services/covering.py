"""Who of the students has a score in a test, by school and grade."""

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from assessments.models import Test
from interop.dates import district_day

# Students who are enrolled in the current school year, those of the class when the test names one. Somebody at two
# schools counts at both.
_COVERED = """
    SELECT c.school_id, s.name, coalesce(g.local_grade, ''),
        count(DISTINCT e.person_id) FILTER (WHERE t.there), count(DISTINCT e.person_id) FILTER (WHERE NOT t.there)
    FROM roster_enrollment e
    JOIN roster_calendar c ON c.id = e.calendar_id
    JOIN roster_schoolyear y ON y.id = c.school_year_id AND y.active
    JOIN roster_school s ON s.id = c.school_id
    LEFT JOIN roster_gradelevel g ON g.id = e.grade_level_id
    CROSS JOIN LATERAL (SELECT EXISTS (
        SELECT FROM assessments_testscore r
        WHERE r.test_id = %s AND r.person_id = e.person_id AND r.deleted_at IS NULL) AS there) t
    WHERE e.ended_at IS NULL AND NOT e.no_show AND (e.end_date IS NULL OR e.end_date >= %s)
        AND (%s::bigint IS NULL OR EXISTS (
            SELECT FROM roster_rosterentry r
            WHERE r.section_id = %s AND r.person_id = e.person_id AND r.ended_at IS NULL))
    GROUP BY 1, 2, 3 ORDER BY 2, 1, 3
"""


@dataclass(frozen=True)
class Covered:
    """The enrolled students of a school and grade: how many have a score, and how many have none."""

    school: int
    school_name: str
    grade: str
    tested: int
    untested: int


def covered(test: Test) -> list[Covered]:
    """Return how many of today's students are tested, by school and local grade. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [test.pk, district_day(timezone.now()), test.section_id, test.section_id])
        return [Covered(*row) for row in cursor.fetchall()]
