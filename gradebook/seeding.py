"""The grade books of the synthetic district: categories, grading tasks, a scale, assignments and scores."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import NamedTuple

from django.db import models

from gradebook.models import (
    Assignment,
    Category,
    DirtyMark,
    GradeOptions,
    GradingScale,
    GradingScaleRange,
    GradingTask,
    Score,
    SectionScale,
    TaskPeriod,
)
from interop.dates import zone
from roster.models import RosterEntry, Section, Term
from roster.seeding.tables import Tables

ORDER: tuple[type[models.Model], ...] = (
    Category, GradingScale, GradingScaleRange, GradingTask, TaskPeriod, GradeOptions, SectionScale,
    Category.sections.through, Assignment, DirtyMark,
)  # fmt: skip
SOME = 20
CATEGORIES = (("Homework", 30, 1), ("Quizzes", 30, 0), ("Tests", 40, 0))
SINGLE = {"Homework": "Homework", "Quizzes": "Quiz", "Tests": "Test"}
WORK = (("Homework", 10), ("Quizzes", 20), ("Homework", 10), ("Tests", 100), ("Homework", 10), ("Quizzes", 25))
LETTERS = (("A", 90, 4), ("B", 80, 3), ("C", 70, 2), ("D", 60, 1), ("F", 0, 0))
WINDOW = dt.timedelta(days=10)
AHEAD = dt.timedelta(days=14)
DUE, MORNING = dt.time(15, 0), dt.time(8, 0)


class Period(NamedTuple):
    """A grading period."""

    id: int
    first: dt.date
    last: dt.date


def fill(tables: Tables, number: int, today: dt.date, *, everywhere: bool) -> tuple[type[models.Model], ...]:
    """Add the grade books to the tables of a district; return the order their tables are written in."""
    maker = Maker(tables, Random(number), today)
    maker.setup()
    seats = maker.assignments(1 if everywhere else SOME)
    tables.lines[Score] = maker.scores(seats)
    return ORDER


class Maker:
    """Makes the rows; the same seed and day make the same ones."""

    def __init__(self, tables: Tables, rng: Random, today: dt.date) -> None:
        self.tables, self.rng, self.today = tables, rng, today
        self.modified = dt.datetime.combine(today, dt.time(0), dt.UTC)
        self.periods = self._periods()
        self.sections: dict[int, list[int]] = defaultdict(list)
        self.terms: dict[int, list[int]] = defaultdict(list)
        for key, course in tables.rows(Section, "id", "course_id"):
            self.sections[course].append(key)
        for section, term in tables.rows(Section.terms.through, "section_id", "term_id"):
            self.terms[section].append(term)
        self.categories: dict[tuple[int, str], int] = {}
        self.tasks: dict[tuple[int, int], int] = {}
        self.courses = {section: course for course, keys in self.sections.items() for section in keys}

    def _periods(self) -> dict[int, list[Period]]:
        """Return the grading periods of each semester."""
        found: dict[int, list[Period]] = defaultdict(list)
        for key, parent, first, last in self.tables.rows(Term, "id", "parent_id", "start_date", "end_date"):
            if parent is not None:
                found[parent].append(Period(key, first, last))
        return found

    def setup(self) -> None:
        """Give every course categories, and a task in each grading period its sections have; a scale for all."""
        add = self.tables.add
        scale = add(GradingScale, title="A to F", type="Letter grade")
        for at, (letter, minimum, points) in enumerate(LETTERS):
            add(GradingScaleRange, scale_id=scale, sequence=at, score=letter, minimum=minimum, points=points)
        for course, sections in self.sections.items():
            for at, (title, weight, dropped) in enumerate(CATEGORIES):
                key = add(
                    Category, sourced_id=f"category-{course:06d}-{at + 1}", title=title, weight=weight,
                    drop_lowest=dropped, sequence=at, modified=self.modified,
                )  # fmt: skip
                self.categories[course, title] = key
                for section in sections:
                    add(Category.sections.through, category_id=key, section_id=section)
            self._tasks(course, sections, scale)
            for section in sections:
                add(
                    SectionScale, sourced_id=f"scale-{section:06d}", scale_id=scale, section_id=section,
                    modified=self.modified,
                )  # fmt: skip

    def _tasks(self, course: int, sections: list[int], scale: int) -> None:
        """Quarter grades, weighted by categories for every second course; options are mandated for the course."""
        add = self.tables.add
        task = add(GradingTask, course_id=course, title="Quarter Grade", kind="task")
        semesters = sorted({term for section in sections for term in self.terms[section]})
        for period in (each for semester in semesters for each in self.periods[semester]):
            key = self.tasks[course, period.id] = add(
                TaskPeriod, task_id=task, term_id=period.id, sourced_id=f"task-{course:06d}-{period.id:06d}",
                opens=period.last - WINDOW, closes=period.last + WINDOW, modified=self.modified,
            )  # fmt: skip
            add(GradeOptions, period_id=key, scale_id=scale, weight_categories=course % 2 == 1)

    def assignments(self, every: int) -> dict[int, list[tuple[int, int, dt.date]]]:
        """Make the assignments of every n-th section; return key, points and due day of those that are due."""
        due: dict[int, list[tuple[int, int, dt.date]]] = defaultdict(list)
        for section in range(every, self.tables.count(Section) + 1, every):
            periods = [period for term in self.terms[section] for period in self.periods[term]]
            for period in sorted(periods, key=lambda each: each.first):
                self._work(section, period, due[section])
            self.tables.add(DirtyMark, section_id=section, at=self.modified)
        return due

    def _work(self, section: int, period: Period, due: list[tuple[int, int, dt.date]]) -> None:
        course = self.courses[section]
        for at, (kind, points) in enumerate(WORK):
            day = period.first + (period.last - period.first) * (at + 1) // len(WORK)
            if day > self.today + AHEAD:
                return
            number = self.tables.count(Assignment) + 1
            key = self.tables.add(
                Assignment, sourced_id=f"assignment-{number:07d}", modified=self.modified, section_id=section,
                title=f"{SINGLE[kind]} {at + 1}", points=points,
                assigned_at=self._moment(day - AHEAD / 2, MORNING), due_at=self._moment(day, DUE), due_on=day,
                category_id=self.categories[course, kind], task_id=self.tasks[course, period.id],
                aligned_by=Assignment.AlignedBy.TEACHER.value, period_id=period.id, multiplier=Decimal(1),
            )  # fmt: skip
            if day <= self.today:
                due.append((key, points, day))

    @staticmethod
    def _moment(day: dt.date, at: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, at, zone())

    def scores(self, due: dict[int, list[tuple[int, int, dt.date]]]) -> Iterator[bytes]:
        """Yield the scores of all students of these sections, in the form COPY reads (see Score for the columns)."""
        seats: dict[int, list[int]] = defaultdict(list)
        for section, person in self.tables.rows(RosterEntry, "section_id", "person_id"):
            if section in due:
                seats[section].append(person)
        names = [field.attname for field in Score._meta.concrete_fields]
        blank: dict[str, object] = {field.attname: field.get_default() for field in Score._meta.concrete_fields}
        number, random = 0, self.rng.random
        for section, work in due.items():
            for person in seats[section]:
                able = 0.6 + 0.4 * random()
                for key, points, day in work:
                    number, luck = number + 1, random()
                    missing = luck < 0.03
                    earned = None if missing else round(points * min(1.0, able + 0.25 * (luck - 0.5)))
                    told = blank | {
                        "id": number, "sourced_id": f"score-{number:08d}", "modified": self.modified,
                        "assignment_id": key, "person_id": person, "score_date": day, "score": earned,
                        "missing": missing, "late": 0.03 <= luck < 0.06, "exempt": luck > 0.99,
                    }  # fmt: skip
                    yield _line([told[name] for name in names])


def _line(values: list[object]) -> bytes:
    texts = (r"\N" if value is None else value if type(value) is str else str(value) for value in values)
    return ("\t".join(texts) + "\n").encode()
