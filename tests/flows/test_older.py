"""OneRoster 1.1 over HTTP: one user for each role, no one without a username, and what it asks of a server."""

import datetime as dt
from typing import Any

from roster import models, protection
from roster.endpoints import ENDPOINTS
from tests.contracts.filled import publish_filled_district
from tests.flows.conftest import EVERYTHING, account
from tests.flows.vendor import Vendor, refresh
from tests.roster import factories as make
from tests.roster.oracle_view import Choices

TWO, THREE = make.TODAY.replace(day=2), make.TODAY.replace(day=3)


def roles(users: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: doc["role"] for name, doc in users.items() if doc["status"] == "active"}


def agents(doc: dict[str, Any]) -> list[str]:
    return sorted(agent["sourcedId"] for agent in doc.get("agents", ()))


def test_every_operation_answers_with_what_a_filled_district_has(db: None) -> None:
    publish_filled_district()
    account(models.Person.objects.get(sourced_id="grace"))
    refresh(TWO)
    acme, called = Vendor(EVERYTHING, 11), set()
    names = {"school": "lincoln", "class": "algebra-1", "course": "algebra", "student": "ada", "teacher": "grace",
             "term": "fall", "user": "ada"}  # fmt: skip
    firsts = {"academicSessions": "fall", "classes": "algebra-1", "courses": "algebra", "demographics": "ada",
              "enrollments": "sits", "gradingPeriods": "quarter", "orgs": "lincoln", "schools": "lincoln",
              "students": "ada", "teachers": "grace", "terms": "fall", "users": "ada", "resources": "book"}  # fmt: skip
    for endpoint in ENDPOINTS:
        if endpoint.exists_in(11):
            path = endpoint.path.replace("{sourcedId}", firsts[endpoint.path.split("/")[1]])
            for name, value in names.items():
                path = path.replace(f"{{{name}}}", value)
            answer = acme.ask(path)
            assert answer.status_code == 200, endpoint.operation
            [(key, told)] = answer.json().items()
            single = endpoint.kind == "single"
            assert key == (endpoint.declaration.single if single else endpoint.declaration.collection)
            assert told, f"{endpoint.operation} is empty"
            called.add((endpoint.service, endpoint.operation))
    assert sorted(service for service, _ in called) == ["resources"] * 4 + ["rostering"] * 41


def test_unknown_fields_to_sort_by_or_to_select_are_told_in_a_header_and_change_nothing_else(acme: Vendor) -> None:
    plain = acme.ask("/users")
    for query, code in (({"sort": "shoeSize"}, "invalid_sort_field"), ({"fields": "sourcedId,shoeSize"}, "invalid_sel"),
                        ({"sort": "roles.role"}, "invalid_sort_field")):  # fmt: skip
        answer = acme.ask("/users", **query)
        assert answer["X-OneRoster-Warning"].startswith(code)
        assert (answer.status_code, answer.json()) == (200, plain.json())
    assert "X-OneRoster-Warning" not in plain
    assert acme.ask("/users/kim", fields="shoeSize").json() == acme.ask("/users/kim").json()
    refused = acme.ask("/users", filter="shoeSize='9'")
    assert (refused.status_code, refused.json()["statusInfoSet"][0]["imsx_codeMinor"]) == (400, "invalid_filter_field")


def test_a_teacher_who_is_a_parent_is_two_users_and_both_keep_their_ids(acme: Vendor, district: Any) -> None:
    users = acme.all("/users")
    assert roles(users) == {"kim": "teacher", "kim-guardian": "guardian", "ann": "student"}
    assert (agents(users["kim"]), agents(users["kim-guardian"]), agents(users["ann"])) == (
        [], ["ann"], ["kim-guardian"],
    )  # fmt: skip
    assert {doc["user"]["sourcedId"] for doc in acme.all("/enrollments").values()} == {"kim", "ann"}
    district.assignment.delete()
    models.SectionStaff.objects.all().delete()
    refresh(TWO)
    assert roles(acme.all("/users")) == {"kim-guardian": "guardian", "ann": "student"}
    assert acme.ask("/users/kim").json()["user"]["status"] == "tobedeleted"
    make.AssignmentFactory(person=district.kim, school=district.calendar.school, administrative_role="principal")
    make.AssignmentFactory(person=district.kim, school=district.calendar.school, teacher=True)
    refresh(THREE)
    assert roles(acme.all("/users")) == {
        "kim": "teacher", "kim-guardian": "guardian", "kim-administrator": "administrator", "ann": "student",
    }  # fmt: skip


