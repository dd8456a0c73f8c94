"""What a grant is given: Lincoln is shared, Washington is not."""

import json
from typing import Any

import pytest

from connections.grants import Grant
from interop.oneroster.answers import envelope
from interop.oneroster.errors import OneRosterError
from interop.oneroster.query import parse_list
from roster.endpoints import ENDPOINTS
from roster.models import Body, Edition, Frozen, Record
from roster.reading import pull
from roster.reading.pull import CutOff, read_list, read_single
from tests.reading.published import LINCOLN, MOMENT, WASHINGTON, grant, user

pytestmark = pytest.mark.usefixtures("district")
BY_OPERATION = {endpoint.operation: endpoint for endpoint in ENDPOINTS}


def listed(who: Grant, operation: str, raw: str = "", **names: str) -> tuple[list[dict[str, Any]], int]:
    endpoint = BY_OPERATION[operation]
    page = read_list(who, endpoint, names, parse_list(raw, endpoint.declaration, 12))
    return json.loads(b"".join(envelope("docs", page.batches())))["docs"], page.total


def ids(who: Grant, operation: str, raw: str = "", **names: str) -> list[str]:
    docs, total = listed(who, operation, raw, **names)
    assert total == len(docs)
    return sorted(doc["sourcedId"] for doc in docs)


def one(who: Grant, operation: str, sourced_id: str) -> dict[str, Any]:
    doc: dict[str, Any] = json.loads(read_single(who, BY_OPERATION[operation], {"sourcedId": sourced_id}))
    return doc


def test_the_district_grant_sees_everything_as_published() -> None:
    assert ids(grant(), "getAllUsers") == ["amy", "ben", "gone", "mix", "mum", "two"]
    assert len(one(grant(), "getUser", "two")["roles"]) == 2


def test_washington_never_appears_for_a_grant_to_lincoln(lincoln: Grant) -> None:
    for operation in ("getAllUsers", "getAllOrgs", "getAllClasses", "getAllCourses", "getAllEnrollments",
                      "getAllAcademicSessions"):  # fmt: skip
        text = json.dumps(listed(lincoln, operation)[0])
        for secret in ("washington", "ben", "c-w", "p2", "e2", "e4"):
            assert f'"{secret}"' not in text, (operation, secret)


def test_siblings_in_two_schools_show_their_mother_with_one_child(lincoln: Grant) -> None:
    mother = one(lincoln, "getUser", "mum")
    assert [agent["sourcedId"] for agent in mother["agents"]] == ["amy"]
    assert [role["org"]["sourcedId"] for role in mother["roles"]] == ["lincoln"]


def test_filters_judge_what_is_shown_of_a_two_school_person(lincoln: Grant) -> None:
    assert ids(lincoln, "getAllUsers", "filter=roles.org.sourcedId='washington'") == []
    assert ids(lincoln, "getAllUsers", "filter=roles.role='student'") == ["amy", "two"]
    assert ids(lincoln, "getAllUsers", "filter=agents.sourcedId='ben'") == []
    assert ids(lincoln, "getAllOrgs", "filter=children.sourcedId='washington'") == []
    assert ids(lincoln, "getAllOrgs", "filter=children.sourcedId='lincoln'") == ["d"]


def test_a_teacher_here_who_is_a_student_there_is_only_a_teacher(lincoln: Grant) -> None:
    assert ids(lincoln, "getAllTeachers") == ["mix"]
    assert ids(lincoln, "getAllStudents") == ["amy", "gone", "two"]
    with pytest.raises(OneRosterError) as refused:
        one(lincoln, "getStudent", "mix")
    assert refused.value.status == 404


def test_roles_count_only_at_the_school_asked_for() -> None:
    assert ids(grant(), "getTeachersForSchool", school="lincoln") == ["mix"]
    assert ids(grant(), "getTeachersForSchool", school="washington") == []
    assert ids(grant(), "getStudentsForSchool", school="lincoln") == ["amy", "two"]


def test_sorting_by_a_reference_uses_what_is_shown(lincoln: Grant) -> None:
    docs, _ = listed(lincoln, "getAllUsers", "sort=roles.role&orderBy=desc")
    roles = [doc["roles"][0]["role"] if doc["roles"] else "" for doc in docs]
    assert roles == sorted(roles, reverse=True)
    assert roles.count("teacher") == 1


def test_who_left_the_school_is_told_as_deleted_and_nothing_more(lincoln: Grant) -> None:
    left = one(lincoln, "getUser", "gone")
    assert left["status"] == "tobedeleted"
    assert left["roles"] == []
    assert "email" not in left
    assert ids(lincoln, "getAllUsers", "filter=status='tobedeleted'") == ["gone"]
    assert ids(lincoln, "getAllUsers", "filter=email='gone@x.example'") == []
    assert ids(grant(), "getAllUsers", "filter=email='gone@x.example'") == ["gone"]


def test_who_left_the_school_is_found_by_sourced_id_alone_and_who_is_there_by_any_name(lincoln: Grant) -> None:
    user("alias", ("student", "lincoln"), schools=(LINCOLN, WASHINGTON), email="a@x", secondary="b@x", identifier="7")
    for name in ("username", "email", "identifier"):
        assert ids(lincoln, "getAllUsers", f"filter={name}='gone'") == []
    assert ids(lincoln, "getAllUsers", "filter=sourcedId='gone'") == ["gone"]
    for name, value in (("username", "alias"), ("email", "a@x"), ("identifier", "7"), ("sourcedId", "alias")):
        assert ids(lincoln, "getAllUsers", f"filter={name}='{value}'") == ["alias"]
    other = grant(schools=lincoln.schools, secondary_email=True)
    assert ids(other, "getAllUsers", "filter=email='b@x'") == ["alias"]
    assert ids(other, "getAllUsers", "filter=email='a@x'") == []


