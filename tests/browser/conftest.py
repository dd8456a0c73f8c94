"""A real Chromium beside a running portal; pages are asked to be accessible, quiet and narrow enough for phones."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.live import Portal, portal

__all__ = ["portal"]
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,  # sheets and films are read for rules of other tags only
}
PHONE, DESK = 320, 1280
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(portal: Portal) -> Iterator[Browser]:
    """Start Chromium once a module; it ends before the database is touched again."""
    try:
        path = chromium.executable()
    except chromium.NoBrowserError as missing:
        pytest.fail(str(missing))
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, portal: Portal) -> Iterator[Open]:
    """Open pages of the portal; whatever the browser complains about or fetches elsewhere fails the test."""
    complaints: list[str] = []
    contexts = []

    def go(path: str, *, width: int = DESK, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(portal.url) else complaints.append(asked.url))
        page.goto(portal.url + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(autouse=True)
def beside_the_browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Django work in this thread although Playwright's loop is in it: it is idle while a test's own lines run.

    Beside the loop Django opens connections of its own; they are closed so that the test database can be dropped.
    """
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    yield
    connections.close_all()


def faults(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA, each with the elements at fault."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:5]}" for each in found]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def is_clean(page: Page) -> None:
    """Fail unless axe finds nothing and the page is no wider than the window."""
    assert (page.url, faults(page)) == (page.url, [])
    assert not scrolls_sideways(page)


def come(visit: Open, portal: Portal, client: Client, path: str, **how: object) -> Page:
    """Open a page as whoever this client is signed in as."""
    page, name = visit("/account/sign-in/", **how), settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": portal.url}])
    page.goto(portal.url + path)
    return page
