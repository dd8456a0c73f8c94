"""Who received a person's record, and when: told for certain where it can be, as a maybe where it cannot."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from connections import services, usage
from connections.models import AccessLog, Delivery
from interop.models import AuditEvent
from roster import received, restored
from roster.models import Edition, PastRecord, Person, Record
from roster.publishing.store import prune
from tests.connections.calling import Caller, caller, district
from tests.reading.published import LINCOLN, MOMENT, WASHINGTON

__all__ = ["caller", "district"]


@pytest.fixture
def amy(district):
    """A student of Lincoln; the edition of the records was published with them."""
    Edition.objects.update(published_at=MOMENT)
    return Person.objects.create(sourced_id="amy", given_name="Amy", family_name="Adams")


def told(person):
    usage.roll_up()
    return [
        (each.name, receipt.operation, receipt.sure) for each in received.receivers(person) for receipt in each.receipts
    ]


def test_whoever_walked_the_whole_list_received_everybody_in_it(amy, caller):
    for offset in (0, 2, 4):
        caller.get(f"/users?limit=2&offset={offset}")
    assert told(amy) == [("Acme", "getAllUsers", True)]
    [receiver] = received.receivers(amy)
    [receipt] = receiver.receipts
    assert receipt.first_at <= receipt.last_at <= dt.datetime.now(dt.UTC)


def test_whoever_read_a_part_of_it_may_have(amy, caller):
    caller.get("/users?limit=2&offset=2")
    assert told(amy) == [("Acme", "getAllUsers", False)]


def test_after_a_restore_it_is_still_known_who_received_what_before(amy, caller):
    caller.get("/users/amy")
    for offset in (0, 2, 4):
        caller.get(f"/users?limit=2&offset={offset}")
    before = told(amy)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a restored database has nothing pending, as this test has
    restored.stamp_anew(connection.connection)
    assert told(amy) == before
    caller.get("/users/amy")
    caller.get("/users?filter=sourcedId='amy'")
    assert sorted(told(amy)) == sorted(before)
    [receiver] = received.receivers(amy)
    assert {receipt.operation: receipt.times for receipt in receiver.receipts}["getUser"] == 2


def test_of_single_reads_filters_and_classes_it_is_known_who_was_in_them(amy, caller):
    ben = Person.objects.create(sourced_id="ben")
    caller.get("/users/amy")
    caller.get("/users?filter=sourcedId='amy'")
    caller.get("/classes/c-l/students")
    caller.get("/classes")
    assert sorted(told(amy)) == [
        ("Acme", "getAllUsers", True), ("Acme", "getStudentsForClass", True),
        ("Acme", "getUser", True),
    ]  # fmt: skip
    assert told(ben) == []


def test_who_could_not_see_the_person_is_not_named(amy, caller):
    services.set_schools(caller.connection, [WASHINGTON], actor="admin")
    caller.get("/users")
    assert told(amy) == []
    lincoln = Caller("Lincoln only")
    services.set_schools(lincoln.connection, [LINCOLN], actor="admin")
    lincoln.get("/users")
    assert told(amy) == [("Lincoln only", "getAllUsers", True)]


def test_a_list_of_teachers_held_no_student(amy, caller):
    caller.get("/teachers")
    caller.get("/students")
    assert told(amy) == [("Acme", "getAllStudents", True)]


def test_what_was_published_later_was_not_in_an_earlier_list(amy, caller):
    caller.get("/users")
    Record.objects.filter(sourced_id="amy", object="user").update(modified=MOMENT + dt.timedelta(hours=1))
    assert told(amy) == []


def test_it_is_known_long_after_the_version_and_the_connection_are_gone(amy, caller):
    caller.get("/users")
    usage.roll_up()
    Record.objects.filter(sourced_id="amy").update(retired_at=MOMENT + dt.timedelta(hours=2))
    prune(dt.datetime.now(dt.UTC) + dt.timedelta(days=40))
    assert not Record.objects.filter(sourced_id="amy").exists()
    assert PastRecord.objects.filter(sourced_id="amy", object="user").exists()
    number = caller.connection.pk
    services.delete_connection(caller.connection, actor="olga")
    [receiver] = received.receivers(amy)
    assert (receiver.known, receiver.connection, receiver.sure) == (False, number, True)
    assert "Acme" in receiver.name


def test_too_many_requests_to_look_through_are_a_maybe(amy, caller, monkeypatch):
    caller.get("/users?filter=sourcedId='ben'")
    assert told(amy) == []
    monkeypatch.setattr(received, "MOST", 0)
    assert told(amy) == [("Acme", "getAllUsers", False)]


def test_rows_of_the_log_count_once_in_what_was_given(amy, caller):
    for _ in range(2):
        caller.get("/users?limit=4")
        usage.roll_up()
    given = Delivery.objects.get(operation="getAllUsers")
    assert (given.requests, given.records, given.low, given.high, given.total) == (2, 8, 0, 4, 6)
    assert AccessLog.objects.filter(operation="getAllUsers").count() == 2


def test_security_officers_ask_and_every_answer_is_in_the_audit_trail(amy, caller):
    caller.get("/users/amy")
    page, people = reverse("admin:received"), {}
    for role in ("editor", "security officer"):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.set([Group.objects.get_or_create(name=role)[0]])
        people[role] = Client()
        people[role].force_login(user)
    assert people["editor"].get(page).status_code == 403
    officer = people["security officer"]
    answer = officer.post(page, {"words": "Amy Adams"})
    said = answer.content.decode()
    assert "1 vendor connection received it." in said
    assert "One user" in said
    event = AuditEvent.objects.get(act="asked who received")
    assert (event.actor, event.object_id, event.after) == (
        "security officer", str(amy.pk), {"connections": [caller.connection.pk]},
    )  # fmt: skip
    assert "Nobody in the roster" in officer.post(page, {"words": "Xyzzy Quux"}).content.decode()