def test_relationship_lists_go_through_active_enrollments(lincoln: Grant) -> None:
    assert ids(lincoln, "getStudentsForClass", **{"class": "c-l"}) == ["amy", "two"]
    assert ids(lincoln, "getTeachersForClass", **{"class": "c-l"}) == ["mix"]
    assert ids(lincoln, "getEnrollmentsForSchool", school="lincoln") == ["e1", "e3", "e5"]
    assert ids(lincoln, "getEnrollmentsForClassInSchool", school="lincoln", **{"class": "c-l"}) == ["e1", "e3", "e5"]
    assert ids(lincoln, "getClassesForStudent", student="two") == ["c-l"]
    assert ids(grant(), "getClassesForStudent", student="mix") == ["c-w"]
    assert ids(grant(), "getClassesForUser", user="mix") == ["c-l", "c-w"]
    assert ids(lincoln, "getClassesForCourse", course="algebra") == ["c-l"]
    assert ids(lincoln, "getClassesForTerm", term="t1") == ["c-l"]
    assert ids(lincoln, "getGradingPeriodsForTerm", term="t1") == ["p1"]
    assert ids(lincoln, "getTermsForSchool", school="lincoln") == ["t1"]
    assert ids(lincoln, "getCoursesForSchool", school="lincoln") == ["algebra"]


@pytest.mark.parametrize("section", ["c-w", "nowhere"])
def test_an_unseen_parent_is_refused_like_an_unknown_one(lincoln: Grant, section: str) -> None:
    with pytest.raises(OneRosterError) as refused:
        listed(lincoln, "getStudentsForClass", **{"class": section})
    assert (refused.value.status, refused.value.code_minor) == (404, "unknownobject")


def test_a_class_of_another_school_is_refused() -> None:
    with pytest.raises(OneRosterError):
        listed(grant(), "getStudentsForClassInSchool", school="lincoln", **{"class": "c-w"})


def test_without_guardians_nobody_names_them() -> None:
    alone = grant(guardians=False)
    assert "mum" not in json.dumps(listed(alone, "getAllUsers")[0])
    assert ids(alone, "getAllUsers", "filter=agents.sourcedId='mum'") == []


def test_the_secondary_address_replaces_email_and_its_absence_leaves_none() -> None:
    user("sec", ("student", "lincoln"), schools=(LINCOLN,), email="first@x.example", secondary="second@x.example")
    who = grant(secondary_email=True)
    assert one(who, "getUser", "sec")["email"] == "second@x.example"
    assert "email" not in one(who, "getUser", "amy")
    assert ids(who, "getAllUsers", "filter=email='second@x.example'") == ["sec"]
    assert ids(who, "getAllUsers", "filter=email~'x.example'") == ["sec"]


def test_a_pull_keeps_its_edition_while_another_is_published(lincoln: Grant) -> None:
    first, total = listed(lincoln, "getAllUsers", "limit=2")
    Record.objects.filter(sourced_id="two").update(retired_at=MOMENT)
    Edition.objects.create(number=2, published_at=MOMENT, counts={}, fingerprint="y")
    rest, total_later = listed(lincoln, "getAllUsers", "limit=10&offset=2")
    assert total == total_later == len(first) + len(rest) == 5
    assert listed(lincoln, "getAllUsers", "limit=2")[1] == 4


def test_another_connection_with_equal_choices_shares_the_frozen_list(lincoln: Grant) -> None:
    listed(lincoln, "getAllUsers", "limit=2")
    listed(grant(connection=8, schools=frozenset({LINCOLN})), "getAllUsers", "limit=2")
    listed(grant(connection=9, schools=frozenset({WASHINGTON})), "getAllUsers", "limit=2")
    assert Frozen.objects.count() == 2


def test_a_list_that_fits_the_first_page_is_not_stored(lincoln: Grant) -> None:
    listed(lincoln, "getAllUsers", "limit=100")
    assert Frozen.objects.count() == 0


def test_no_limit_gives_everything_and_limit_zero_only_the_total() -> None:
    assert listed(grant(), "getAllUsers", "limit=0") == ([], 6)
    assert len(listed(grant(), "getAllUsers", "limit=-1")[0]) == 6
    assert listed(grant(), "getAllUsers", "offset=9999999999") == ([], 6)


@pytest.mark.parametrize("size", [1, 3])
def test_a_page_costs_the_same_statements_whatever_its_size(
    size: int, lincoln: Grant, django_assert_num_queries: Any
) -> None:
    listed(lincoln, "getAllUsers", "sort=familyName&orderBy=desc&limit=1")
    again = f"sort=familyName&orderBy=desc&limit={size}&offset=1"
    with django_assert_num_queries(10):  # four of them say how others are planned
        listed(lincoln, "getAllUsers", again)
    with django_assert_num_queries(3):  # it was put together and is kept
        listed(lincoln, "getAllUsers", again)
    everything = grant(connection=8)
    listed(everything, "getAllUsers")  # copies the bodies
    listed(everything, "getAllUsers", "limit=1")
    with django_assert_num_queries(3):
        listed(everything, "getAllUsers", f"limit={size}")


def test_a_long_answer_breaks_off_when_the_grant_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "BATCH", 2)
    monkeypatch.setattr(pull, "IN_MEMORY", 3)
    with pytest.raises(CutOff):
        listed(grant(connection=-1), "getAllUsers")


def test_a_pruned_body_is_a_gap_and_the_total_stays() -> None:
    Body.objects.filter(id=Record.objects.get(sourced_id="ben").id).delete()
    docs, total = listed(grant(), "getAllUsers")
    assert (len(docs), total) == (5, 6)
