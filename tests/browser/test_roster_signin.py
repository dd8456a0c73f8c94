"""People of the roster come in through a real browser, the office prints for them, and sessions end with a warning."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect

from roster.models import Account, Calendar, Enrollment, Person, School, SchoolYear, SignIn
from tests.browser.conftest import PHONE, Open, faults, scrolls_sideways
from tests.live import Portal

CODES = "/admin/activation-codes/"
PASSWORD = "orbit lantern pickle ravine"
MINUTE = 60_000


@pytest.fixture
def amy(portal: Portal) -> Iterator[Person]:
    """A student of a school, in the database of the running portal."""
    cache.clear()
    year = SchoolYear.objects.create(
        sourced_id="y", title="2026-27", start_year=2026, end_year=2027, start_date=date(2026, 8, 3), active=True
    )
    school = School.objects.order_by("pk").first()
    calendar = Calendar.objects.create(sourced_id="c", school=school, school_year=year)
    person = Person.objects.create(sourced_id="amy", given_name="Amy", family_name="Alder")
    Enrollment.objects.create(sourced_id="e", person=person, calendar=calendar)
    Account.objects.create(person=person, username="s100001")
    yield person
    User.objects.filter(roster_tie__person=person).delete()
    for each in (person, calendar, year):
        each.delete()


@pytest.fixture
def ada(portal: Portal) -> Iterator[Client]:
    """Somebody of the office, signed in."""
    user = User.objects.create_superuser("ada")
    client = Client()
    client.force_login(user)
    yield client
    user.delete()


def as_office(page: Page, ada: Client, portal: Portal, path: str) -> None:
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": ada.cookies[name].value, "url": portal.url}])
    page.goto(portal.url + path)
    assert page.url == portal.url + path


def is_clean(page: Page) -> None:
    assert (page.url, faults(page)) == (page.url, [])
    assert not scrolls_sideways(page)


def test_a_slip_is_printed_and_lets_a_student_in_by_keyboard_alone(
    visit: Open, amy: Person, ada: Client, portal: Portal
) -> None:
    office = visit(CODES, client=ada, width=PHONE)
    office.get_by_role("button", name="Show people").click()
    expect(office.get_by_label("Amy Alder")).to_be_checked()
    is_clean(office)
    office.get_by_role("button", name="Tick none").click()
    expect(office.get_by_label("Amy Alder")).not_to_be_checked()
    office.get_by_label("Amy Alder").check()
    office.get_by_role("button", name="Make codes to print").click()
    code = office.locator(".slip-code").inner_text()
    is_clean(office)
    office.emulate_media(media="print")
    for hidden in (".top-bar", ".page-head", ".sidebar"):
        expect(office.locator(hidden)).to_be_hidden()
    expect(office.get_by_text(code)).to_be_visible()
    page = visit("/account/activate/", width=PHONE, dark=True)
    is_clean(page)
    for typed in ("S100001", code.replace("-", ""), PASSWORD, PASSWORD):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My classes")).to_be_visible()
    assert page.url == f"{portal.url}/home/"
    is_clean(page)
    assert SignIn.objects.filter(person=amy).exists()


def test_two_minutes_before_a_session_ends_the_portal_asks(visit: Open, ada: Client, portal: Portal) -> None:
    page = visit("/account/sign-in/", width=PHONE, alone=True)
    page.clock.install()
    as_office(page, ada, portal, CODES)
    warning, stay = page.get_by_role("alertdialog"), page.get_by_role("button", name="Stay signed in")
    page.clock.fast_forward(57 * MINUTE)
    expect(warning).to_be_hidden()
    page.clock.fast_forward(2 * MINUTE)
    expect(warning).to_contain_text(re.compile(r"Time left: 0:5\d|Time left: 1:00"))
    expect(stay).to_be_focused()
    is_clean(page)
    with page.expect_response("**/account/stay/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    expect(warning).to_be_hidden()
    page.clock.fast_forward(59 * MINUTE)
    expect(warning).to_be_visible()
    page.keyboard.press("Escape")
    page.clock.run_for(2000)
    expect(warning).to_be_hidden()
    page.context.clear_cookies()
    page.clock.fast_forward(2 * MINUTE)
    page.wait_for_url("**/account/sign-in/?next=%2Fadmin%2Factivation-codes%2F")


def test_at_the_end_of_the_twelve_hours_there_is_nothing_to_renew(visit: Open, ada: Client, portal: Portal) -> None:
    session = ada.session
    session["signed_in_at"] -= 12 * 3600 - 90
    session.save()
    page = visit(CODES, client=ada)
    expect(page.get_by_role("alertdialog")).to_contain_text("A session ends after twelve hours")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
