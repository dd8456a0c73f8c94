"""A real Chromium beside a running portal; pages are asked to be accessible, quiet and narrow enough for phones."""

import contextlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.live import Portal, address, portal

__all__ = ["address", "portal"]
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,  # sheets and films are read for rules of other tags only
}
BY_WINDOW = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}}
"""The rules whose answer depends on the window alone: its width, and whether it is night."""
PHONE, DESK = 320, 1280
PATIENCE = 30_000
"""Milliseconds that Playwright waits unless a test says otherwise."""
Open = Callable[..., Page]
AXE = Axe()
find_chromium = cache(chromium.executable)


class Running:
    """The one Chromium of this process, and windows of it that nobody uses, each in a profile of its own.

    A new window costs as much as three pages and a new profile as five, an emptied one next to nothing.
    """

    def __init__(self) -> None:
        self.windows: list[Page] = []
        self._browser: Browser | None = None
        self._stack = contextlib.ExitStack()

    def browser(self) -> Browser:
        """Return the browser, started when a test first wants it."""
        if self._browser is None:
            path = find_chromium()  # looks at Playwright's own too, and one process has room for one Playwright
            playwright = self._stack.enter_context(sync_playwright())
            started = playwright.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
            self._browser = self._stack.enter_context(started)
        return self._browser

    def end(self) -> None:
        """End the browser, and with it Playwright's loop in this thread."""
        self._browser = None
        self.windows.clear()
        self._stack.close()


running = Running()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """End the browser before tests of another folder begin."""
    try:
        return (yield)
    finally:
        if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
            running.end()


@pytest.fixture(scope="module", autouse=True)
def beside_the_browser() -> Iterator[None]:
    """Let Django work in this thread although Playwright's loop is in it: it is idle while a test's own lines run.

    Beside the loop Django opens connections of its own; they are closed so that the test database can be dropped.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield
        connections.close_all()


@pytest.fixture
def browser(portal: Portal) -> Browser:
    """Chromium, beside the portal."""
    try:
        return running.browser()
    except chromium.NoBrowserError as missing:
        pytest.fail(str(missing))


@pytest.fixture
def others() -> list[str]:
    """Where else than from the portal pages may fetch; a test adds the addresses it means."""
    return []


@pytest.fixture
def visit(browser: Browser, portal: Portal, others: list[str]) -> Iterator[Open]:
    """Open pages of the portal; whatever the browser complains about or fetches elsewhere fails the test.

    Each page is in a profile of its own, as at another machine, where the `client`, if any, is signed in. What a test
    does to a profile that emptying it does not undo, such as changing its clock, it does to one that it has `alone`.
    """
    complaints: list[str] = []

    def check(url: str) -> None:
        if not url.startswith((portal.url, *others)):
            complaints.append(url)

    used = []
    heard = {
        "console": lambda message: complaints.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda asked: check(asked.url),
    }

    def go(path: str, *, client: Client | None = None, alone: bool = False, **window: Any) -> Page:
        page = running.windows.pop() if running.windows and not alone else new_window(browser)
        used.append((page, alone))
        if client:
            page.context.add_cookies([session(client, portal)])
        look(page, **window)
        for event, hear in heard.items():
            page.on(event, hear)
        page.goto(portal.url + path)
        return page

    yield go
    for page, alone in used:
        page.evaluate("sessionStorage.clear()")  # and what was still on its way is heard
        for event, hear in heard.items():
            page.remove_listener(event, hear)
        if alone:
            page.context.close()
        else:
            empty(page, portal)
            running.windows.append(page)
    assert complaints == []


def new_window(browser: Browser) -> Page:
    """Open a window in a new profile."""
    return browser.new_context(reduced_motion="reduce").new_page()


def look(page: Page, *, width: int = DESK, dark: bool = False) -> None:
    """Make the window as wide as a phone or a desk, by day or at night."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light")


def session(client: Client, portal: Portal) -> Any:
    """Return the cookie of whoever this client is signed in as."""
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": portal.url}


def empty(page: Page, portal: Portal) -> None:
    """Leave a window and its profile as new ones are."""
    context = page.context
    for other in context.pages:
        if other is not page:
            other.close()
    page.goto("about:blank")
    page.emulate_media(media="null")
    page.set_default_timeout(PATIENCE)
    wire = context.new_cdp_session(page)
    wire.send("Storage.clearDataForOrigin", {"origin": portal.url, "storageTypes": "all"})
    wire.detach()
    context.clear_cookies()
    context.clear_permissions()


def faults(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA, each with the elements at fault."""
    if page.evaluate("!window.axe"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("(options) => axe.run(options).then((told) => told.violations)", RULES | rules)
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:5]}" for each in found]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def is_clean(page: Page) -> None:
    """Fail unless axe finds nothing and the page is no wider than the window."""
    assert (page.url, faults(page)) == (page.url, [])
    assert not scrolls_sideways(page)


def is_clean_elsewhere(page: Page, *, width: int = DESK, dark: bool = False) -> None:
    """Fail unless a clean page is clean in another window too; what follows from its elements alone is known."""
    look(page, width=width, dark=dark)
    assert (page.url, faults(page, BY_WINDOW)) == (page.url, [])
    assert not scrolls_sideways(page)


def come(visit: Open, client: Client, path: str, **how: object) -> Page:
    """Open a page as whoever this client is signed in as."""
    return visit(path, client=client, **how)
