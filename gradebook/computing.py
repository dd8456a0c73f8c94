"""Grades in progress: every five minutes those of the sections that changed are computed and written where different.

What is written is what a computation from scratch gives, to the last digit: `compute` knows nothing of what was there.
A section is stale from the change that marked it until its marks are gone.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook import plans
from gradebook.models import DirtyMark
from interop.jobs.running import Run

AT_ONCE = 25
"""Sections of one transaction."""
# The oldest marks first; what is marked meanwhile keeps its mark, and is computed again.
_TAKE = """
    DELETE FROM gradebook_dirtymark WHERE section_id IN (
        SELECT section_id FROM gradebook_dirtymark WHERE at <= %s GROUP BY section_id
        ORDER BY min(at), section_id LIMIT %s
    ) RETURNING section_id
"""
_WRITE = """
    WITH n AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[], %s::text[])
            AS n(section_id, person_id, period_id, percent, score)
    ), gone AS (
        DELETE FROM gradebook_inprogressgrade g WHERE g.section_id = ANY(%s) AND NOT EXISTS (
            SELECT FROM n WHERE (n.section_id, n.person_id, n.period_id) = (g.section_id, g.person_id, g.period_id)
        ) RETURNING 1
    ), written AS (
        INSERT INTO gradebook_inprogressgrade AS g (section_id, person_id, period_id, percent, score, computed_at)
        SELECT n.*, %s FROM n ORDER BY 1, 2, 3
        ON CONFLICT (section_id, person_id, period_id) DO UPDATE
            SET percent = EXCLUDED.percent, score = EXCLUDED.score, computed_at = EXCLUDED.computed_at
            WHERE (g.percent, g.score) IS DISTINCT FROM (EXCLUDED.percent, EXCLUDED.score)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""


class Row(NamedTuple):
    """A grade as it is stored."""

    section: int
    person: int
    period: int
    percent: object
    score: str


def run(job: Run) -> str:
    """Compute what is marked when it begins. A few sections are one transaction; it may be begun again."""
    begun = timezone.now()
    waiting = DirtyMark.objects.filter(at__lte=begun).values("section_id").distinct().count()
    sections = changed = 0
    while True:
        taken, written = drain(begun)
        if not taken:
            break
        sections, changed = sections + taken, changed + written
        job.advance(_("sections"), min(sections, waiting), waiting)
    if not sections:
        return _("Nothing has changed.")
    told = ngettext("%(number)d section computed", "%(number)d sections computed", sections) % {"number": sections}
    return told + ngettext(", %(number)d grade changed.", ", %(number)d grades changed.", changed) % {"number": changed}


def drain(until: dt.datetime) -> tuple[int, int]:
    """Compute some sections marked by then, the oldest marks first; return how many, and how many grades changed."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [until, AT_ONCE])
            sections = {row[0] for row in cursor.fetchall()}
        return len(sections), compute(sections, until) if sections else 0


def compute(sections: Collection[int], now: dt.datetime) -> int:
    """Compute all grades of these sections and write what differs; return how many grades that were."""
    rows = graded(sections)
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], [], []]
        cursor.execute(_WRITE, [*columns, list(sections), now])
        return int(cursor.fetchone()[0])


def graded(sections: Collection[int]) -> list[Row]:
    """Return the grades in progress of these sections as they are to be stored; those that have a scale to be shown.

    Nothing is stored for whom nothing counts yet.
    """
    books, had = plans.books(sections), plans.held(sections)
    rows = []
    for section, book in books.items():
        for person, theirs in had[section].items():
            for period, grade in plans.grades(book, theirs).items():
                if grade.percent is not None and book.periods[period].is_shown:
                    rows.append(Row(section, person, period, grade.percent, grade.score))
    return rows


def stale(sections: Sequence[int]) -> set[int]:
    """Return those of the sections whose grades are about to be computed again."""
    marked = DirtyMark.objects.filter(section__in=sections).values_list("section_id", flat=True)
    return set(marked.distinct())
