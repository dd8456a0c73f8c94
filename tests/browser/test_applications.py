"""The office adds applications in the browser: from the catalogue, by name, and out of older credentials."""

import re
from collections.abc import Callable

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from connections import services
from connections.models import Application, CatalogueEntry, Connection, DailyUse
from interop.dates import district_day
from interop.jobs.models import JobRun, State
from roster.models import FeedImport
from tests.browser.conftest import PHONE, Open, faults, is_clean, is_clean_elsewhere, look
from tests.live import Portal
from tests.signin import confirm

APPLICATIONS = "/admin/applications/"
LOOKS_AGAIN = 2_000
"""Milliseconds after which a page that shows something at work looks again."""


@pytest.fixture
def office(visit: Open, portal: Portal) -> Callable[..., Page]:
    """Open a screen as a security officer."""
    client = Client()
    client.force_login(User.objects.filter(username="dana").first() or User.objects.create_superuser("dana"))
    confirm(client)
    return lambda path, **window: visit(path, client=client, **window)


def test_a_partner_is_added_connected_and_seen_calling(office: Callable[..., Page], portal: Portal) -> None:
    page = office(APPLICATIONS)
    page.get_by_role("link", name="Add Application").click()
    page.get_by_role("searchbox", name="Search 16 applications").fill("fernwood")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Add Fernwood Reading").click()
    expect(page.get_by_text("Before you share student data")).to_be_visible()
    page.get_by_role("button", name="Add and generate connection").click()
    expect(page.get_by_role("textbox", name="Purpose")).to_have_attribute("aria-invalid", "true")
    assert faults(page) == []
    page.get_by_role("textbox", name="Purpose").fill("Reading in grades 1 to 5")
    page.get_by_role("button", name="Add and generate connection").click()
    page.get_by_role("button", name=re.compile("^Generate")).click()
    shown = page.locator(".secret-card").inner_text()
    client_id, secret = re.search(r"orp_id_\w+", shown), re.search(r"orp_sk_\w+", shown)
    assert client_id, shown
    assert secret, "no secret is shown"
    vendor = Portal(portal.url, client_id[0], secret[0])
    page.goto(f"{portal.url}{APPLICATIONS}fernwood-reading/")
    expect(page.get_by_text("Credentials made today. Not used yet.")).to_be_visible()
    token = {"Authorization": f"Bearer {vendor.token()}"}
    assert requests.get(f"{portal.url}/ims/oneroster/rostering/v1p2/schools", headers=token, timeout=30).ok
    page.reload()
    expect(page.get_by_text("Last call just now.")).to_be_visible()
    expect(page.locator(".lozenge.enabled").first).to_contain_text("Roster sync")
    assert faults(page) == []
    page.get_by_role("switch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable this connection?")


def test_a_tile_grows_while_the_name_of_another_application_is_typed(office: Callable[..., Page]) -> None:
    page = office(f"{APPLICATIONS}add/other/")
    page.get_by_role("textbox", name="Application name").fill("übergang Nord")
    expect(page.locator("[data-letter]")).to_have_text("Ü")
    expect(page.locator("[data-name]")).to_have_text("übergang Nord")
    page.get_by_role("textbox", name="Application name").fill("acme")
    page.get_by_role("textbox", name="Purpose").fill("Tests")
    page.get_by_role("button", name="Add and generate connection").click()
    expect(page.get_by_role("link", name="An application with this name exists.")).to_be_visible()
    expect(page.get_by_role("link", name="Open Acme")).to_be_visible()
    assert faults(page) == []


def test_a_product_of_the_district_s_own_is_told_found_and_offered(office: Callable[..., Page]) -> None:
    page = office(f"{APPLICATIONS}add/")
    page.get_by_role("link", name="Add it to the catalogue").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Maple Writing")
    page.get_by_role("checkbox", name="Partner").check()
    page.get_by_role("group", name="OneRoster 1.2").get_by_label("Grade book sync").check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Maple Writing stands in the catalogue as you told it.")).to_be_visible()
    page.get_by_role("link", name="Add Maple Writing").click()
    page.get_by_role("textbox", name="Purpose").fill("Essays")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Maple Writing supports this")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.get_by_label("Find an application, a connection or a tool")).to_be_focused()
    page.keyboard.type("mapel")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is what was found for “maple”.")).to_be_visible()
    page.get_by_role("link", name="Maple Writing").click()
    expect(page.get_by_text("Generate the first connection")).to_be_visible()
    Application.objects.filter(name="Maple Writing").delete()
    CatalogueEntry.objects.all().delete()


