"""What a vendor sees, counted: no more and no less than it would read."""

import dataclasses
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections import services
from connections.grants import Grant, grant_of, with_changes
from connections.models import Connection, SharingSettings
from interop.oneroster.query import parse_list
from roster import seen
from roster.difference import Difference, difference
from roster.endpoints import ENDPOINTS
from roster.models import District, School
from roster.reading.finding import by_name, names_of
from roster.reading.pull import read_list
from roster.screens.documents import document
from tests.reading.published import LINCOLN, WASHINGTON, grant, publish, publish_district, user

BOTH = frozenset({LINCOLN, WASHINGTON})
LISTS = {each.operation: each for each in ENDPOINTS if each.kind == "list" and not each.parents}


@pytest.fixture
def district(db: None) -> None:
    publish_district()


@pytest.fixture
def lincoln() -> Grant:
    return grant(schools=frozenset({LINCOLN}))


@pytest.fixture
def acme(district: None) -> Connection:
    here = District.objects.create(sourced_id="d", name="District")
    for number, name in ((LINCOLN, "lincoln"), (WASHINGTON, "washington")):
        School.objects.create(id=number, sourced_id=name, name=name.title(), district=here)
    application = services.application_named("Acme", partner=False, actor="admin")
    return services.create_connection(application, actor="admin", schools=[LINCOLN])


def pulled(asked: Grant, operation: str) -> int:
    endpoint = LISTS[operation]
    query = parse_list("limit=0&filter=status='active'", endpoint.declaration, asked.version)
    return read_list(asked, endpoint, {}, query).total


def queries(act: Any, *given: Any) -> int:
    with CaptureQueriesContext(
        database,
    ) as caught:
        act(*given)
    return len(caught)


@pytest.mark.parametrize("schools", [None, {LINCOLN}, {WASHINGTON}, BOTH])
@pytest.mark.parametrize("guardians", [True, False])
def test_counts_are_what_a_pull_would_bring(district: None, schools: set[int] | None, guardians: bool) -> None:  # noqa: FBT001
    asked = grant(schools=None if schools is None else frozenset(schools), guardians=guardians)
    total = seen.counts(asked).total
    told = {
        "getAllUsers": "user", "getAllClasses": "class", "getAllEnrollments": "enrollment", "getAllOrgs": "org",
        "getAllAcademicSessions": "academicSession", "getAllCourses": "course", "getAllStudents": "student",
        "getAllTeachers": "teacher",
    }  # fmt: skip
    assert {each: total[kind] for each, kind in told.items()} == {each: pulled(asked, each) for each in told}
    assert total["user"] > 0


def test_people_are_counted_where_they_hold_the_role(district: None, lincoln: Grant) -> None:
    told = seen.counts(grant())
    assert told.by_school[LINCOLN] == {"student": 2, "teacher": 1, "guardian": 1, "class": 1, "enrollment": 3, "org": 1,
                                       "academicSession": 2}  # fmt: skip
    assert told.by_school[WASHINGTON]["student"] == 4
    assert "teacher" not in told.by_school[WASHINGTON]
    assert set(seen.counts(lincoln).by_school) == {LINCOLN}
    assert seen.counts(lincoln).by_school[LINCOLN] == told.by_school[LINCOLN]


def test_what_ended_and_what_left_is_counted_apart(district: None, lincoln: Grant) -> None:
    assert seen.counts(lincoln).ended == {"enrollment": 1, "user": 1}
    assert seen.counts(grant()).ended == {"enrollment": 1}


def test_what_no_scope_opens_counts_as_nothing(district: None) -> None:
    publish("demographics", "amy", schools=(LINCOLN,))
    assert seen.counts(grant()).total["demographics"] == 1
    closed = with_changes(grant(), demographics=False)
    assert seen.counts(closed).total["demographics"] == 0
    assert seen.record(closed, "demographics", "amy") is None
    assert seen.counts(dataclasses.replace(grant(), scopes=frozenset())).total == {}


def test_counting_takes_as_many_queries_for_many_records_as_for_few(district: None, lincoln: Grant) -> None:
    few = queries(seen.counts_beside, lincoln, [grant()])
    for number in range(3):
        user(f"new{number}", ("student", "lincoln"), schools=(LINCOLN,))
    assert queries(seen.counts_beside, lincoln, [grant()]) == few == 2


def test_each_switch_tells_what_it_stands_for_at_the_connections_schools(acme: Connection) -> None:
    publish("demographics", "amy", schools=(LINCOLN,))
    publish("demographics", "ben", schools=(WASHINGTON,))
    services.change_connection(acme, actor="admin", share_guardians=False)
    assert seen.shared_with(acme) == {
        "roster": 3, "share_demographics": 1, "share_guardians": 1, "share_relatives": 0,
    }  # fmt: skip


def test_a_connections_grant_is_told_without_a_token_even_when_it_is_disabled(acme: Connection) -> None:
    services.disable(acme, actor="admin")
    told = grant_of(acme)
    assert (told.schools, told.credential, told.guardians) == (frozenset({LINCOLN}), None, True)
    assert seen.counts(told).total["student"] == 2


def test_secondary_addresses_for_old_connections_are_one_setting(acme: Connection) -> None:
    old = services.create_connection(acme.application, actor="admin", name="Old", choices={"version": 11})
    assert [grant_of(each).secondary_email for each in (old, acme)] == [False, False]
    SharingSettings(secondary_email_11=True).save()
    assert [grant_of(each).secondary_email for each in (old, acme)] == [True, False]


