"""A parent of two on a phone: classes, the other child, how a grade came about, Spanish; and the office looks."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from gradebook import computing
from gradebook.models import Score
from tests.browser.conftest import PHONE, Open, come, is_clean
from tests.gradebook.family.conftest import DAY, Home, make_family
from tests.gradebook.taught import teach
from tests.gradebook.test_teacher_matrix import signed_in
from tests.live import Portal


@pytest.fixture
def home(family: Home) -> Iterator[Home]:
    """The family, nobody of which is signed in."""
    yield family
    User.objects.filter(username__startswith="person-").delete()


@pytest.fixture(scope="module")
def family(portal: Portal) -> Home:
    """The family in the database of the running portal, with work around today."""
    one = teach("algebra-2", students=3)
    made, today = make_family(one), timezone.now().date()
    one.score(one.assignment("Quiz 6", points=25, due_on=today - DAY), 0, 23, comment="Strong work.")
    one.score(one.assignment("Field notes", due_on=today - 5 * DAY), 0, None, missing=True)
    one.assignment("Lab report", points=20, due_on=today + DAY)
    one.score(one.assignment("Secret quiz", portal=False), 1, 3)
    Score.objects.update(score_date=today - DAY)
    computing.compute([one.section.pk], timezone.now())
    return made


def test_a_parent_of_two_reads_on_a_phone_in_the_dark_and_in_spanish(visit: Open, home: Home, portal: Portal) -> None:
    page = come(visit, signed_in(home.rosa), "/", width=PHONE, dark=True)
    expect(page.get_by_role("heading", name="Lucía’s classes")).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="Maya").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Maya’s classes")).to_be_visible()
    expect(page.get_by_text("1 assignment is missing")).to_be_visible()
    expect(page.get_by_text("counts as 0 of 10")).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="Algebra-2").click()
    expect(page.get_by_role("heading", name="Missing")).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="How was this computed?").first.click()
    expect(page.get_by_role("heading", name="Every assignment")).to_be_visible()
    is_clean(page)
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Assignments").click()
    page.get_by_role("link", name="Scored").click()
    expect(page.get_by_text("Strong work.")).to_be_visible()
    assert "Secret quiz" not in page.content()
    is_clean(page)
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Ajustes")).to_be_visible()
    is_clean(page)
    page.goto(f"{portal.url}{home.first}")
    expect(page.get_by_text("Falta 1 tarea")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".children")).to_be_hidden()
    expect(page.get_by_text("Quiz 6")).to_be_visible()


def test_the_office_looks_as_a_parent_from_the_persons_record_and_stops(visit: Open, home: Home) -> None:
    office = Client()
    office.force_login(User.objects.create_superuser("person-dana", "", "-"))
    page = come(visit, office, f"/admin/data/people/{home.rosa.pk}/")
    page.get_by_role("link", name="View as this person…").click()
    is_clean(page)
    page.get_by_role("button", name="Begin to view").click()
    expect(page.get_by_text("You are viewing as Rosa Delgado")).to_be_visible()
    is_clean(page)
    page.get_by_role("button", name="Stop viewing").click()
    expect(page.get_by_text("You are yourself again.")).to_be_visible()