def test_an_orphan_is_adopted_and_its_application_deleted_by_keyboard(office: Callable[..., Page]) -> None:
    unknown = services.application_named("Unknown", partner=False, actor="dana")
    connection = services.create_connection(unknown, actor="dana", name="lms-prod-2")
    Connection.objects.filter(pk=connection.pk).update(application=None)
    unknown.delete()
    page = office(APPLICATIONS)
    page.get_by_role("link", name="Adopt into an application lms-prod-2").click()
    assert faults(page) == []
    page.get_by_role("textbox", name="Application name").fill("Maple Math")
    page.get_by_role("textbox", name="Purpose").fill("Practice")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Maple Math")
    page.get_by_role("link", name="Delete application…").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Type the application’s name: Maple Math").fill("Maple Math")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Maple Math deleted.")).to_be_visible()
    assert not Application.objects.filter(name="Maple Math").exists()


def test_every_screen_is_accessible_at_night_and_fits_a_phone(office: Callable[..., Page]) -> None:
    now = timezone.now()
    for name in ("Rival", "Lernfortschrittsdokumentation Oberland-Südwest GmbH & Co. KG"):
        application = services.application_named(name, partner=name == "Rival", actor="dana")
        made = services.create_connection(application, actor="dana")
        DailyUse.objects.create(connection=made, day=district_day(now), calls=3, refused=9, last_refusal_at=now)
    paths = (
        "",
        "add/",
        "add/atlas-social-studies/",
        "add/other/",
        "add/own/atlas-social-studies/",
        "suggest/",
        "rival/",
        "rival/switch/",
        "rival/delete/",
    )
    page = office(APPLICATIONS)
    rival = Connection.objects.get(application__name="Rival")
    services.ask_approval(rival, actor="eve")
    ended = {"due_at": now, "started_at": now, "ended_at": now, "attempt": 1}
    JobRun.objects.create(job="refresh", state=State.HELD, told="Held for a named person.", **ended)
    JobRun.objects.create(job="clean-up", state=State.DEAD, told="It failed: ZeroDivisionError.", **ended)
    paths = (*paths, "cache/refresh/", "connections/approvals/", "../find/?q=rivul", "../jobs/", "../jobs/refresh/")
    FeedImport.objects.create(name="held.zip", source=FeedImport.Source.UPLOAD, state=FeedImport.State.HELD)
    services.freeze(rival, actor="eve")
    paths = (*paths, f"../activity/{rival.pk}/", "../imports/")
    for path in paths:
        answer = page.goto(page.url.split("/admin/")[0] + APPLICATIONS + path)
        assert answer is not None
        assert answer.status == 200, path
        look(page, dark=True)
        is_clean(page)
        is_clean_elsewhere(page, width=PHONE)
    page.get_by_text("Menu", exact=True).click()
    expect(page.get_by_role("link", name="Imports 1 held")).to_be_visible()
    JobRun.objects.all().delete()
    FeedImport.objects.all().delete()
    services.unfreeze(rival, actor="eve")


def test_a_refresh_is_asked_for_counted_down_and_cancelled_without_loading_the_page_again(
    office: Callable[..., Page],
) -> None:
    page = office(APPLICATIONS, alone=True)
    page.clock.install()
    page.get_by_role("link", name="Refresh OneRoster Cache").click()
    page.get_by_role("button", name="Refresh OneRoster Cache").click()
    expect(page.locator("#copy")).to_contain_text("Refresh starts in 1:5")
    JobRun.objects.update(state=State.RUNNING, started_at=timezone.now())
    page.clock.run_for(LOOKS_AGAIN)
    expect(page.locator("#copy")).to_contain_text("A refresh is at work since")
    JobRun.objects.update(state=State.DONE, ended_at=timezone.now(), told="Nothing had changed. 1 s.")
    page.clock.run_for(LOOKS_AGAIN)
    expect(page.locator("#copy")).to_contain_text("Nothing had changed. 1 s.")
    assert page.locator("#copy[data-live]").count() == 0
    page.get_by_role("link", name="Refresh OneRoster Cache").press("Enter")
    page.get_by_role("button", name="Refresh OneRoster Cache").press("Enter")
    page.get_by_role("button", name="Cancel the refresh").press("Enter")
    expect(page.get_by_text("The refresh is cancelled.")).to_be_visible()
    JobRun.objects.all().delete()
