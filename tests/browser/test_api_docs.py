"""A vendor's developer reads the API documentation and tries a call."""

import json

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open, faults, scrolls_sideways
from tests.live import Portal

DOCS = "/api/docs/"


def try_users(page: Page, token: str) -> None:
    page.get_by_label("Access token").fill(token)
    page.locator("#getAllUsers > summary").click()
    form = page.get_by_role("form", name="Try getAllUsers")
    form.get_by_label("limit").fill("2")
    form.get_by_label("sort").fill("sourcedId")
    form.get_by_label("filter").fill("familyName~'family' AND status='active'")
    form.get_by_role("button", name="Try it").click()


def test_calls_are_tried_with_a_pasted_token_that_is_kept_nowhere(visit: Open, portal: Portal) -> None:
    page = visit(DOCS)
    token = portal.token()
    try_users(page, token)
    answer = page.locator("#getAllUsers .answer")
    expect(answer.get_by_role("status")).to_contain_text("200 OK")
    expect(answer.get_by_role("status")).to_contain_text("6 in all")
    told = json.loads(answer.get_by_role("region", name="Answer").inner_text())
    assert [user["sourcedId"] for user in told["users"]] == ["amy", "ben"]
    call = answer.get_by_role("region", name="The same call with curl").inner_text()
    assert f'"{portal.url}/ims/oneroster/rostering/v1p2/users?limit=2&sort=sourcedId&filter=' in call
    assert "familyName~%27family%27%20AND%20status%3D%27active%27" in call
    assert faults(page) == []
    try_one_user(page)
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    assert token not in kept
    assert token not in page.content()
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    page.reload()
    expect(page.get_by_label("Access token")).to_have_value("")


def try_one_user(page: Page) -> None:
    """A call by sourcedId needs it, and puts it encoded into the path."""
    page.locator("#getUser > summary").click()
    form = page.get_by_role("form", name="Try getUser")
    form.get_by_role("button", name="Try it").click()
    expect(page.locator("#getUser .answer")).to_be_hidden()
    form.get_by_label("sourcedId").fill("amy")
    form.get_by_label("fields").fill("sourcedId,givenName")
    form.get_by_label("fields").press("Enter")
    answer = page.locator("#getUser .answer")
    expect(answer.get_by_role("region", name="Answer")).to_contain_text('"givenName": "Given amy"')


def test_it_is_accessible_and_fits_a_phone_at_night(visit: Open) -> None:
    page = visit(DOCS, width=PHONE, dark=True)
    page.locator("#getAllUsers > summary").click()
    page.locator(".group:has(#getAllUsers) .fields > summary").click()
    assert faults(page) == []
    assert not scrolls_sideways(page)


def test_the_keyboard_reaches_an_operation_which_says_what_it_needs_and_finding_leaves_what_matches(
    visit: Open,
) -> None:
    page = visit(DOCS)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the operations")).to_be_focused()
    page.keyboard.press("Enter")
    summary = page.locator("#getAllUsers > summary")
    summary.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(summary).to_be_focused()
    assert summary.evaluate("(it) => getComputedStyle(it).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.get_by_role("form", name="Try getAllUsers")).to_be_visible()
    page.locator("#getAllOrgs > summary").click()
    page.get_by_role("form", name="Try getAllOrgs").get_by_role("button", name="Try it").click()
    expect(page.locator("#getAllOrgs .answer").get_by_role("status")).to_contain_text("Paste an access token")
    expect(page.get_by_label("Access token")).to_be_focused()
    page.get_by_label("Find an operation").fill("students")
    expect(page.get_by_text("operations match.")).to_have_text("14 operations match.")
    expect(page.locator("#getStudentsForSchool")).to_be_visible()
    expect(page.locator("#getAllOrgs")).to_be_hidden()


def test_all_it_shows_and_links_comes_from_the_portal_under_a_strict_policy(visit: Open, portal: Portal) -> None:
    page = visit(DOCS)
    policy = page.request.get(portal.url + DOCS).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Atkinson Hyperlegible Next\"'))")
    assert page.evaluate("[...document.fonts].some((font) => font.status === 'loaded')")
    assert page.locator(".mark svg").bounding_box()["width"] > 20
    links = page.get_by_role("link", name="OpenAPI document").all()
    titles = [page.request.get(portal.url + str(link.get_attribute("href"))).json()["info"]["title"] for link in links]
    assert titles == ["OneRoster 1.2 Rostering", "OneRoster 1.2 Resources", "OneRoster 1.2 Gradebook", "OneRoster 1.1"]
