"""Students and parents: who sees whom, and that nothing else is seen on any page."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gradebook.family import works
from gradebook.family.works import Work
from gradebook.models import GradeOptions
from gradebook.pages.home.table import PAGES, pages
from roster.models import Enrollment
from tests.gradebook.family.conftest import DAY, NOW, SECRETS, TODAY, Home, related
from tests.gradebook.taught import teach
from tests.gradebook.test_teacher_matrix import signed_in
from tests.roster import factories as make

OF_STUDENT = tuple(page for page in pages() if page.of_student)


def address(page, home: Home) -> str:
    """Return a page's address for the elder child; parts it does not know are 0."""
    known = {"student": home.maya.pk, "section": home.taught.section.pk}
    known["period"] = home.taught.periods["Quarter 1"].pk
    return "/home/" + re.sub(r"<\w+:(\w+)>", lambda part: str(known.get(part[1], 0)), page.path)


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_a_students_pages_open_to_the_family_and_to_nobody_else(home: Home) -> None:
    nobody = Client()
    nobody.force_login(User.objects.create(username="nobody"))
    uncle = related(home, portal=True, guardian=False)
    closed = {
        "a stranger": (Client(), 302), "nobody of the roster": (nobody, 403),
        "a boy of the class": (signed_in(home.otto), 404),
        "the sister": (signed_in(home.lucia), 404), "the teacher": (signed_in(home.taught.teacher), 404),
        "a relative without the portal box": (signed_in(related(home, portal=False)), 404),
        "a guardian of last year": (signed_in(related(home, end_date=TODAY - DAY)), 404),
        "a guardian of tomorrow": (signed_in(related(home, start_date=TODAY + DAY)), 404),
        "a guardian the feed no longer sends": (signed_in(related(home, ended_at=NOW)), 404),
    }  # fmt: skip
    assert len(OF_STUDENT) >= 4
    for who, (client, status) in closed.items():
        for page in OF_STUDENT if who == "a boy of the class" else OF_STUDENT[:1]:
            assert client.get(address(page, home)).status_code == status, (who, page.name)
    for client in (signed_in(home.maya), signed_in(uncle)):
        assert client.get(home.first).status_code == 200
    rosa = signed_in(home.rosa)
    for page in PAGES:
        answer = rosa.get(address(page, home).rstrip("/"))
        assert (page.name, answer.status_code, answer.headers["Cache-Control"]) == (page.name, 200, "no-store")
        assert rosa.post(address(page, home)).status_code == (302 if "POST" in page.methods else 405)


@pytest.mark.parametrize("facts", [{"no_show": True}, {"ended_at": NOW}, {"end_date": TODAY - DAY}])
def test_a_child_who_is_no_student_any_more_is_gone_from_the_familys_pages(home: Home, facts) -> None:
    Enrollment.objects.filter(person=home.maya).update(**facts)
    rosa = signed_in(home.rosa)
    assert rosa.get(home.first).status_code == 404
    assert "Lucía’s classes" in words(rosa.get("/home/"))
    assert "Maya" not in words(rosa.get("/home/"))


def test_nothing_closed_or_of_another_family_stands_on_any_page(home: Home) -> None:
    rosa, seen = signed_in(home.rosa), ""
    for child in (home.maya, home.lucia):
        for path in ("", "assignments/", "assignments/?show=scored", f"classes/{home.taught.section.pk}/"):
            shown = rosa.get(f"/home/students/{child.pk}/{path}").content.decode()
            assert [secret for secret in SECRETS if secret in shown] == [], path
            seen += shown
    assert all(
        each in seen for each in ("Quiz 6", "Strong work.", "Field notes", "Lab report", "84.2 %", "Of another 1")
    )
    grades = f"{home.first}classes/{home.taught.section.pk}/grades/"
    assert rosa.get(f"{grades}{home.taught.periods['Quarter 2'].pk}/").status_code == 404
    explained = rosa.get(f"{grades}{home.taught.periods['Quarter 1'].pk}/")
    assert "also counts work that is not shown here" in words(explained)
    assert "Secret quiz" not in words(explained)
    assert "Sums by category" not in words(explained)
    home.taught.section.assignments.filter(portal=False).update(active=False)
    assert "Sums by category" in words(rosa.get(f"{grades}{home.taught.periods['Quarter 1'].pk}/"))
    GradeOptions.objects.update(portal=True)
    assert "HIDDEN-POSTED" in words(rosa.get(f"{home.first}classes/{home.taught.section.pk}/"))
    other = teach("biology-1", students=1, course=make.CourseFactory())
    assert rosa.get(f"{home.first}classes/{other.section.pk}/").status_code == 404


