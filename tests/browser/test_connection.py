"""The office connects a vendor in the browser, and the vendor, a program, feels every act on its next request."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from connections import services
from connections.models import Connection
from tests.browser.conftest import PHONE, Open, faults, scrolls_sideways, session
from tests.live import Portal
from tests.signin import confirm

PATIENCE = 10_000
NAMES = iter(f"Fernwood {number}" for number in range(100))


@dataclass(frozen=True)
class Vendor:
    """A vendor's program with the values it was given."""

    values: dict[str, str]

    def token(self) -> str | None:
        """Return a token, None when it is refused."""
        who = (self.values["Client ID"], self.values["Client Secret"])
        told = {"grant_type": "client_credentials"}
        answer = requests.post(self.values["Token URL"], data=told, auth=who, timeout=30)
        return str(answer.json()["access_token"]) if answer.status_code == 200 else None

    def schools(self, token: str | None) -> list[str] | int:
        """Return the schools a pull brings, or the status of its refusal."""
        url = f"{self.values['Base URL']}/rostering/v1p2/schools"
        answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        return sorted(each["sourcedId"] for each in answer.json()["orgs"]) if answer.ok else answer.status_code


@pytest.fixture
def officer(portal: Portal) -> Client:
    """A security officer who has just said who they are."""
    user = User.objects.filter(username="dana").first() or User.objects.create_superuser("dana")
    client = Client()
    client.force_login(user)
    confirm(client)
    return client


@pytest.fixture
def office(visit: Open, officer: Client) -> Callable[..., Page]:
    """Open a screen as that officer."""

    def go(path: str, **window: object) -> Page:
        page = visit(path, client=officer, **window)
        page.set_default_timeout(PATIENCE)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        return page

    return go


@pytest.fixture
def connected(portal: Portal) -> Iterator[tuple[Connection, Vendor]]:
    """A connection of a partner and the vendor's program with its credentials."""
    app = services.application_named(next(NAMES), partner=True, actor="dana")
    connection = services.create_connection(app, actor="dana", choices={"purpose": "Reading"})
    yield connection, Vendor(values_of(portal, services.add_credential(connection, actor="dana")))
    connection.delete()


def values_of(portal: Portal, issued: services.Issued) -> dict[str, str]:
    return {
        "Client ID": issued.credential.client_id,
        "Client Secret": issued.secret,
        "Token URL": f"{portal.url}/oauth2/token",
        "Base URL": f"{portal.url}/ims/oneroster",
    }


def copied(page: Page) -> dict[str, str]:
    """Return what lies in the clipboard as label: value."""
    lines = str(page.evaluate("navigator.clipboard.readText()")).splitlines()
    return dict(line.split(": ", 1) for line in lines)


def screen(connection: Connection) -> str:
    return reverse("admin:connection", args=[connection.pk])


