"""What of an import says nothing about its package: what was over by its own dates, and what only comes back.

When a semester ends, a seventh or a half of all sections go with their students and teachers, and others begin. That is
no mass deletion. And what a wrong package took away is brought back by the next good one, which is no mass change.
"""

import datetime
from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from roster.imports.difference import Difference
from roster.imports.endings import KINDS

LATELY = datetime.timedelta(days=60)
"""What ended longer ago does not come back as if nothing had been: then an old package is at work."""
TABLES = {kind.name: kind.table for kind in KINDS}
SEATS = ("roster entries", "section staff")
# A section is over when every term it meets in is; terms and links count as they were before the import as well, so
# that a package whose dates are wrong excuses nothing.
_OVER = """
    SELECT l.section_id FROM (
        SELECT section_id, term_id FROM roster_section_terms
        UNION SELECT (c.row->>'section_id')::bigint, (c.row->>'term_id')::bigint FROM trace c
        WHERE c.table_name = 'roster_section_terms'
    ) l JOIN roster_term m ON m.id = l.term_id
    LEFT JOIN trace w ON w.table_name = 'roster_term' AND w.id = m.id
    GROUP BY 1 HAVING max(greatest(m.end_date, (w.row->>'end_date')::date)) < %(today)s
"""
_DATED = "z.last < %(today)s"
_HELD = "t.section_id IN (SELECT section_id FROM over)"
EXCUSES = {
    **dict.fromkeys(SEATS, f"{_DATED} OR {_HELD}"),
    "student enrollments": _DATED,
    "district assignments": _DATED,
    "sections": "t.id IN (SELECT section_id FROM over)",
    "courses": "EXISTS (SELECT 1 FROM roster_section x WHERE x.course_id = t.id) AND NOT EXISTS ("
    "SELECT 1 FROM roster_section x WHERE x.course_id = t.id AND x.id NOT IN (SELECT section_id FROM over))",
    "terms": f"t.end_date < %(today)s AND {_DATED}",
}
"""When a row of a kind that the import ended was over anyway; `z.last` is the latest end date it had."""


class Passed(NamedTuple):
    """How many rows the import ended that were over, and changed that came back or got the end they had."""

    ended: int = 0
    changed: int = 0


NOTHING = Passed()


def passed(difference: Difference, now: datetime.datetime) -> Mapping[str, Passed]:
    """Return it for each kind of which the import at work ended or changed something; read from the import's notes."""
    today = timezone.localdate(now)
    touched = {kind for part in (difference.ended, difference.changed) for kind, count in part.items() if count}
    return {kind: _passed(kind, now, today) for kind in TABLES if kind in touched}


def _passed(kind: str, now: datetime.datetime, today: datetime.date) -> Passed:
    """Look at each row of a kind as it was first and as it is now.

    A living row whose only change is an end date, in a section that is over, has been closed by the semester.
    """
    closed = "false"
    if kind in SEATS:
        closed = f"{_HELD} AND t.end_date < %(today)s AND to_jsonb(t) - 'end_date' @> z.was - 'end_date'"
    sql = f"""
        WITH trace AS MATERIALIZED (
            SELECT c.id AS number, s.table_name, c.row, (c.row->>'id')::bigint AS id FROM roster_feedstep s
            JOIN roster_feedtrace c ON c.step_id = s.id WHERE s.feed_id IS NULL AND c.row IS NOT NULL
            AND s.table_name IN (%(table)s, 'roster_term', 'roster_section_terms')
        ), over AS MATERIALIZED ({_OVER}), was AS (
            SELECT id, (array_agg(row ORDER BY number))[1] AS was,
                max(coalesce((row->>'end_date')::date, 'infinity')) AS last
            FROM trace WHERE table_name = %(table)s GROUP BY id
        )
        SELECT count(*) FILTER (WHERE t.ended_at IS NOT NULL AND z.was->>'ended_at' IS NULL
                AND ({EXCUSES.get(kind, "false")})),
            count(*) FILTER (WHERE t.ended_at IS NULL
                AND ((z.was->>'ended_at')::timestamptz > %(lately)s OR ({closed})))
        FROM was z JOIN {TABLES[kind]} t ON t.id = z.id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"table": TABLES[kind], "today": today, "lately": now - LATELY})
        return Passed(*cursor.fetchone())