def test_a_record_is_shown_as_the_connection_gets_it(district: None, lincoln: Grant) -> None:
    mine = seen.record(lincoln, "user", "two")
    assert mine is not None
    assert [role["org"]["sourcedId"] for role in document(mine)["roles"]] == ["lincoln"]
    assert seen.record(lincoln, "user", "ben") is None
    left = seen.record(lincoln, "user", "gone")
    assert left is not None
    assert left.status == "tobedeleted"


def test_a_search_finds_by_name_and_stays_in_the_schools(district: None, lincoln: Grant) -> None:
    def found(words: str, asked: Grant = lincoln, kind: str = "user") -> list[str]:
        return [each.sourced_id for each in by_name(asked, kind, words)]

    assert found("FAMILY amy") == ["amy"]
    assert found("amy family") == ["amy"]
    assert found("family") == ["amy", "mix", "mum", "two"]
    assert found("ben") == []
    assert found("ben", grant()) == ["ben"]
    assert found("%") == []
    assert found("   ") == []
    assert found("c-w", kind="class") == []
    assert found("amy", kind="enrollment") == ["e1"]


def test_names_are_told_only_of_what_the_connection_sees(district: None, lincoln: Grant) -> None:
    wanted = [("user", "amy"), ("user", "ben"), ("org", "lincoln"), ("org", "washington")]
    assert names_of(lincoln, wanted) == {("user", "amy"): "Family amy, Given amy", ("org", "lincoln"): "Lincoln"}


def rows(told: Difference) -> dict[str, tuple[int, int, int, int, int]]:
    return {each.kind: (each.now, each.added, each.changed, each.ended, each.after) for each in told.changes}


def test_one_more_school_adds_its_people_and_changes_those_of_both(district: None, lincoln: Grant) -> None:
    told = difference(lincoln, with_changes(lincoln, schools=BOTH))
    assert told.exact
    assert rows(told)["student"] == (2, 3, 1, 0, 5)
    assert rows(told)["teacher"] == (1, 0, 1, 0, 1)
    assert rows(told)["guardian"] == (1, 0, 1, 0, 1)
    assert rows(told)["class"] == (1, 1, 0, 0, 2)
    assert rows(told)["enrollment"] == (3, 3, 0, 0, 6)
    newcomers = {pair.after.row.sourced_id for pair in told.samples if pair.now is None and pair.after}
    assert {"ben", "gone"} <= newcomers
    changed = {pair.now.row.sourced_id for pair in told.samples if pair.now and pair.after}
    assert {"two", "mix", "mum", "d", "t1"} == changed


def test_one_school_less_is_the_same_the_other_way_round(district: None, lincoln: Grant) -> None:
    there, back = (with_changes(lincoln, schools=BOTH), lincoln), (lincoln, with_changes(lincoln, schools=BOTH))
    forth = rows(difference(*back))
    turned = {kind: (after, ended, changed, added, now) for kind, (now, added, changed, ended, after) in forth.items()}
    assert rows(difference(*there)) == turned


def test_switching_guardians_off_ends_them_and_changes_their_children(district: None) -> None:
    told = difference(grant(), with_changes(grant(), guardians=False))
    assert rows(told)["guardian"] == (1, 0, 0, 1, 0)
    assert rows(told)["student"] == (5, 0, 2, 0, 5)
    assert {pair.now.row.sourced_id for pair in told.samples if pair.now and pair.after} == {"amy", "ben"}


def test_secondary_email_changes_only_those_whose_addresses_differ(district: None) -> None:
    user("same", ("student", "lincoln"), schools=(LINCOLN,), email="s@x.example", secondary="s@x.example")
    user("other", ("student", "lincoln"), schools=(LINCOLN,), email="a@x.example", secondary="b@x.example")
    told = difference(grant(), with_changes(grant(), secondary_email=True))
    changed = {pair.now.row.sourced_id for pair in told.samples if pair.now}
    assert changed == {"amy", "ben", "gone", "other"}
    assert rows(told)["student"][2] == 4


def test_demographics_begin_with_their_switch(district: None) -> None:
    publish("demographics", "amy", schools=(LINCOLN,))
    closed = with_changes(grant(), demographics=False)
    assert rows(difference(closed, with_changes(closed, demographics=True)))["demographics"] == (0, 1, 0, 0, 1)


def test_no_change_is_no_difference(district: None, lincoln: Grant) -> None:
    told = difference(lincoln, lincoln)
    assert told.is_empty
    assert told.samples == []


def test_the_number_of_changed_records_is_an_upper_bound_when_there_are_too_many(
    district: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roster.difference.LOOKED_AT", 1)
    told = difference(grant(), with_changes(grant(), guardians=False))
    assert not told.exact
    assert rows(told)["student"][2] >= 2


def test_a_difference_takes_as_many_queries_for_many_records_as_for_few(district: None, lincoln: Grant) -> None:
    after = with_changes(lincoln, schools=BOTH)
    few = queries(difference, lincoln, after)
    for number in range(3):
        user(f"x{number}", ("student", "lincoln"), ("student", "washington"), schools=(LINCOLN, WASHINGTON))
    assert queries(difference, lincoln, after) == few == 15
