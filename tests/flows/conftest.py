"""A family in which one person has two roles, and a vendor of OneRoster 1.1 that sees all of it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from roster import models
from tests.flows.vendor import Vendor, refresh
from tests.mirrored import with_small_blocks
from tests.roster import factories as make
from tests.roster.oracle_view import Choices

EVERYTHING = Choices(guardians=True, relatives=True, demographics=True)


def account(person: models.Person) -> models.Person:
    """Give somebody a username."""
    models.Account.objects.create(person=person, username=f"u-{person.sourced_id}")
    return person


@pytest.fixture(autouse=True)
def mirror(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Pages are read from files on this machine where those have the bodies."""
    with_small_blocks(monkeypatch, settings, tmp_path)


@pytest.fixture
def district(db: None) -> SimpleNamespace:
    """Kim teaches at Lincoln, where her daughter Ann is a student and nobody has given Ann's father a username."""
    here = SimpleNamespace(calendar=make.CalendarFactory(school__sourced_id="lincoln"))
    here.kim = account(make.PersonFactory(sourced_id="kim", local_id="77", other_phone="555", cell_phone="556"))
    here.ann = account(make.PersonFactory(sourced_id="ann", local_id="78"))
    here.father = make.PersonFactory(sourced_id="father")
    here.section = make.SectionFactory(sourced_id="algebra", calendar=here.calendar)
    here.section.terms.add(make.TermFactory(sourced_id="fall"))
    grade = make.GradeLevelFactory(calendar=here.calendar)
    make.EnrollmentFactory(person=here.ann, calendar=here.calendar, grade_level=grade)
    here.assignment = make.AssignmentFactory(person=here.kim, school=here.calendar.school, teacher=True)
    for contact in (here.kim, here.father):
        make.RelationshipFactory(student=here.ann, contact=contact)
    make.SectionStaffFactory(sourced_id="teaches", section=here.section, person=here.kim)
    make.RosterEntryFactory(sourced_id="sits", section=here.section, person=here.ann)
    refresh(make.TODAY)
    return here


@pytest.fixture
def acme(district: SimpleNamespace) -> Vendor:
    """A vendor of 1.1 with a token."""
    return Vendor(EVERYTHING, 11)
