"""A section that is taught: a teacher, students, quarters with a grading task, categories, a scale."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils import timezone
from django.utils.text import slugify

from connections.models import Application
from gradebook import models as book
from gradebook.models import GradeOptions
from roster.models import Person, Section
from tests.roster import factories as make

Q1, Q2 = (dt.date(2026, 8, 3), dt.date(2026, 10, 16)), (dt.date(2026, 10, 19), dt.date(2026, 12, 18))
LETTERS = (("A", 90, 4), ("B", 80, 3), ("C", 70, 2), ("F", 0, 0))


@dataclass
class Taught:
    """What `teach` made; periods, categories and students by name."""

    section: Section
    teacher: Person
    students: list[Person]
    periods: dict[str, book.TaskPeriod]
    categories: dict[str, book.Category]
    scale: book.GradingScale
    made: int = field(default=0)

    def assignment(self, title: str = "HW 1", **facts) -> book.Assignment:
        """Make an assignment, aligned unless told otherwise."""
        self.made += 1
        now = timezone.now()
        told = {
            "points": 10, "due_on": Q1[0] + dt.timedelta(self.made % 70), "category": self.categories["Homework"],
            "task": self.periods["Quarter 1"], "modified": now, "assigned_at": now, "due_at": now,
        }  # fmt: skip
        sourced_id = f"{self.section.sourced_id}-work-{self.made}"
        return book.Assignment.objects.create(
            **{"section": self.section, "title": title, "sourced_id": sourced_id} | told | facts
        )

    def score(self, assignment: book.Assignment, student: int, score: object = 8, **facts) -> book.Score:
        """Give a student a score."""
        return book.Score.objects.create(
            assignment=assignment, person=self.students[student], score_date=Q1[0], modified=timezone.now(),
            score=None if score is None else Decimal(str(score)),
            sourced_id=f"{assignment.sourced_id}-{self.students[student].pk}", **facts,
        )  # fmt: skip


def teach(name: str = "algebra-2", students: int = 3, teacher: Person | None = None, course=None) -> Taught:
    """Make a section with its teacher and students in a school year of two quarters."""
    fall = _term("fall", "Fall", Q1[0], Q2[1], kind="semester")
    terms = {
        "Quarter 1": _term("q1", "Quarter 1", *Q1, kind="gradingPeriod", parent=fall),
        "Quarter 2": _term("q2", "Quarter 2", *Q2, kind="gradingPeriod", parent=fall),
    }
    school = make.models.School.objects.order_by("pk").first() or make.SchoolFactory()
    calendar = make.models.Calendar.objects.filter(sourced_id="calendar").first() or make.CalendarFactory(
        sourced_id="calendar", school_year=make.SchoolYearFactory(), school=school
    )
    course = course or make.CourseFactory(title="Algebra", school=calendar.school, school_year=calendar.school_year)
    section = make.SectionFactory(sourced_id=name, title=name.title(), course=course, calendar=calendar)
    section.terms.add(fall)
    teacher = teacher or make.PersonFactory(given_name="Eleanor", family_name="Voss")
    make.SectionStaffFactory(section=section, person=teacher)
    people = [make.PersonFactory(given_name="Sam", family_name=f"Student{at:02}") for at in range(students)]
    for person in people:
        make.RosterEntryFactory(section=section, person=person)
    return Taught(section, teacher, people, *_grading(section, terms))


def _term(name: str, title: str, first: dt.date, last: dt.date, **facts):
    found = make.models.Term.objects.filter(sourced_id=name).first()
    return found or make.TermFactory(sourced_id=name, title=title, start_date=first, end_date=last, **facts)


def _grading(section: Section, terms):
    now, scale = timezone.now(), book.GradingScale.objects.filter(title="Letters").first()
    if scale is None:
        scale = book.GradingScale.objects.create(title="Letters")
        for at, (score, minimum, points) in enumerate(LETTERS):
            scale.ranges.create(sequence=at, score=score, minimum=minimum, points=points)
    task = book.GradingTask.objects.filter(course=section.course, title="Quarter Grade").first()
    task = task or book.GradingTask.objects.create(course=section.course, title="Quarter Grade")
    periods = {}
    for title, term in terms.items():
        periods[title], _ = book.TaskPeriod.objects.get_or_create(
            task=task, term=term,
            defaults={"sourced_id": f"{task.pk}-{term.sourced_id}", "opens": term.start_date, "closes": term.end_date,
                      "modified": now},
        )  # fmt: skip
        GradeOptions.objects.create(period=periods[title], section=section, scale=scale)
    categories = {}
    for at, (title, weight) in enumerate((("Homework", 40), ("Tests", 60))):
        categories[title] = book.Category.objects.create(
            sourced_id=f"{section.sourced_id}-{title}", title=title, weight=weight, sequence=at, modified=now
        )
        categories[title].sections.add(section)
    return periods, categories, scale


def vendor(name: str = "Loomwood Classroom") -> Application:
    """Make a partner that owns assignments."""
    return Application.objects.get_or_create(name=name, defaults={"partner": True, "slug": slugify(name)})[0]
