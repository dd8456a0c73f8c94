"""One half of the graph refreshed alone: its own records, and what its new records point to."""

import random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster import models
from roster.models import Record
from roster.publishing import GROUPS, publish
from roster.publishing.references import names
from tests.conftest import DEAR
from tests.roster import factories as make
from tests.roster.conftest import Published, at


def refresh(group: str):
    return publish(at(), force=True, group=group)


def rename(person):
    models.Person.objects.filter(pk=person.pk).update(given_name="Renamed")


def closed() -> bool:
    """Whether every active record names only published ones, active too."""
    live = {(r.version, r.object, r.sourced_id): r for r in Record.objects.filter(retired_at=None)}
    active = {key for key, record in live.items() if record.status == "active"}
    named = {(key[0], *name) for key in active for name in names(key[0], key[1], live[key].find)}
    return len(active) > 0 and named <= active


def test_people_are_refreshed_with_their_new_enrollments_in_known_classes(published, lincoln):
    published.refresh()
    new = make.EnrollmentFactory(person=make.PersonFactory(sourced_id="new"), calendar=lincoln.calendar)
    make.RosterEntryFactory(sourced_id="sits too", section=lincoln.section, person=new.person)
    outcome = refresh("student")
    assert {kind: count.new for kind, count in outcome.counts.items()} == {"user": 1, "enrollment": 1}
    assert set(published.docs("enrollment")) == {"teaches", "sits", "sits too"}


def test_structure_does_not_publish_a_changed_name(published, lincoln):
    published.refresh()
    rename(lincoln.student)
    models.Section.objects.update(title="Algebra 2")
    assert set(refresh("class").counts) == {"class", "class (1.1)"}
    assert published.docs("user")["student"]["givenName"] == "Ada"
    assert set(refresh("student").counts) == {"user"}
    assert published.docs("user")["student"]["givenName"] == "Renamed"


def test_people_do_not_publish_a_changed_class(published, lincoln):
    published.refresh()
    models.Section.objects.update(title="Algebra 2")
    assert not refresh("student").changed
    assert published.docs("class")["section"]["title"] == "Algebra 1"
    assert set(published.refresh().counts) == {"class", "class (1.1)"}


def test_structure_takes_along_the_new_teacher_of_a_class(published, lincoln):
    published.refresh()
    new = make.AssignmentFactory(person=make.PersonFactory(sourced_id="new"), school=lincoln.school, teacher=True)
    make.SectionStaffFactory(sourced_id="teaches too", section=lincoln.section, person=new.person, kind="teacher")
    rename(lincoln.teacher)
    refresh("class")
    assert set(published.docs("user")) == {"student", "teacher", "mother", "new"}
    assert published.docs("user")["teacher"]["givenName"] == "Ada"
    assert closed()


def test_people_take_along_the_new_class_they_sit_in(published, lincoln):
    published.refresh()
    course = make.CourseFactory(sourced_id="new course", school=lincoln.school)
    section = make.SectionFactory(sourced_id="new section", course=course, calendar=lincoln.calendar)
    section.terms.add(make.TermFactory(sourced_id="new term"))
    make.RosterEntryFactory(sourced_id="sits too", section=section, person=lincoln.student)
    refresh("student")
    assert "new section" in published.docs("class")
    assert {"new course"} < set(published.docs("course"))
    assert "new term" in published.docs("academicSession")
    assert closed()


def test_enrollments_end_with_their_class_whoever_sits_in_it(published, lincoln):
    published.refresh()
    models.Section.objects.update(active=False)
    refresh("class")
    assert published.states("enrollment") == {"sits": "tobedeleted", "teaches": "tobedeleted"}
    assert closed()


def test_protection_acts_in_either_group(published, lincoln):
    published.refresh()
    models.Person.objects.filter(pk=lincoln.student.pk).update(external_lms_exclude=True)
    refresh("class")
    assert published.states("user")["student"] == "tobedeleted"
    assert "email" not in published.docs("user")["student"]


def test_a_tombstone_already_told_is_stripped_by_either_group(published, lincoln):
    published.refresh()
    models.Enrollment.objects.all().delete()
    published.refresh()
    assert "email" in published.docs("user")["student"]
    models.Person.objects.filter(pk=lincoln.student.pk).update(external_lms_exclude=True)
    refresh("class")
    assert "email" not in published.docs("user")["student"]


def test_the_first_refresh_publishes_both_groups_whatever_was_asked(published, lincoln):
    refresh("class")
    assert set(published.docs("user")) == {"student", "teacher", "mother"}
    assert not published.refresh().changed


def test_the_command_knows_the_two_groups_only(published, lincoln, capsys):
    published.refresh()
    call_command("refresh_cache", group="student")
    assert "Nothing changed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="invalid choice: 'people'"):
        call_command("refresh_cache", "--group", "people")


@settings(max_examples=DEAR, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example undoes itself
@given(seed=st.integers(0, 2**32))
def test_after_any_change_a_group_leaves_no_loose_end_and_both_together_leave_nothing_to_do(db, seed):
    chance = random.Random(seed)  # noqa: S311
    with transaction.atomic():
        calendar = make.CalendarFactory()
        for _ in range(3):
            grow(chance, calendar)
        Published().refresh()
        for _ in range(2):
            disturb(chance)
            grow(chance, calendar)
            refresh(chance.choice(GROUPS))
            assert closed()
        for group in GROUPS:
            refresh(group)
        assert not Published().refresh().changed
        transaction.set_rollback(True)


def grow(chance: random.Random, calendar) -> None:
    """A section with a teacher and a student, each new or known, with a mother perhaps."""
    section = make.SectionFactory(calendar=calendar, course=make.CourseFactory(school=calendar.school))
    section.terms.add(make.TermFactory())
    known = list(models.Person.objects.order_by("pk"))
    person = chance.choice(known) if known and chance.random() < 0.5 else make.PersonFactory()
    make.EnrollmentFactory(person=person, calendar=calendar)
    make.RosterEntryFactory(section=section, person=person)
    teacher = make.AssignmentFactory(school=calendar.school, teacher=True)
    make.SectionStaffFactory(section=section, person=teacher.person)
    if chance.random() < 0.5:
        make.RelationshipFactory(student=person, contact=make.PersonFactory())


def disturb(chance: random.Random) -> None:
    """Exclude somebody, end something, rename somebody."""
    for model, values in (
        (models.Person, {"given_name": f"Name {chance.random()}"}),
        (models.Person, {"external_lms_exclude": chance.random() < 0.5}),
        (models.Section, {"active": chance.random() < 0.5}),
        (models.DistrictAssignment, {"teacher": chance.random() < 0.5}),
        (models.Enrollment, {"no_show": chance.random() < 0.5}),
        (models.Relationship, {"portal": chance.random() < 0.5}),
    ):
        if (rows := list(model.objects.order_by("pk"))) and chance.random() < 0.6:
            model.objects.filter(pk=chance.choice(rows).pk).update(**values)