def test_a_parent_reads_in_plain_words_what_is_missing_due_and_scored_and_switches_children(home: Home) -> None:
    rosa = signed_in(home.rosa)
    assert "Lucía’s classes" in words(rosa.get("/home/"))
    shown = words(rosa.get(home.first))
    for told in (
        "Maya’s classes", "1 assignment is missing , 1 is due within a week.", "Algebra-2 Eleanor Voss", "B 84.2 %",
        "Field notes Algebra-2 · was due Aug 28 Missing counts as 0 of 10",
        "Lab report Algebra-2 · due tomorrow, Sep 3",
        "20 points", "Quiz 6 Algebra-2 · Sep 1 23 of 25 92 % Strong work.", "Quarter 1, still changing",
    ):  # fmt: skip
        assert told in shown, told
    every = words(rosa.get(f"{home.first}assignments/"))
    assert "Not scored yet Not yet Algebra-2 · was due Aug 31" in every
    scored = words(rosa.get(f"{home.first}assignments/?show=scored"))
    assert "Book talk Algebra-2 · Sep 1 Exempt does not count" in scored
    own = words(signed_in(home.maya).get("/home/"))
    assert "My classes" in own
    assert "Lucía" not in own


def test_in_spanish_words_and_dates_are_spanish(home: Home) -> None:
    rosa = signed_in(home.rosa)
    answer = rosa.get(home.first, headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert answer.headers["Content-Language"] == "es"
    for told in ("Clases de Maya", "Falta 1 tarea", "era para el 28 de ago", "cuenta como 0 de 10", "23 de 25"):
        assert told in words(answer), told
    rosa.post("/account/language/", {"language": "en", "next": home.first})
    assert "Maya’s classes" in words(rosa.get(home.first, headers={"Accept-Language": "es"}))


def test_the_first_page_asks_the_database_as_often_for_three_classes_as_for_one(
    home: Home, django_assert_num_queries
) -> None:
    rosa = signed_in(home.rosa)
    rosa.get(home.first)
    with django_assert_num_queries(22):
        rosa.get(home.first)
    for name in ("biology-1", "history-1"):
        more = teach(name, students=0, course=make.CourseFactory())
        make.RosterEntryFactory(section=more.section, person=home.maya)
        more.students = [home.maya]
        more.score(more.assignment(), 0)
    with django_assert_num_queries(22):
        assert "History-1" in words(rosa.get(home.first))


days = st.dates(min_value=TODAY - 300 * DAY, max_value=TODAY + 300 * DAY)
flags = st.frozensets(st.sampled_from(["missing", "late", "exempt", "turned_in", "cheated", "dropped", "incomplete"]))
some_work = st.builds(
    Work, key=st.integers(1, 99), section=st.just(1), title=st.just("HW"), about=st.just(""), due_on=days,
    points=st.none() | st.integers(0, 20), multiplier=st.just(1), counted=st.booleans(),
    score=st.none() | st.decimals(0, 30, places=1), scored_on=days, flags=flags,
)  # fmt: skip


@given(st.lists(some_work, max_size=12))
def test_every_assignment_stands_in_exactly_one_list(listed) -> None:
    parts = (
        works.missing(listed), works.upcoming(listed, TODAY, works.YEAR), works.waiting(listed, TODAY),
        works.scored(listed),
    )  # fmt: skip
    assert sorted(map(id, listed)) == sorted(id(each) for part in parts for each in part)
