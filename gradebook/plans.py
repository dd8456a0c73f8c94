"""Everything that decides the grades of sections, read for many sections in few statements.

The job that computes grades and the page that explains one read it here, so that both say the same.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from gradebook import grading
from gradebook.grading import Category, Grade, Line, Options, Part, Period, Plan, Work
from gradebook.models import GradeOptions, Score

# The grading tasks of each section's course (or its own) in the section's terms and the grading periods below them,
# with the options in force: what is mandated for the course, else the section's own.
_PERIODS = """
    WITH RECURSIVE below AS (
        SELECT st.section_id, t.id FROM roster_section_terms st
        JOIN roster_term t ON t.id = st.term_id AND t.ended_at IS NULL WHERE st.section_id = ANY(%s)
        UNION
        SELECT b.section_id, t.id FROM below b JOIN roster_term t ON t.parent_id = b.id AND t.ended_at IS NULL
    )
    SELECT s.id, p.id, g.id, g.title, t.id, t.title, t.start_date, t.end_date, p.opens, p.closes, p.parent_id,
           p.parent_weight, o.calculation, o.weight_categories, o.use_percent, o.limit_last, o.scale_id, c.start_date,
           coalesce(o.portal, true)
    FROM below b
    JOIN roster_section s ON s.id = b.section_id
    JOIN roster_term t ON t.id = b.id
    JOIN gradebook_gradingtask g ON g.course_id = s.course_id AND (g.section_id IS NULL OR g.section_id = s.id)
    JOIN gradebook_taskperiod p ON p.task_id = g.id AND p.term_id = t.id
    LEFT JOIN LATERAL (
        SELECT * FROM gradebook_gradeoptions x
        WHERE x.period_id = p.id AND (x.section_id IS NULL OR x.section_id = s.id)
        ORDER BY x.section_id NULLS FIRST LIMIT 1
    ) o ON true
    LEFT JOIN roster_term c ON c.id = o.cumulative_from_id
    ORDER BY s.id, g.sequence, g.id, t.start_date, t.end_date DESC, p.id
"""
_CATEGORIES = """
    SELECT l.section_id, k.id, k.title, k.weight, k.drop_lowest
    FROM gradebook_category_sections l JOIN gradebook_category k ON k.id = l.category_id
    WHERE l.section_id = ANY(%s) AND k.owner_id IS NULL AND k.deleted_at IS NULL ORDER BY k.sequence, k.id
"""
_WORKS = """
    SELECT section_id, id, title, category_id, task_id, points, multiplier, due_on, sequence, active
    FROM gradebook_assignment WHERE section_id = ANY(%s) AND deleted_at IS NULL AND task_id IS NOT NULL
"""
_SCALES = """
    SELECT scale_id, minimum, score FROM gradebook_gradingscalerange
    WHERE scale_id = ANY(%s) AND minimum IS NOT NULL ORDER BY scale_id, minimum DESC
"""
_BITS = " | ".join(f"(s.{name}::int << {place})" for place, name in enumerate(Score.FLAGS))
# Whose seat in the section the district took back has no grade there; whose seat ended on a day keeps the grade.
_MARKS = f"""
    SELECT m.* FROM (
        SELECT a.section_id, s.person_id, array_agg(s.assignment_id), array_agg(s.score), array_agg({_BITS})
        FROM gradebook_assignment a JOIN gradebook_score s ON s.assignment_id = a.id AND s.deleted_at IS NULL
        WHERE a.section_id = ANY(%s) AND a.deleted_at IS NULL AND a.task_id IS NOT NULL
          AND (%s::bigint IS NULL OR s.person_id = %s)
        GROUP BY 1, 2
    ) m(section, person, assignments, scores, bits)
    WHERE EXISTS (
        SELECT FROM roster_rosterentry e
        WHERE e.section_id = m.section AND e.person_id = m.person AND e.ended_at IS NULL)
"""  # noqa: S608 - names of the model's own flags
_POSTED = """
    SELECT section_id, person_id, period_id, percent FROM gradebook_postedgrade
    WHERE section_id = ANY(%s) AND deleted_at IS NULL AND (%s::bigint IS NULL OR person_id = %s)
