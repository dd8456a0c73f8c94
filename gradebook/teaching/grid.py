"""The grade book of a section as a grid: students by the assignments of one grading task in its period."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from gradebook import computing, grading, plans
from gradebook.models import Assignment, InProgressGrade, PostedGrade, Score
from gradebook.plans import Book, TaskInTerm
from gradebook.teaching import scoring
from gradebook.teaching.access import Teacher, student_name, students
from roster.models import Person, Section

A_SHEET = 16
"""Assignments on one printed sheet."""
NO_CELL = '<td class="s none" data-v="">–</td>'


@dataclass
class Column:
    """An assignment at the head of its column; `tool` is the learning tool it opens in."""

    row: Assignment
    vendor: str
    tool: str = ""

    @property
    def first_word(self) -> str:
        """The vendor in one word."""
        return self.vendor.split()[0] if self.vendor else ""

    @property
    def tool_word(self) -> str:
        """The tool in one word."""
        return self.tool.split()[0] if self.tool else ""


@dataclass
class Band:
    """A category over its columns."""

    title: str
    weight: str
    columns: list[Column] = field(default_factory=list)


@dataclass
class Row:
    """A student with the grade in progress and the cells, which are HTML already: there may be five thousand."""

    person: Person
    name: str
    percent: str
    score: str
    posted: str
    parts: list[str]

    @property
    def cells(self) -> SafeString:
        """All cells."""
        return mark_safe("".join(self.parts))  # noqa: S308 - see `cell`


@dataclass
class Grid:
    """What the page shows of one grading task in its period."""

    period: TaskInTerm | None
    periods: list[TaskInTerm]
    bands: list[Band]
    rows: list[Row]
    is_stale: bool
    computed_at: dt.datetime | None

    @property
    def columns(self) -> list[Column]:
        """All assignments, in the order of the columns."""
        return [column for band in self.bands for column in band.columns]


@dataclass
class Sheet:
    """As many assignments as fit a printed page, with each student's name, grade and cells."""

    columns: list[Column]
    rows: list[tuple[Row, SafeString]]


def sheets(shown: Grid) -> list[Sheet]:
    """Return the grid cut into sheets for printing; one without assignments still has the grades."""
    columns, found = shown.columns, []
    for start in range(0, max(1, len(columns)), A_SHEET):
        own = slice(start, start + A_SHEET)
        rows = [(row, mark_safe("".join(row.parts[own]))) for row in shown.rows]  # noqa: S308 - see `cell`
        found.append(Sheet(columns[own], rows))
    return found


def chosen_period(book: Book, wanted: int | None, today: dt.date) -> TaskInTerm | None:
    """Return the period asked for, else the shortest that holds today, else the one before, else the first."""
    if wanted in book.periods:
        return book.periods[wanted]
    listed = sorted(book.periods.values(), key=lambda each: each.last - each.first)
    holding = [each for each in listed if each.first <= today <= each.last]
    before = sorted((each for each in listed if each.last < today), key=lambda each: each.last, reverse=True)
    return next(iter([*holding, *before, *book.periods.values()]), None)


def grid(teacher: Teacher, section: Section, wanted: int | None) -> Grid:
    """Return the grade book of a section; a fixed number of statements."""
    book = plans.books([section.pk])[section.pk]
    period = chosen_period(book, wanted, teacher.today)
    people = students(section.pk, teacher.today)
    bands = _bands(book, section, period)
    order = [column.row.pk for band in bands for column in band.columns]
    grades = {row.person_id: row for row in InProgressGrade.objects.filter(section=section, period=_key(period))}
    posted = {
        row.person_id: row for row in PostedGrade.objects.filter(section=section, period=_key(period), deleted_at=None)
    }
    marks = _marks(order)
    rows = []
    for person in people:
        grade, given = grades.get(person.pk), posted.get(person.pk)
        shown = grading.shown(grade.percent) if grade else None
        own = marks.get(person.pk, {})
        rows.append(Row(
            person, student_name(person), "" if shown is None else str(shown), grade.score if grade else "",
            given.score or scoring.plain(given.percent or Decimal(0)) if given else "",
            [own.get(key, NO_CELL) for key in order],
        ))  # fmt: skip
    latest = max((row.computed_at for row in grades.values()), default=None)
    return Grid(period, list(book.periods.values()), bands, rows, bool(computing.stale([section.pk])), latest)


def cell(score: Decimal | None, flags: Sequence[str]) -> str:
    """Return a cell: numbers and our own letters only."""
    if score is None and not flags:
        return NO_CELL
    letters = "".join(f'<i class="{letter}">{letter}</i>' for letter, name in scoring.LETTERS.items() if name in flags)
    number = "" if score is None else scoring.plain(score)
    return f'<td class="s" data-v="{scoring.text(score, flags)}">{letters}{number}</td>'


def _bands(book: Book, section: Section, period: TaskInTerm | None) -> list[Band]:
    """Return the categories with the assignments of the period, the oldest first."""
    if period is None:
        return []
    weighted = bool(period.weight_categories)
    bands = {
        key: Band(each.title, scoring.plain(each.weight) if weighted and each.weight is not None else "")
        for key, each in book.categories.items()
    }
    bands[0] = Band(_("Without a category"), "")
    listed = Assignment.objects.filter(section=section, task=period.key, deleted_at=None).select_related("owner")
    for row in listed.order_by("due_on", "sequence", "pk"):
        bands.get(row.category_id or 0, bands[0]).columns.append(Column(row, str(row.owner or "")))
    return [band for band in bands.values() if band.columns]


def _marks(assignments: Sequence[int]) -> dict[int, dict[int, str]]:
    """Return the cells there are, by person and assignment."""
    names = ("person_id", "assignment_id", "score", *Score.FLAGS)
    found: dict[int, dict[int, str]] = {}
    for person, assignment, score, *held in Score.objects.filter(
        assignment__in=assignments, deleted_at=None
    ).values_list(*names):
        flags = [name for name, is_set in zip(Score.FLAGS, held, strict=True) if is_set]
        found.setdefault(person, {})[assignment] = cell(score, flags)
    return found


def _key(period: TaskInTerm | None) -> int:
    return period.key if period else 0


def legend() -> SafeString:
    """Return what the letters mean, as list items."""
    told = {
        "M": _("missing, counts as 0"), "Ch": _("cheated, counts as 0"), "X": _("exempt, does not count"),
        "Dr": _("dropped, does not count"), "L": _("late"), "I": _("incomplete"), "T": _("turned in"),
    }  # fmt: skip
    items = [format_html("<li><strong>{}</strong> {}</li>", letter, means) for letter, means in told.items()]
    return mark_safe("".join(items))  # noqa: S308 - each item is escaped
