"""Report cards and transcripts as they are shown: posted grades put in rows, with the student they are about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from gradebook import gpa
from gradebook.gpa import Final, Total
from gradebook.records import posted
from gradebook.records.posted import Posted
from gradebook.teaching.scoring import plain
from roster.models import Enrollment, Person, SchoolYear


class Student(NamedTuple):
    """Whom a record is about; school and grade are those of the newest enrollment."""

    key: int
    name: str
    number: str
    school: str
    grade: str


class Cell(NamedTuple):
    """A grade as it is shown: the score, and the percentage beside or instead of it."""

    score: str
    percent: str

    @property
    def told(self) -> str:
        """What stands first."""
        return self.score or self.percent


NO_CELL = Cell("", "")


@dataclass
class Row:
    """A course and one of its grading tasks, with a cell for each term of the card and what was written."""

    course: str
    task: str
    teachers: str
    cells: list[Cell] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Card:
    """A student's report card of one school year."""

    student: Student
    year: str
    terms: list[str]
    rows: list[Row]


class Line(NamedTuple):
    """A final grade of a transcript."""

    course: str
    number: str
    term: str
    cell: Cell
    credits: str
    points: str


@dataclass
class Year:
    """The final grades of a school year at a school."""

    title: str
    school: str
    lines: list[Line]
    total: Total


@dataclass
class Transcript:
    """A student's final grades of all years that are kept here."""

    student: Student
    years: list[Year]
    total: Total


def report_cards(
    people: Sequence[int], year: SchoolYear, *, sections: Collection[int] | None = None, family: bool = False
) -> list[Card]:
    """Return the report cards of these students in their order, also of those who have no grade yet."""
    grades = _by_person(posted.of_report_cards(people, year.pk, sections=sections, family=family))
    taught = posted.teachers({each.section for own in grades.values() for each in own})
    return [_card(student, year.title, grades[student.key], taught) for student in students(people)]


def transcripts(people: Sequence[int], *, family: bool = False) -> list[Transcript]:
    """Return the transcripts of these students in their order."""
    grades = _by_person(posted.of_transcripts(people, family=family))
    return [_transcript(student, grades[student.key]) for student in students(people)]


def students(people: Sequence[int]) -> list[Student]:
    """Return whom records are about, in the order they are named."""
    found = Person.objects.in_bulk(list(people))
    newest = Enrollment.objects.filter(person__in=list(people), ended_at=None).exclude(no_show=True)
    ordered = newest.select_related("calendar__school", "grade_level").order_by(
        "person", "-calendar__school_year__start_year", "service_type", "-start_date", "-pk"
    )
    where: dict[int, Enrollment] = {}
    for row in ordered:
        where.setdefault(row.person_id, row)
    return [_student(found[key], where.get(key)) for key in people if key in found]


def shown(number: Decimal | None) -> str:
    """Return a number as people read it; blank for None."""
    return "" if number is None else plain(number)


def _student(person: Person, row: Enrollment | None) -> Student:
    given = person.preferred_given_name or person.given_name
    name = f"{person.preferred_family_name or person.family_name}, {given}"
    school = row.calendar.school.name if row else ""
    grade = row.grade_level.local_grade if row and row.grade_level else ""
    return Student(person.pk, name, person.local_id, school, grade)


def _by_person(grades: Iterable[Posted]) -> dict[int, list[Posted]]:
    found: dict[int, list[Posted]] = defaultdict(list)
    for each in grades:
        found[each.person].append(each)
    return found


def _card(student: Student, year: str, grades: Sequence[Posted], taught: dict[int, list[str]]) -> Card:
    terms = {each.term_title: None for each in grades}  # schools' terms of one name are one column
    rows: dict[tuple[int, int], Row] = {}
    cells: dict[tuple[int, int], dict[str, Cell]] = defaultdict(dict)
    for each in sorted(grades, key=lambda one: (one.course, one.section)):
        key = (each.section, each.task)
        row = rows.setdefault(key, Row(each.course, each.task_title, ", ".join(taught.get(each.section, ()))))
        cells[key][each.term_title] = Cell(each.score, shown(each.percent))
        if each.comment:
            row.comments.append((each.term_title, each.comment))
    for key, row in rows.items():
        row.cells = [cells[key].get(term, NO_CELL) for term in terms]
    return Card(student, year, list(terms), list(rows.values()))


def _transcript(student: Student, grades: Sequence[Posted]) -> Transcript:
    years: dict[tuple[int, str], list[Posted]] = defaultdict(list)
    for each in grades:
        years[each.year, each.school].append(each)
    told = [
        Year(own[0].year_title, school, [_line(each) for each in own], _total(own))
        for (_key, school), own in years.items()
    ]
    return Transcript(student, told, _total(grades))


def _line(each: Posted) -> Line:
    cell = Cell(each.score, shown(each.percent))
    return Line(each.course, each.number, each.term_title, cell, shown(each.credits), shown(each.points))


def _total(grades: Iterable[Posted]) -> Total:
    return gpa.total(Final(each.points, each.credits) for each in grades)
