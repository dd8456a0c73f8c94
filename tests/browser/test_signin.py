"""People sign in through a real browser: password, app, passkey; by keyboard; and nothing breaks the strict policy."""

import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.cache import cache as counters
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from connections.models import Connection
from interop.admin.screens import screens
from roster.models import School
from tests.browser.conftest import PHONE, Open, faults, is_clean, is_clean_elsewhere, look, scrolls_sideways
from tests.live import Portal

PASSWORD = "orbit lantern pickle ravine"
SIGN_IN = "/account/sign-in/"
ADMIN = "/admin/applications/"
INSIDE = re.compile(r"/admin/applications/$")
OPENED = 1 if os.environ.get("INTEROP_PROVE") else 6
"""Of so many screens one is opened in the browser; the walks of the other files open most of them."""


hashed = cache(make_password)
"""A password as it is stored; slow, so made once."""


@pytest.fixture
def person(portal: Portal) -> Iterator[User]:
    """Somebody with every right for one test, in the database of the running portal."""
    counters.clear()
    user = User.objects.create(username="ada", password=hashed(PASSWORD), is_staff=True, is_superuser=True)
    yield user
    user.delete()


@pytest.fixture
def inside(person: User, visit: Open, portal: Portal) -> Open:
    """Open pages as somebody who has signed in already."""
    client = Client()
    client.force_login(person)

    def go(path: str, **look: Any) -> Page:
        page = visit(path, client=client, **look)
        assert page.url == portal.url + path
        return page

    return go


def type_password(page: Page) -> None:
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def code_of(seed: str, step: int) -> str:
    return format_hotp_value(hotp_value(seed, list(yield_hotp_counters_from_time())[1 + step]))


@pytest.mark.usefixtures("person")
def test_an_app_is_set_up_on_the_way_in_and_asked_for_the_next_time(visit: Open) -> None:
    page = visit(ADMIN)
    type_password(page)
    page.get_by_role("link", name="Set up an authenticator app").click()
    seed = page.locator("#totp-key").inner_text()
    page.get_by_label("Enter the code it shows now").fill(code_of(seed, -1))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("Shown once.")).to_be_visible()
    recovery = page.locator("#recovery-codes").inner_text().split()
    assert len(set(recovery)) == 10
    page.get_by_role("link", name="I have stored them").click()
    expect(page).to_have_url(INSIDE)
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    type_password(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(INSIDE)


@pytest.mark.usefixtures("person")
def test_the_keyboard_alone_signs_in(visit: Open) -> None:
    page = visit(SIGN_IN)
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("That did not work.")
    expect(page.get_by_label("Username")).to_have_value("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    later = page.get_by_role("link", name="Later")
    later.focus()
    assert later.evaluate("(it) => getComputedStyle(it).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page).to_have_url(INSIDE)


@pytest.mark.usefixtures("person")
def test_a_passkey_lets_in_alone(browser: Browser, portal: Portal) -> None:
    here = portal.url.replace("127.0.0.1", "localhost")  # passkeys belong to a name
    page = browser.new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    page.goto(here + SIGN_IN)
    type_password(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What do you call it?").fill("Office laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="I have stored them").click()
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(INSIDE)
    page.goto(here + reverse("mfa_list_webauthn"))
    expect(page.get_by_role("heading", name="Office laptop")).to_be_visible()
    page.context.close()


ACCOUNT_PAGES = ("mfa_index", "account_change_password", "mfa_list_webauthn", "account_second_step", "account_logout")
RECORDS = ("/admin/audit/", "/admin/messages/", "/admin/messages/announce/")


def test_the_pages_around_signing_in_are_accessible_on_a_desk_and_on_a_phone_at_night(
    inside: Open, portal: Portal
) -> None:
    page = inside(ADMIN)
    for path in [*(reverse(name) for name in ACCOUNT_PAGES), "/account/forgotten/", *RECORDS]:
        page.goto(portal.url + path)
        assert page.url == portal.url + path
        look(page, width=1440)
        is_clean(page)
        is_clean_elsewhere(page, width=PHONE, dark=True)


@pytest.fixture
def phone(browser: Browser, portal: Portal, person: User) -> Iterator[Page]:
    """A phone that has signed in, whose browser may complain: a dead end is an error to it, and axe reads inline."""
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    page = browser.new_page(viewport={"width": PHONE, "height": 900}, reduced_motion="reduce")
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": portal.url}])
    yield page
    page.context.close()


@pytest.mark.parametrize("path", ["/nowhere", "/admin/nowhere/"])
def test_a_dead_end_is_accessible_and_names_the_request(phone: Page, portal: Portal, path: str) -> None:
    answer = phone.goto(portal.url + path)
    assert answer is not None
    assert answer.status == 404
    expect(phone.get_by_role("heading", name="We can’t find that page")).to_be_visible()
    expect(phone.locator("main")).to_contain_text(answer.headers["x-request-id"])
    assert faults(phone) == []
    assert not scrolls_sideways(phone)


def test_the_stock_pages_of_people_are_accessible_on_a_phone(phone: Page, portal: Portal, person: User) -> None:
    for path in (reverse("admin:auth_user_changelist"), reverse("admin:auth_user_change", args=[person.pk])):
        phone.goto(portal.url + path)
        assert phone.url == portal.url + path
        assert (path, faults(phone)) == (path, [])
        assert not scrolls_sideways(phone), path


def test_the_sign_in_page_is_accessible_and_fits_a_phone_at_night(visit: Open) -> None:
    page = visit(SIGN_IN, width=PHONE, dark=True)
    assert faults(page) == []
    assert not scrolls_sideways(page)


def stock_pages(person: User) -> list[str]:
    """Return one stock page of every kind, and those with the widgets that bring their own scripts."""
    connection, school = Connection.objects.get(), School.objects.first()
    assert school
    return [
        reverse("admin:auth_user_changelist"),
        reverse("admin:auth_user_add"),
        reverse("admin:auth_user_change", args=[person.pk]),
        reverse("admin:auth_user_password_change", args=[person.pk]),
        *(reverse(f"admin:connections_connection_{kind}", args=[connection.pk]) for kind in ("change", "history")),
        reverse("admin:roster_school_changelist") + "?q=lincoln",
        *(reverse(f"admin:roster_school_{kind}", args=[school.pk]) for kind in ("change", "delete")),
        reverse("admin:roster_rosterentry_add"),
        reverse("admin:app_list", args=["roster"]),
    ]


def test_no_page_breaks_the_policy_of_what_may_run(inside: Open, person: User, portal: Portal) -> None:
    """Every page has the policy; that no template of ours breaks it, architecture/test_house.py holds for all."""
    plain = [
        reverse(f"admin:{screen.name}") for screen in screens() if "<" not in screen.path and ".csv" not in screen.path
    ]
    page = inside(ADMIN)
    for path in [*plain[::OPENED], *stock_pages(person)]:
        answer = page.goto(portal.url + path)
        assert answer is not None
        assert page.url == portal.url + path
        assert (path, answer.status, *strictness(answer.headers["content-security-policy"])) == (path, 200, True, True)
    client = Client()
    client.force_login(person)
    for path in plain:
        found = client.get(path)
        assert (path, found.status_code, *strictness(found.headers["Content-Security-Policy"])) == (
            path, 200, True, True,
        )  # fmt: skip


def strictness(policy: str) -> tuple[bool, bool]:
    """Return whether a policy allows nothing that is not named, and nothing unsafe."""
    return "default-src 'none'" in policy, "unsafe" not in policy
