"""A small district and a way to publish it."""

import datetime
import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from roster.models import Body, Record
from roster.publishing import Outcome, publish
from tests.roster import factories as make


def at(day: datetime.date = make.TODAY, hour: int = 18) -> datetime.datetime:
    """A UTC moment whose district date is `day`."""
    return datetime.datetime(day.year, day.month, day.day, hour, tzinfo=datetime.UTC)


@dataclass
class Published:
    """What vendors would read now."""

    outcomes: list[Outcome] = field(default_factory=list)

    def refresh(self, day: datetime.date = make.TODAY, *, force: bool = True) -> Outcome:
        """Publish on a day; the guard has tests of its own."""
        self.outcomes.append(publish(at(day), force=force))
        return self.outcomes[-1]

    def docs(self, kind: str, version: int = 12) -> dict[str, dict]:
        """The live documents of a kind by sourcedId."""
        records = Record.objects.filter(version=version, object=kind, retired_at=None)
        bodies = Body.objects.in_bulk([record.pk for record in records])
        return {record.sourced_id: json.loads(bytes(bodies[record.pk].doc)) for record in records}

    def states(self, kind: str) -> dict[str, str]:
        """The live statuses of a kind by sourcedId."""
        return {sourced_id: doc["status"] for sourced_id, doc in self.docs(kind).items()}


@pytest.fixture
def published(db):
    return Published()


@pytest.fixture
def lincoln(db):
    """Lincoln with a teacher, a student with a mother, a course and a section in a term."""
    here = SimpleNamespace()
    here.calendar = make.CalendarFactory(school__sourced_id="lincoln", school__name="Lincoln")
    here.school = here.calendar.school
    here.grade = make.GradeLevelFactory(calendar=here.calendar)
    here.student = make.PersonFactory(sourced_id="student", email="student@lincoln.example")
    here.enrollment = make.EnrollmentFactory(person=here.student, calendar=here.calendar, grade_level=here.grade)
    here.teacher = make.PersonFactory(sourced_id="teacher")
    here.assignment = make.AssignmentFactory(person=here.teacher, school=here.school, teacher=True)
    here.mother = make.PersonFactory(sourced_id="mother")
    here.relationship = make.RelationshipFactory(student=here.student, contact=here.mother)
    here.course = make.CourseFactory(sourced_id="course", school=here.school)
    here.section = make.SectionFactory(sourced_id="section", course=here.course, calendar=here.calendar)
    here.term = make.TermFactory(sourced_id="term")
    here.section.terms.add(here.term)
    here.staff = make.SectionStaffFactory(sourced_id="teaches", section=here.section, person=here.teacher)
    here.entry = make.RosterEntryFactory(sourced_id="sits", section=here.section, person=here.student)
    return here