def test_a_vendor_is_connected_pulls_and_is_refused_once_disabled(office: Callable[..., Page], portal: Portal) -> None:
    app = services.application_named(next(NAMES), partner=True, actor="dana")
    page = office(reverse("admin:generate", args=[app.slug]))
    assert faults(page) == []
    page.get_by_label("Purpose").fill("Reading in grades 1 to 5")
    page.get_by_role("button", name="Generate connection").click()
    expect(page.get_by_text("Shown once. It is gone when you leave this page.")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Copy all 4").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    vendor = Vendor(copied(page))
    token = vendor.token()
    assert vendor.schools(token) == ["lincoln", "washington"]
    page.get_by_label("I have stored the secret or sent the link").check()
    page.get_by_role("button", name="Choose data and schools").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(app.name)
    assert vendor.values["Client Secret"] not in page.content()
    page.get_by_role("link", name="Disable…").click()
    dialog = page.get_by_role("dialog", name="Disable this connection?")
    expect(dialog.get_by_role("link", name="Keep enabled")).to_be_focused()
    assert faults(page) == []
    dialog.get_by_role("button", name="Disable connection").click()
    expect(page.get_by_text("Connection disabled. The vendor’s next request is refused.")).to_be_visible()
    assert vendor.schools(token) == 401
    assert vendor.token() is None


def test_a_question_is_closed_by_keeping_and_by_escape(
    office: Callable[..., Page], connected: tuple[Connection, Vendor]
) -> None:
    connection, vendor = connected
    page = office(screen(connection))
    link = page.get_by_role("link", name="Remove credentials…")
    for leave in (
        lambda: page.get_by_role("link", name="Keep credentials").click(),
        lambda: page.keyboard.press("Escape"),
    ):
        link.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        leave()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(link).to_be_focused()
    assert vendor.token()


def test_a_secret_is_replaced_with_an_overlap_and_the_old_one_ended(
    office: Callable[..., Page], connected: tuple[Connection, Vendor]
) -> None:
    connection, old = connected
    page = office(screen(connection))
    page.get_by_role("link", name="Generate new secret…").click()
    page.get_by_label("1 day").check()
    assert faults(page) == []
    page.get_by_role("button", name="Generate new secret").click()
    page.get_by_role("button", name="Copy all 4").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    new = Vendor(copied(page))
    assert old.schools(old.token()) == new.schools(new.token()) == ["lincoln", "washington"]
    page.goto(page.url.replace("new-secret/", ""))
    expect(page.get_by_text("so the old one can go")).to_be_visible()
    assert faults(page) == []
    ended = old.values["Client Secret"][-4:]
    page.get_by_role("link", name=f"End now… {ended}").click()
    page.get_by_role("button", name="End secret").click()
    expect(page.get_by_text(f"Secret …{ended} ended.")).to_be_visible()
    assert old.token() is None
    assert new.token()


def test_removed_credentials_are_dead_and_new_ones_can_be_made(
    office: Callable[..., Page], connected: tuple[Connection, Vendor]
) -> None:
    connection, vendor = connected
    token = vendor.token()
    page = office(screen(connection))
    page.get_by_role("link", name="Remove credentials…").click()
    page.get_by_role("button", name="Remove credentials").click()
    expect(page.get_by_text("There are no credentials: the vendor cannot sign in.")).to_be_visible()
    assert vendor.schools(token) == 401
    page.get_by_role("link", name="Generate new secret…").click()
    page.get_by_role("button", name="Generate new secret").click()
    page.get_by_role("button", name="Copy all 4").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    again = Vendor(copied(page))
    assert again.schools(again.token()) == ["lincoln", "washington"]


def test_the_one_time_link_works_once(
    office: Callable[..., Page], visit: Open, portal: Portal, connected: tuple[Connection, Vendor]
) -> None:
    connection, _ = connected
    page = office(reverse("admin:new_secret", args=[connection.pk]))
    page.get_by_role("button", name="Generate new secret").click()
    page.get_by_role("button", name="Make a one-time link").click()
    link = page.locator("#one-time-link").inner_text()
    assert faults(page) == []
    theirs = visit(link.removeprefix(portal.url), width=PHONE, dark=True)
    assert faults(theirs) == []
    theirs.context.grant_permissions(["clipboard-read", "clipboard-write"])
    theirs.get_by_role("button", name="Show the credentials, once").click()
    theirs.get_by_role("button", name="Copy all 4").click()
    expect(theirs.get_by_role("button", name="Copied")).to_be_visible()
    vendor = Vendor(copied(theirs))
    assert vendor.schools(vendor.token()) == ["lincoln", "washington"]
    assert faults(theirs) == []
    assert not scrolls_sideways(theirs)
    assert requests.get(link, timeout=30).status_code == requests.post(link, timeout=30).status_code == 404


def test_chosen_schools_are_all_the_vendor_gets(
    office: Callable[..., Page], connected: tuple[Connection, Vendor]
) -> None:
    connection, vendor = connected
    page = office(screen(connection))
    expect(page.get_by_role("button", name="Save changes")).to_be_hidden()
    page.get_by_text("Only chosen").click()
    page.get_by_label("Find a school by name or number").fill("linc")
    expect(page.get_by_label("Washington")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 chosen · Lincoln")).to_be_visible()
    expect(page.get_by_text("2 changes not saved: Only chosen schools, 1 school.")).to_be_visible()
    assert faults(page) == []
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="See what it changes").click()
    expect(opened.value.get_by_text("If you save: only 1 school.")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Saved. It holds from the vendor’s next request on.")).to_be_visible()
    assert vendor.schools(vendor.token()) == ["lincoln"]
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one school, or All schools.")
    assert faults(page) == []
    assert vendor.schools(vendor.token()) == ["lincoln"]


def test_arrow_keys_walk_the_schools_and_the_tab_key_leaves_them(
    office: Callable[..., Page], connected: tuple[Connection, Vendor]
) -> None:
    page = office(screen(connected[0]))
    page.get_by_text("Only chosen").click()
    page.get_by_label("Lincoln").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Washington")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.get_by_label("Lincoln")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Space")
    expect(page.get_by_text("2 chosen · Lincoln, Washington")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Choose all shown")).to_be_focused()
    page.get_by_label("Washington").focus()
    page.keyboard.press("l")
    expect(page.get_by_label("Find a school by name or number")).to_be_focused()
    expect(page.get_by_label("Washington")).to_be_hidden()


def test_an_ended_connection_is_renewed(office: Callable[..., Page], connected: tuple[Connection, Vendor]) -> None:
    connection, vendor = connected
    past = timezone.now() - dt.timedelta(days=1)
    services.change_connection(connection, actor="dana", expires_at=past)
    assert vendor.token() is None
    page = office(screen(connection))
    expect(page.get_by_text("Expired", exact=True)).to_be_visible()
    page.get_by_role("button", name="Renew to").click()
    expect(page.get_by_text("The key and secret stay the same.").first).to_be_visible()
    assert vendor.schools(vendor.token()) == ["lincoln", "washington"]


def test_demographics_are_turned_on_in_two_steps(
    office: Callable[..., Page], connected: tuple[Connection, Vendor]
) -> None:
    connection, _ = connected
    page = office(screen(connection))
    expect(page.get_by_text("Share only if the data agreement names these fields.")).to_be_hidden()
    page.get_by_label("Demographics").check()
    expect(page.get_by_text("Share only if the data agreement names these fields.")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    assert faults(page) == []
    page.get_by_role("button", name="Share demographics").click()
    expect(page.get_by_label("Demographics")).to_be_checked()
    assert Connection.objects.get(pk=connection.pk).share_demographics


def test_it_is_accessible_and_fits_a_phone_at_night(
    office: Callable[..., Page], connected: tuple[Connection, Vendor]
) -> None:
    connection, _ = connected
    services.rotate(connection, actor="dana", old_until=timezone.now() + dt.timedelta(days=7))
    page = office(screen(connection), width=PHONE, dark=True)
    page.get_by_text("Only chosen").click()
    for name in ("connection", "check_connection", "remove_credentials", "share_demographics"):
        if name != "connection":
            page.goto(page.url.split("/admin/")[0] + reverse(f"admin:{name}", args=[connection.pk]))
        assert faults(page) == [], name
        assert not scrolls_sideways(page), name


def test_without_script_schools_are_boxes_and_the_form_is_saved(
    browser: Browser, portal: Portal, officer: Client, connected: tuple[Connection, Vendor]
) -> None:
    connection, vendor = connected
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session(officer, portal)])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(portal.url + screen(connection))
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_label("Only chosen").check()
    page.get_by_label("Washington").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Saved. It holds")).to_be_visible()
    page.get_by_role("link", name="Remove credentials…").click()
    expect(page.get_by_role("heading", name="Remove the credentials of this connection?")).to_be_visible()
    context.close()
    assert vendor.schools(vendor.token()) == ["washington"]
