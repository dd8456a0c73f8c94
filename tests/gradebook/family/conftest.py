"""A family: Rosa with two children in one school, and what is open and what is not about them."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.utils import timezone

from gradebook.models import GradeOptions, InProgressGrade, PostedGrade, Score
from roster.models import Person, Relationship
from tests.gradebook.taught import Q1, Taught, teach
from tests.roster import factories as make

NOW = dt.datetime(2026, 9, 2, 18, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(1)
SECRETS = ("Secret quiz", "secret remark", "Deleted work", "HIDDEN-POSTED", "Otto", "77.7")
"""What stands nowhere on Rosa's pages: closed by a portal box, deleted, or about another family's child."""


@dataclass
class Home:
    """The family, the class of both children, and a boy of another family in the same class."""

    taught: Taught
    rosa: Person
    maya: Person
    lucia: Person
    otto: Person

    @property
    def first(self) -> str:
        """Where the pages of the elder child begin."""
        return f"/home/students/{self.maya.pk}/"


def make_family(taught: Taught) -> Home:
    """Make the family of a section's three students, with work open and closed."""
    calendar = taught.section.calendar
    names = (("Maya", "Delgado"), ("Lucía", "Delgado"), ("Otto", "Berg"))
    for person, (given, family) in zip(taught.students, names, strict=True):
        person.given_name, person.family_name = given, family
        person.save()
        make.EnrollmentFactory(person=person, calendar=calendar)
    maya, lucia, otto = taught.students
    rosa = make.PersonFactory(given_name="Rosa", family_name="Delgado", email="rosa@family.example")
    for child in (maya, lucia):
        make.RelationshipFactory(student=child, contact=rosa)
    return Home(taught, rosa, maya, lucia, otto)


def give_work(home: Home) -> None:
    """Give the class work of every kind, open and closed."""
    one = home.taught
    one.score(one.assignment("Quiz 6", points=25, due_on=TODAY - DAY), 0, 23, comment="Strong work.")
    one.score(one.assignment("Field notes", due_on=TODAY - 5 * DAY), 0, None, missing=True)
    one.score(one.assignment("Book talk", due_on=TODAY - 6 * DAY), 0, None, exempt=True)
    one.assignment("Lab report", points=20, due_on=TODAY + DAY)
    one.assignment("Not yet", due_on=TODAY - 2 * DAY)
    one.score(one.assignment("Secret quiz", portal=False, due_on=TODAY), 0, 3, comment="secret remark")
    one.score(one.assignment("Deleted work", deleted_at=timezone.now()), 0, 1)
    for at, score in ((1, "4"), (2, "7.77")):
        one.score(one.assignment(f"Of another {at}", portal=at == 1), at, score)
    Score.objects.update(score_date=TODAY - DAY)
    q1, q2 = one.periods["Quarter 1"], one.periods["Quarter 2"]
    GradeOptions.objects.filter(period=q2).update(portal=False)
    for student, percent in ((home.maya, "84.25"), (home.otto, "77.7")):
        InProgressGrade.objects.create(
            section=one.section, person=student, period=q1, percent=percent, score="B", computed_at=NOW
        )
    PostedGrade.objects.create(
        section=one.section, person=home.maya, period=q2, percent=99, score="HIDDEN-POSTED", posted_by="Eleanor Voss",
        posted_at=NOW, sourced_id="posted-1", modified=NOW,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradebook.pages.home.guard.now", lambda: NOW)
    monkeypatch.setattr("gradebook.pages.guard.district_day", lambda _now: TODAY)


@pytest.fixture
def home(db: None) -> Home:
    assert Q1[0] < TODAY < Q1[1]
    made = make_family(teach())
    give_work(made)
    return made


def related(home: Home, **facts) -> Person:
    """Make somebody who is related to the elder child in this way."""
    contact = make.PersonFactory()
    relation: Relationship = make.RelationshipFactory(student=home.maya, contact=contact, **facts)
    return relation.contact
