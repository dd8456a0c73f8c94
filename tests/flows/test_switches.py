"""Guardians and relatives can be switched off one by one, and a person may be something else in another school."""

from typing import Any

import pytest

from roster.models import Calendar, Enrollment, Person, Relationship
from tests.flows.conftest import account
from tests.flows.vendor import Vendor, refresh
from tests.roster import factories as make
from tests.roster.oracle_view import Choices

DAY_AFTER = make.TODAY.replace(day=2)


@pytest.fixture
def siblings(db: None) -> Any:
    """Ann is at Lincoln and Bob at Washington; their aunt is Ann's guardian and a mere relative of Bob."""
    aunt = make.PersonFactory(sourced_id="aunt")
    for name, school, guardian in (("ann", "lincoln", True), ("bob", "washington", False)):
        calendar = make.CalendarFactory(school__sourced_id=school)
        child = make.PersonFactory(sourced_id=name)
        make.EnrollmentFactory(person=child, calendar=calendar)
        make.RelationshipFactory(student=child, contact=aunt, guardian=guardian)
    return aunt


def agents(doc: dict[str, Any]) -> list[str]:
    return [agent["sourcedId"] for agent in doc.get("agents", ())]


def test_without_relatives_an_aunt_is_named_only_by_the_child_she_is_guardian_of(siblings: Any) -> None:
    refresh(make.TODAY)
    users = Vendor(Choices(relatives=False)).all("/users")
    assert {name: agents(doc) for name, doc in users.items()} == {"ann": ["aunt"], "bob": [], "aunt": ["ann"]}
    assert [role["role"] for role in users["aunt"]["roles"]] == ["guardian"]


def test_a_relative_of_one_school_is_not_shown_there_because_she_is_a_guardian_in_another(siblings: Any) -> None:
    refresh(make.TODAY)
    choices = Choices(schools=frozenset({"washington"}), relatives=False)
    assert set(Vendor(choices).all("/users")) == {"bob"}


def test_a_teacher_who_stays_only_as_a_guardian_is_told_as_deleted_where_guardians_are_off(siblings: Any) -> None:
    school = make.CalendarFactory(school__sourced_id="adams").school
    assignment = make.AssignmentFactory(person=siblings, school=school, teacher=True)
    refresh(make.TODAY)
    vendor = Vendor(Choices(guardians=False, relatives=False))
    assert vendor.all("/users")["aunt"]["status"] == "active"
    assignment.delete()
    refresh(DAY_AFTER)
    told = vendor.all("/users")["aunt"]
    assert (told["status"], told["roles"]) == ("tobedeleted", [])


def test_a_relationship_that_changes_its_kind_is_news_of_the_child_too(siblings: Any) -> None:
    refresh(make.TODAY)
    vendor = Vendor(Choices(relatives=False))
    vendor.follow()
    Relationship.objects.update(guardian=True)
    refresh(DAY_AFTER)
    vendor.follow()
    assert agents(vendor.replica["/users"]["bob"]) == ["aunt"]


@pytest.mark.parametrize("version", [12, 11])
def test_what_is_gone_is_told_alike_alone_and_in_its_list_with_nothing_that_changed_since(
    siblings: Any, version: int
) -> None:
    """Ann moves to Washington and gets another name there; then the district shares Washington instead of Lincoln."""
    for name in ("ann", "bob", "aunt"):
        account(Person.objects.get(sourced_id=name))
    Person.objects.filter(sourced_id="ann").update(given_name="Ann")
    refresh(make.TODAY)
    vendor = Vendor(Choices(schools=frozenset({"lincoln"})), version)
    assert vendor.all("/users").keys() == {"ann", "aunt"}

    def told(path: str, name: str) -> dict[str, Any]:
        (alone,) = vendor.ask(f"{path}/{name}").json().values()
        assert alone == vendor.all(path)[name]
        return alone

    Enrollment.objects.filter(person__sourced_id="ann").update(
        calendar=Calendar.objects.get(school__sourced_id="washington"), grade_level=None
    )
    refresh(DAY_AFTER)
    assert (told("/users", "ann")["status"], told("/users", "ann")["givenName"]) == ("tobedeleted", "Ann")
    Person.objects.filter(sourced_id="ann").update(given_name="Anna")
    refresh(make.TODAY.replace(day=3))
    assert (told("/users", "ann")["givenName"], told("/users", "ann")["enabledUser"]) == ("", "true")
    assert told("/orgs", "lincoln")["status"] == "active"
    vendor.choose(Choices(schools=frozenset({"washington"})))
    assert vendor.all("/users")["ann"]["givenName"] == "Anna"
    assert told("/orgs", "lincoln")["status"] == "tobedeleted"
    assert vendor.ask("/schools/lincoln").json()["org"] == vendor.all("/schools")["lincoln"]
    below = vendor.ask("/schools/lincoln/classes")
    assert below.status_code == (404 if version == 12 else 200), "what is gone has no lists"
    assert version == 12 or below.json() == {"classes": []}