"""


class TaskInTerm(NamedTuple):
    """A grading task in one of the section's terms, with the options in force. `key` is the TaskPeriod's."""

    key: int
    task: int
    title: str
    term: int
    term_title: str
    first: dt.date
    last: dt.date
    opens: dt.date | None
    closes: dt.date | None
    parent: int | None
    parent_weight: Decimal | None
    calculation: str | None
    weight_categories: bool | None
    use_percent: bool | None
    limit_last: int | None
    scale: int | None
    since: dt.date | None
    portal: bool = True

    @property
    def is_computed(self) -> bool:
        """Whether it has grades in progress at all; without a row of options it has."""
        return self.calculation != GradeOptions.Calculation.NONE

    @property
    def is_shown(self) -> bool:
        """Whether its grade in progress is shown: only with a scale."""
        return self.is_computed and self.scale is not None


@dataclass
class Book:
    """What decides the grades of one section."""

    periods: dict[int, TaskInTerm] = field(default_factory=dict)
    categories: dict[int, Category] = field(default_factory=dict)
    works: list[Work] = field(default_factory=list)
    scales: Mapping[int, tuple[Line, ...]] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)

    def finish(self) -> None:
        """Make the plan of each period."""
        known = [Period(each.key, each.task, each.first, each.last) for each in self.periods.values()]
        works = defaultdict(list)
        for work in self.works:
            works[work.period].append(work)
        for each, period in zip(self.periods.values(), known, strict=True):
            counted = grading.cumulated(known, period, each.since)
            own = tuple(work for key in counted for work in works[key])
            options = Options(
                bool(each.weight_categories), bool(each.use_percent), each.limit_last,
                self.scales.get(each.scale or 0, ()),
            )  # fmt: skip
            self.plans[each.key] = Plan(options, self.categories, own, counted)

    def parts_of(self, period: int) -> list[TaskInTerm]:
        """Return the periods a composite grade is made of; none: it is made of assignments."""
        return [each for each in self.periods.values() if each.parent == period]


@dataclass
class Held:
    """What one student has in a section: marks by assignment, posted percentages by period."""

    marks: dict[int, tuple[Decimal | None, int]] = field(default_factory=dict)
    posted: dict[int, Decimal | None] = field(default_factory=dict)


def books(sections: Collection[int]) -> dict[int, Book]:
    """Return what decides the grades of these sections; four statements."""
    wanted = list(sections)
    found = {section: Book() for section in wanted}
    for section, *facts in _rows(_PERIODS, [wanted]):
        period = TaskInTerm(*facts)
        found[section].periods[period.key] = period
    for section, *facts in _rows(_CATEGORIES, [wanted]):
        found[section].categories[facts[0]] = Category(*facts)
    for section, *facts in _rows(_WORKS, [wanted]):
        found[section].works.append(Work(*facts))
    used = {each.scale for book in found.values() for each in book.periods.values() if each.scale}
    scales: dict[int, tuple[Line, ...]] = defaultdict(tuple)
    for scale, minimum, score in _rows(_SCALES, [list(used)]):
        scales[scale] += (Line(minimum, score),)
    for book in found.values():
        book.scales = scales
        book.finish()
    return found


def held(sections: Collection[int], person: int | None = None) -> dict[int, dict[int, Held]]:
    """Return what each student (or only one) has, by section and person; two statements."""
    wanted = list(sections)
    found: dict[int, dict[int, Held]] = {section: defaultdict(Held) for section in wanted}
    for section, student, works, scores, bits in _rows(_MARKS, [wanted, person, person]):
        found[section][student].marks = dict(zip(works, zip(scores, bits, strict=True), strict=True))
    for section, student, period, percent in _rows(_POSTED, [wanted, person, person]):
        found[section][student].posted[period] = percent
    return found


def grades(book: Book, had: Held) -> dict[int, Grade]:
    """Return a student's grades in progress by period: of assignments, or of other grades where there are parts."""
    found: dict[int, Grade] = {}
    for period in book.periods:
        _grade(book, had, period, found, frozenset())
    return {key: grade for key, grade in found.items() if book.periods[key].is_computed}


def parts(book: Book, had: Held, period: int, found: Mapping[int, Grade]) -> list[Part]:
    """Return the parts of a composite grade with what counts of each."""
    return [
        Part(
            f"{each.title} ({each.term_title})", each.parent_weight, had.posted.get(each.key),
            found[each.key].percent if each.is_computed and each.key in found else None,
        )
        for each in book.parts_of(period)
    ]  # fmt: skip


def _grade(book: Book, had: Held, period: int, found: dict[int, Grade], above: frozenset[int]) -> None:
    """Compute a period after its parts; a part that is above itself is left out."""
    if period in found:
        return
    plan = book.plans[period]
    below = [each for each in book.parts_of(period) if each.key not in above and each.key != period]
    for each in below:
        _grade(book, had, each.key, found, above | {period})
    if below:
        found[period] = grading.composite(parts(book, had, period, found), plan.options.scale)
    else:
        found[period] = grading.grade(plan, had.marks)


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
