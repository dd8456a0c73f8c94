"""What a publication writes, when it writes nothing, and when it refuses."""

import datetime
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from roster.models import Account, Body, DistrictSettings, Edition, Frozen, Lost, Person, Pull, Record, RosterEntry
from roster.publishing import Held, NoActiveYear, RefreshRunning, publish, writing
from roster.publishing.publish import LOCK
from roster.publishing.store import KEPT, prune
from tests.roster import factories as make
from tests.roster.conftest import at

DAY = datetime.timedelta(days=1)


def test_a_first_publication_publishes_the_whole_school(published, lincoln):
    published.refresh()
    assert published.states("user") == {"student": "active", "teacher": "active", "mother": "active"}
    assert published.states("enrollment") == {"teaches": "active", "sits": "active"}
    assert set(published.docs("org")) == {"district", "lincoln"}
    assert set(published.docs("academicSession")) == {"year-2027", "term"}
    assert set(published.docs("course")) == {"course"}
    assert set(published.docs("class")) == {"section"}


def test_every_reference_leads_to_a_published_record(published, lincoln):
    published.refresh()
    known = {(record.object, record.sourced_id) for record in Record.objects.filter(version=12, retired_at=None)}

    def references(value):
        if isinstance(value, dict):
            if "href" in value:
                yield value["type"], value["sourcedId"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    kinds = ["org", "academicSession", "course", "class", "user", "enrollment"]
    found = {ref for kind in kinds for doc in published.docs(kind).values() for ref in references(doc)}
    assert len(found) >= 7
    assert found <= known


def test_nothing_changed_writes_no_edition_and_no_timestamp(published, lincoln):
    first = published.refresh()
    records = list(Record.objects.values_list("pk", "modified"))
    second = published.refresh(make.TODAY + DAY)
    assert (second.changed, second.edition) == (False, first.edition)
    assert list(Record.objects.values_list("pk", "modified")) == records
    assert Edition.objects.count() == 1


def test_only_the_changed_record_gets_a_new_body_and_a_later_timestamp(published, lincoln):
    published.refresh()
    before = {
        record.sourced_id: record.pk for record in Record.objects.filter(version=12, retired_at=None, object="user")
    }
    Person.objects.filter(pk=lincoln.teacher.pk).update(given_name="Grace")
    outcome = published.refresh()
    after = {
        record.sourced_id: record.pk for record in Record.objects.filter(version=12, retired_at=None, object="user")
    }
    assert {name for name in before if before[name] != after[name]} == {"teacher"}
    assert list(outcome.counts) == ["user"]
    assert Record.objects.get(pk=after["teacher"]).modified > Record.objects.get(pk=before["teacher"]).modified
    assert Record.objects.get(pk=before["teacher"]).retired_at == outcome.published_at


def test_the_same_moment_twice_still_moves_the_timestamp_forward(published, lincoln):
    first = published.refresh()
    Person.objects.filter(pk=lincoln.teacher.pk).update(given_name="Grace")
    second = published.refresh()
    assert second.published_at == first.published_at + datetime.timedelta(milliseconds=1)


def test_a_vanished_record_is_told_as_to_be_deleted_with_its_last_values(published, lincoln):
    published.refresh()
    last = published.docs("user")["teacher"]
    lincoln.assignment.end_date = make.TODAY - DAY
    lincoln.assignment.save()
    published.refresh()
    tombstone = published.docs("user")["teacher"]
    assert tombstone["status"] == "tobedeleted"
    assert {**tombstone, "status": 0, "dateLastModified": 0} == {**last, "status": 0, "dateLastModified": 0}
    assert tombstone["dateLastModified"] > last["dateLastModified"]
    assert published.states("enrollment")["teaches"] == "tobedeleted"


def test_a_record_that_comes_back_is_active_again(published, lincoln):
    published.refresh()
    Person.objects.filter(pk=lincoln.teacher.pk).update(external_lms_exclude=True)
    published.refresh()
    Person.objects.filter(pk=lincoln.teacher.pk).update(external_lms_exclude=False)
    published.refresh()
    assert published.states("user")["teacher"] == "active"


@pytest.mark.parametrize("how", ["excluded", "no show"])
def test_the_tombstone_of_a_protected_person_says_only_what_the_schema_requires(published, lincoln, how):
    Person.objects.filter(pk=lincoln.student.pk).update(local_id="4711", state_id="S1")
    published.refresh()
    if how == "excluded":
        Person.objects.filter(pk=lincoln.student.pk).update(external_lms_exclude=True)
    else:
        lincoln.enrollment.no_show = True
        lincoln.enrollment.save()
    published.refresh()
    tombstone = published.docs("user")["student"]
    assert tombstone["status"] == "tobedeleted"
    assert set(tombstone) == {
        "sourcedId", "status", "dateLastModified", "enabledUser", "givenName", "familyName", "roles",
    }  # fmt: skip
    assert set(tombstone["roles"][0]) == {"roleType", "role", "org"}
    find = Record.objects.get(version=12, object="user", sourced_id="student", retired_at=None).find
    assert "email" not in find
    assert "identifier" not in find


def test_a_tombstone_already_told_is_stripped_when_the_person_is_excluded_later(published, lincoln):
    published.refresh()
    lincoln.relationship.portal = False
    lincoln.relationship.save()
    Person.objects.filter(pk=lincoln.mother.pk).update(email="mother@example.org")
    published.refresh()
    assert "agents" in published.docs("user")["mother"]
    Person.objects.filter(pk=lincoln.mother.pk).update(external_lms_exclude=True)
    assert published.refresh().changed
    assert "agents" not in published.docs("user")["mother"]
    assert not published.refresh(make.TODAY + DAY).changed


def test_a_student_who_changes_schools_leaves_a_trace_for_the_former_one(published, lincoln):
    published.refresh()
    washington = make.CalendarFactory(school__sourced_id="washington", school__name="Washington")
    lincoln.enrollment.calendar = washington
    lincoln.enrollment.grade_level = None
    lincoln.enrollment.save()
    published.refresh()
    record = Record.objects.get(version=12, object="user", sourced_id="student", retired_at=None)
    assert (record.school, record.others, record.former) == (washington.school.pk, None, [lincoln.school.pk])


def test_two_schools_are_both_listed_home_first(published, lincoln):
    washington = make.CalendarFactory(school__sourced_id="washington")
    make.EnrollmentFactory(person=lincoln.student, calendar=washington, service_type="secondary")
    published.refresh()
    record = Record.objects.get(version=12, object="user", sourced_id="student", retired_at=None)
    assert (record.school, record.others) == (lincoln.school.pk, [washington.school.pk])


def test_tombstones_go_with_their_school_year(published, lincoln):
    published.refresh()
    lincoln.relationship.portal = False
    lincoln.relationship.save()
    published.refresh()
    assert published.states("user")["mother"] == "tobedeleted"
    year = lincoln.calendar.school_year
    type(year).objects.filter(pk=year.pk).update(active=False)
    make.SchoolYearFactory(sourced_id="year-2028", start_year=2027, end_year=2028, start_date=None, end_date=None)
    published.refresh(datetime.date(2027, 9, 1))
    assert "mother" not in published.states("user")
    assert published.states("user") == {"student": "tobedeleted", "teacher": "tobedeleted"}


def test_a_second_email_can_be_found_but_is_not_in_the_document(published, lincoln):
    Person.objects.filter(pk=lincoln.teacher.pk).update(email="one@example.org", secondary_email="two@example.org")
    published.refresh()
    record = Record.objects.get(version=12, object="user", sourced_id="teacher")
    assert record.find["_secondaryEmail"] == "two@example.org"
    assert b"two@example.org" not in bytes(Body.objects.get(pk=record.pk).doc)


@pytest.mark.parametrize(("setting", "enabled"), [(False, "true"), (True, "false")])
def test_a_disabled_account_is_enabled_on_the_wire_unless_the_district_says_otherwise(
    published, lincoln, setting, enabled
):
    Account.objects.create(person=lincoln.student, username="s", enabled=False)
    DistrictSettings(report_disabled_accounts=setting).save()
    published.refresh()
    assert published.docs("user")["student"]["enabledUser"] == enabled


def test_local_grades_replace_the_nces_grade_when_the_district_chooses_them(published, lincoln):
    published.refresh()
    assert published.docs("user")["student"]["grades"] == ["07"]
    DistrictSettings(local_grades=True).save()
    published.refresh()
    assert published.docs("user")["student"]["grades"] == ["Seven"]


def test_contacts_carry_the_switch_that_hides_them(published, lincoln):
    published.refresh()
    assert dict(Record.objects.filter(version=12, object="user").values_list("sourced_id", "audience")) == {
        "student": "", "teacher": "", "mother": "guardian",
    }  # fmt: skip


def test_mass_removal_is_held_until_someone_says_yes(published, lincoln):
    make.EnrollmentFactory.create_batch(30, calendar=lincoln.calendar)
    published.refresh()
    live = list(Record.objects.filter(retired_at=None).values_list("pk"))
    Person.objects.filter(enrollments__isnull=False).update(ended_at=at())
    with pytest.raises(Held, match="32 of 33 user records would end"):
        publish(at())
    assert list(Record.objects.filter(retired_at=None).values_list("pk")) == live
    assert publish(at(), force=True).counts["user"].ended == 32


def test_a_semester_that_ends_is_no_mass_removal(published, lincoln):
    last = lincoln.term.end_date
    for enrollment in make.EnrollmentFactory.create_batch(60, calendar=lincoln.calendar):
        make.RosterEntryFactory(section=lincoln.section, person=enrollment.person)
    half = list(RosterEntry.objects.values_list("pk", flat=True)[:30])
    published.refresh(last)
    RosterEntry.objects.filter(pk__in=half).update(ended_at=at(last))
    with pytest.raises(Held, match="30 of 62 enrollment records would end"):
        publish(at(last))
    after = last + datetime.timedelta(days=1)
    assert publish(at(after)).counts["enrollment"].ended == 30, "the feed leaves them out when the term is over"
    RosterEntry.objects.filter(ended_at=None).update(end_date=last)
    assert publish(at(after, hour=19)).counts["enrollment"].ended == 31, "they have an end date that is past"


def test_what_comes_back_after_a_mistake_is_not_held(published, lincoln):
    make.EnrollmentFactory.create_batch(30, calendar=lincoln.calendar)
    published.refresh()
    Person.objects.filter(enrollments__isnull=False).update(ended_at=at())
    publish(at(hour=19), force=True)
    Person.objects.update(ended_at=None)
    assert publish(at(hour=20)).counts["user"].new == 32


def test_a_new_address_of_the_portal_changes_every_record_and_is_not_held(published, lincoln, settings):
    make.EnrollmentFactory.create_batch(30, calendar=lincoln.calendar)
    published.refresh()
    settings.PUBLIC_URL = "https://moved.example"
    assert publish(at()).counts["user"].changed == 33


def test_a_small_change_is_not_held(published, lincoln):
    make.EnrollmentFactory.create_batch(30, calendar=lincoln.calendar)
    published.refresh()
    Person.objects.filter(pk=lincoln.student.pk).update(ended_at=at())
    assert publish(at()).counts["user"].ended == 2


def test_without_an_active_year_nothing_is_published(published, db):
    with pytest.raises(NoActiveYear):
        publish(at())


@pytest.mark.django_db(transaction=True)
def test_a_second_refresh_at_the_same_time_is_refused(lincoln):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(RefreshRunning):
            publish(at())
    finally:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        other.close()
    assert not Record.objects.exists()
    assert publish(at()).edition == 1


def test_the_command_prints_what_changed_and_fails_in_one_line(published, lincoln, capsys):
    call_command("refresh_cache", "--yes")
    assert "3 new" in capsys.readouterr().out
    call_command("refresh_cache")
    assert "Nothing changed" in capsys.readouterr().out
    type(lincoln.calendar.school_year).objects.update(active=False)
    with pytest.raises(CommandError, match="No school year is active"):
        call_command("refresh_cache")


def test_old_bodies_are_pruned_unless_a_frozen_list_may_name_them(published, lincoln):
    published.refresh()
    Person.objects.filter(pk=lincoln.teacher.pk).update(given_name="Grace")
    retired = published.refresh().published_at
    hour = datetime.timedelta(hours=1)
    frozen = Frozen.objects.create(key=b"k", edition=1, total=0, ids=b"", made_at=retired)
    pull = Pull.objects.create(connection=1, query=b"q", frozen=frozen, began_at=retired + KEPT + hour / 2)
    assert prune(retired + KEPT - hour) == 0
    assert prune(retired + KEPT + hour) == 0, "a pull that is still walked may name it"
    lost = Lost.objects.create(connection=1, record=Record.objects.get(retired_at=retired).pk, at=retired)
    assert prune(retired + KEPT + 2 * hour) == 0, "a connection that lost it is told of this version"
    lost.delete()
    assert prune(retired + KEPT + 2 * hour) == 1
    assert not Pull.objects.filter(pk=pull.pk).exists()
    assert Body.objects.count() == Record.objects.filter(retired_at=None).count() == Record.objects.count()


@pytest.fixture
def beside(monkeypatch):
    """Every record is made by a process of its own."""
    monkeypatch.setattr(writing, "PIECE", 1)
    monkeypatch.setattr(writing, "FEW", 0)


def test_records_made_by_other_processes_are_published_like_all(published, lincoln, beside):
    published.refresh()
    assert published.states("user") == {"student": "active", "teacher": "active", "mother": "active"}
    assert published.states("enrollment") == {"teaches": "active", "sits": "active"}
    Person.objects.update(family_name="Renamed")
    assert published.refresh().counts["user"].changed == 3
    assert {doc["familyName"] for doc in published.docs("user").values()} == {"Renamed"}


def test_a_batch_that_cannot_be_written_ends_the_publication(published, lincoln, monkeypatch, beside):
    def broken(*_args):
        raise OperationalError("disk full")

    running = children()
    monkeypatch.setattr(writing, "_copy", broken)
    with pytest.raises(OperationalError, match="disk full"), transaction.atomic():
        published.refresh()
    assert not Record.objects.exists()
    assert children() == running, "nothing goes on being made"


def children() -> str:
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
