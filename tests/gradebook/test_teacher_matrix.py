"""Every address below /teacher/, for every kind of person and every method: open or closed as the table says."""

import datetime as dt
import os
from itertools import product

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver

from gradebook.pages.table import pages
from roster.models import Account, SectionStaff, SignIn
from tests.gradebook.taught import Q1, Taught, teach
from tests.roster import factories as make

METHODS = ("GET", "POST", "DELETE")
PAGES = pages()
TODAY = Q1[0] + dt.timedelta(30)
DAY = dt.timedelta(1)
ALIKE = (
    () if os.environ.get("INTEROP_PROVE")
    else ("nobody of the roster", "an aide", "a substitute of yesterday", "a substitute of tomorrow", "a co-teacher",
          "a substitute of today")
)  # fmt: skip
A_FEW = ("teacher", "teacher_align", "teacher_book", "teacher_cell", "teacher_posting")
"""The guard is one for all pages: for some people a few pages tell enough; `make prove` tries all."""
OWN = ("teacher_batch", "teacher_sheet", "teacher_tool", "teacher_choose", "teacher_work", "teacher_review")
"""Pages of what nobody here has: tests of report cards and of learning tools open them."""


def signed_in(person) -> Client:
    """Return a client that is this person of the roster."""
    client = Client(raise_request_exception=False)
    user, made = User.objects.get_or_create(username=f"person-{person.pk}")
    if made:
        Account.objects.get_or_create(person=person, defaults={"username": f"name-{person.pk}"})
        SignIn.objects.create(person=person, user=user)
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradebook.pages.guard.district_day", lambda _now: TODAY)


@pytest.fixture
def taught(db: None) -> Taught:
    return teach()


def staff(taught: Taught, kind: str = "teacher", **dates) -> Client:
    person = make.PersonFactory()
    facts = {"section": taught.section, "person": person, "kind": kind, **dates}
    SectionStaff.objects.create(sourced_id=f"staff-{person.pk}", **facts)
    return signed_in(person)


def address(page, taught: Taught, work: int) -> str:
    path = f"/teacher/{page.path}"
    for name, value in (("section", taught.section.pk), ("assignment", work), ("person", taught.students[0].pk)):
        path = path.replace(f"<int:{name}>", str(value))
    return path.replace("<int:rule>", "0").replace("<int:batch>", "0").replace("<int:tool>", "0")


def test_every_address_stands_in_the_table() -> None:
    below = [each for each in get_resolver("gradebook.urls").url_patterns if str(each.pattern).startswith("teacher")]
    assert {page.name for page in PAGES} == {each.name for each in below} - {None}
    assert len(PAGES) == len({page.path for page in PAGES}) > 15
    assert len(below) == 2 * len(PAGES)


def expected(page, method: str, shut: int | None, elsewhere: int | None) -> set[int]:
    """Return the statuses that fit; `shut` is the answer to who is no teacher, `elsewhere` to who teaches others."""
    if shut:
        return {shut}
    if method not in page.methods:
        return {405}
    if elsewhere and page.of_section:
        return {elsewhere}
    if page.name in OWN:
        return {404}
    return {200} if method == "GET" and page.name != "teacher_rule" else {200, 302, 404, 422}


def test_pages_are_open_to_those_who_teach_the_section_today_and_closed_to_everybody_else(
    taught, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradebook.pages.guard.render", lambda *_parts, status=200: HttpResponse(status=status))
    other = teach("biology-1", students=1, course=make.CourseFactory())
    work = taught.assignment().pk
    people = {
        "stranger": (Client(), 302, None),
        "nobody of the roster": (_nobody(), 403, None),
        "a student": (signed_in(taught.students[0]), 403, None),
        "an aide": (staff(taught, "other"), 403, None),
        "a teacher of another section": (signed_in(other.teacher), None, 404),
        "a substitute of yesterday": (staff(taught, end_date=TODAY - DAY), None, 404),
        "a substitute of tomorrow": (staff(taught, start_date=TODAY + DAY), None, 404),
        "the teacher": (signed_in(taught.teacher), None, None),
        "a co-teacher": (staff(taught), None, None),
        "a substitute of today": (staff(taught, start_date=TODAY, end_date=TODAY), None, None),
    }
    wrong, tried = [], 0
    for (who, (client, shut, elsewhere)), page, method in product(people.items(), PAGES, METHODS):
        if method == "DELETE" and who != "the teacher":
            continue
        if who in ALIKE and page.name not in A_FEW:
            continue
        answer = getattr(client, method.lower())(address(page, taught, work))
        sign_in = answer.headers.get("Location", "").startswith("/account/sign-in/")
        tried += 1
        if answer.status_code not in expected(page, method, shut, elsewhere) or sign_in != (who == "stranger"):
            wrong.append((who, method, page.path, answer.status_code))
    assert wrong == []
    assert tried == (2 * (len(people) - len(ALIKE)) + 1) * len(PAGES) + 2 * len(ALIKE) * len(A_FEW)


def test_pages_open_with_and_without_a_slash_and_are_not_kept_by_browsers(taught) -> None:
    client = signed_in(taught.teacher)
    for page in PAGES:
        if "GET" in page.methods and page.name not in OWN:
            path = address(page, taught, taught.assignment().pk)
            assert client.get(path).headers["Cache-Control"] == "no-store", path
            status = client.get(path.rstrip("/")).status_code
            assert status == (422 if page.name == "teacher_rule" else 200), path


def _nobody() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_user("office", is_staff=True))
    return client