def test_whoever_has_no_username_is_in_no_answer_of_1_1_but_in_1_2(acme: Vendor, district: Any) -> None:
    assert "father" not in acme.all("/users")
    assert b"father" not in b"".join(acme.ask(path).content for path in ("/users", "/enrollments", "/demographics"))
    assert acme.ask("/users/father").status_code == 404
    newer = Vendor(EVERYTHING).all("/users")
    assert (agents(newer["ann"]), "username" in newer["father"]) == (["father", "kim"], False)
    models.Account.objects.filter(person=district.ann).delete()
    refresh(TWO)
    assert acme.all("/enrollments")["sits"]["status"] == "tobedeleted"
    assert (acme.all("/users")["ann"]["status"], agents(acme.all("/users")["kim-guardian"])) == ("tobedeleted", [])


def test_users_have_one_phone_national_grades_and_no_field_of_1_2(acme: Vendor, district: Any) -> None:
    models.DistrictSettings(local_grades=True).save()
    models.Demographics.objects.create(person=district.ann, sex="unspecified", asian=True)
    make.AssignmentFactory(person=account(make.PersonFactory(sourced_id="ida")), school=district.calendar.school,
                           roles=["program"])  # fmt: skip
    refresh(TWO)
    users = acme.all("/users")
    kim = users["kim"]
    assert (kim["phone"], users["ann"]["grades"]) == ("555", ["07"])
    assert not {"sms", "roles", "primaryOrg", "userMasterIdentifier", "pronouns", "preferredFirstName"} & set(kim)
    newer = Vendor(EVERYTHING).all("/users")
    assert "sex" not in acme.all("/demographics")["ann"], "1.1 has no word for it"
    assert Vendor(EVERYTHING).all("/demographics")["ann"]["sex"] == "unspecified"
    assert (newer["kim"]["sms"], newer["ann"]["grades"]) == ("556", ["Seven"])
    assert ([role["role"] for role in newer["ida"]["roles"]], users["ida"]["role"]) == (["aide"], "administrator")


def test_an_exclude_box_takes_every_user_and_enrollment_of_the_person_away_at_once(acme: Vendor, district: Any) -> None:
    models.Demographics.objects.create(person=district.kim, sex="female")
    refresh(TWO)
    assert {"kim", "kim-guardian"} <= set(acme.all("/users"))
    with protection.acting_at_once(at(TWO)):
        models.Person.objects.filter(pk=district.kim.pk).update(external_lms_exclude=True)
    assert set(acme.all("/users")) == {"ann"}
    assert (set(acme.all("/enrollments")), set(acme.all("/demographics"))) == ({"sits"}, set())
    for path in ("/users/kim", "/teachers/kim", "/users/kim-guardian", "/enrollments/teaches"):
        assert acme.ask(path).status_code == 404, path


def test_a_vendor_that_asks_before_anything_is_published_has_empty_lists_and_later_what_came(db: None) -> None:
    vendors = [Vendor(EVERYTHING, 11), Vendor(EVERYTHING, 12)]
    for vendor in vendors:
        assert vendor.all("/users") == {}
    publish_filled_district()
    assert [set(vendor.all("/users")) for vendor in vendors] == [{"ada"}, {"ada", "grace", "annabella"}]


def test_1_2_names_the_users_of_1_1_only_for_roles_it_shows(acme: Vendor) -> None:
    shown = Vendor(EVERYTHING).all("/users")
    assert shown["kim"]["metadata"] == {"interop.v1p1.guardian": "kim-guardian"}
    assert "metadata" not in shown["ann"]
    assert "metadata" not in Vendor(Choices(guardians=False, relatives=False)).all("/users")["kim"]


def test_a_list_below_a_parent_that_is_unknown_is_empty_or_404_as_the_district_says(acme: Vendor) -> None:
    paths = ("/schools/nowhere/classes", "/classes/nothing/students", "/schools/lincoln/classes/nothing/teachers")
    for path in paths:
        answer = acme.ask(path)
        assert (answer.status_code, answer["X-Total-Count"], list(answer.json().values())) == (200, "0", [[]])
        assert Vendor(EVERYTHING).ask(path).status_code == 404
    models.DistrictSettings(strict_older_parents=True).save()
    for path in paths:
        answer = acme.ask(path)
        assert (answer.status_code, answer.json()["statusInfoSet"][0]["imsx_codeMinor"]) == (404, "unknown object")


def at(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 19, tzinfo=dt.UTC)
