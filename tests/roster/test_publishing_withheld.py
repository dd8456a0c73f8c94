"""Protection does not wait: which numbered records nobody is sent any more, and which old ones stay repeatable."""

import datetime

import pytest
from django.contrib.admin.sites import site
from django.db import transaction
from django.db.models import Max

from roster import models
from roster.models import Record, Withheld
from roster.protection import acting_at_once
from roster.publishing.store import KEPT, prune
from tests.roster import factories as make
from tests.roster.conftest import at

DAY = datetime.timedelta(days=1)


def change(record, **values):
    type(record).objects.filter(pk=record.pk).update(**values)


def tick(record, **values):
    """Change a row as the feed and the admin do."""
    with acting_at_once(at()):
        change(record, **values)


def withheld() -> set[tuple[str, str]]:
    """What is withheld, by kind and sourcedId."""
    return set(Record.objects.filter(pk__in=Withheld.objects.values("pk")).values_list("object", "sourced_id"))


def newest() -> int:
    return models.Edition.objects.aggregate(Max("number"))["number__max"]


def live_ids() -> set[int]:
    return set(Record.objects.filter(retired_at=None).values_list("pk", flat=True))


PERSON = {("user", "student"), ("enrollment", "sits")}
SECTION = {("class", "section"), ("enrollment", "sits"), ("enrollment", "teaches")}


@pytest.mark.parametrize(
    ("path", "values", "gone"),
    [
        ("student", {"external_lms_exclude": True}, PERSON),
        ("enrollment", {"external_lms_exclude": True}, PERSON),
        ("enrollment", {"no_show": True}, PERSON),
        ("grade", {"external_lms_exclude": True}, PERSON),
        ("teacher", {"external_lms_exclude": True}, {("user", "teacher"), ("enrollment", "teaches")}),
        ("assignment", {"external_lms_exclude": True}, {("user", "teacher"), ("enrollment", "teaches")}),
        ("mother", {"external_lms_exclude": True}, {("user", "mother")}),
        ("section", {"external_lms_exclude": True}, SECTION),
        ("course", {"external_lms_exclude": True}, {("course", "course"), *SECTION}),
        ("calendar", {"external_lms_exclude": True}, {("org", "lincoln"), ("user", "teacher"), *PERSON, *SECTION}),
    ],
)
def test_a_ticked_box_withholds_at_once_and_after_the_refresh(published, lincoln, path, values, gone):
    models.Demographics.objects.create(person=lincoln.student, sex="female")
    published.refresh()
    tick(getattr(lincoln, path), **values)
    at_once = withheld()
    assert gone <= at_once
    assert (("demographics", "student") in at_once) is (("user", "student") in gone)
    numbers = set(Withheld.objects.values_list("pk", flat=True))
    published.refresh()
    assert numbers <= set(Withheld.objects.values_list("pk", flat=True))
    assert not live_ids() & set(Withheld.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("path", ["student", "section", "calendar"])
def test_without_anybody_acting_at_once_the_refresh_withholds_the_old_records_itself(published, lincoln, path):
    published.refresh()
    change(getattr(lincoln, path), external_lms_exclude=True)
    published.refresh()
    assert ("enrollment", "sits") in withheld()
    assert not live_ids() & set(Withheld.objects.values_list("pk", flat=True))


def test_what_only_ended_is_not_withheld(published, lincoln):
    published.refresh()
    with acting_at_once(at()):
        change(lincoln.enrollment, end_date=make.TODAY - DAY)
        change(lincoln.staff, end_date=make.TODAY - DAY)
        change(lincoln.section, active=False)
        change(lincoln.mother, ended_at=at())
    assert withheld() == set()
    published.refresh()
    assert published.states("user")["student"] == "tobedeleted"
    assert published.states("class") == {"section": "tobedeleted"}
    assert withheld() == set()


def test_an_old_record_of_a_mother_that_names_her_excluded_child_is_withheld(published, lincoln):
    other = make.PersonFactory(sourced_id="sibling")
    make.EnrollmentFactory(person=other, calendar=lincoln.calendar)
    make.RelationshipFactory(student=other, contact=lincoln.mother)
    published.refresh()
    old = Record.objects.get(version=12, object="user", sourced_id="mother")
    change(lincoln.student, external_lms_exclude=True)
    published.refresh()
    assert published.states("user")["mother"] == "active"
    assert Withheld.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("acts", [tick, change], ids=["at once", "with the refresh"])
def test_versions_an_open_pull_still_lists_are_withheld_too_and_released_with_the_others(published, lincoln, acts):
    published.refresh()
    old = {*Record.objects.filter(sourced_id__in=("student", "mother", "sits")).values_list("pk", flat=True)}
    models.Frozen.objects.create(key=b"pull", edition=newest(), total=1, ids=b"", made_at=at())
    for person in (lincoln.student, lincoln.mother):
        change(person, given_name="Other")
    change(lincoln.entry, start_date=make.TODAY - DAY)
    published.refresh()
    assert not old <= live_ids()
    assert withheld() == set()
    acts(lincoln.student, external_lms_exclude=True)
    published.refresh()
    assert old <= set(Withheld.objects.values_list("pk", flat=True))


def test_an_unticked_box_releases_what_no_other_box_keeps_back(published, lincoln):
    published.refresh()
    tick(lincoln.student, external_lms_exclude=True)
    tick(lincoln.section, external_lms_exclude=True)
    tick(lincoln.student, external_lms_exclude=False)
    assert withheld() == SECTION
    tick(lincoln.section, external_lms_exclude=False)
    assert withheld() == set()


def test_a_person_shared_elsewhere_is_withheld_only_where_the_box_is(published, lincoln):
    washington = make.CalendarFactory(school__sourced_id="washington")
    make.EnrollmentFactory(person=lincoln.student, calendar=washington)
    published.refresh()
    tick(lincoln.enrollment, no_show=True)
    assert withheld() == {("enrollment", "sits")}


def test_what_is_withheld_is_forgotten_with_its_record(published, lincoln):
    published.refresh()
    tick(lincoln.student, external_lms_exclude=True)
    retired = published.refresh().published_at
    assert withheld() >= PERSON
    prune(retired + KEPT + DAY)
    assert withheld() == set()
    assert not Withheld.objects.exists()


def test_ticking_that_is_undone_withholds_nothing(published, lincoln):
    published.refresh()
    with transaction.atomic():
        tick(lincoln.student, external_lms_exclude=True)
        assert withheld() == PERSON
        transaction.set_rollback(True)
    assert withheld() == set()


def test_the_admin_acts_at_once(published, lincoln, rf):
    published.refresh()
    lincoln.student.external_lms_exclude = True
    site.get_model_admin(models.Person).save_model(rf.post("/"), lincoln.student, None, change=True)
    assert withheld() >= PERSON
