"""The sidebar and the search for tools, as the signed-in person may use them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from interop.admin.roles import roles_of
from interop.admin.screens import Screen, screens

SECTIONS = {"sharing": _("Sharing"), "data": _("District data"), "records": _("Record keeping")}


@dataclass(frozen=True)
class Entry:
    """One line of the sidebar or of the search; `tag` tells of work that waits for a person."""

    title: Any
    url: str
    icon: str
    current: bool = False
    tag: str = ""


def sidebar(request: HttpRequest) -> list[tuple[Any, list[Entry]]]:
    """Return (title, entries) of each section that has an entry for this person."""
    roles = roles_of(request.user)
    open_now = request.__dict__.get("screen")
    shown = []
    for key, title in SECTIONS.items():
        entries = [
            Entry(screen.title, address(screen), screen.icon, _leads_to(screen, open_now), _waits(screen))
            for screen in screens()
            if screen.section == key and screen.allows(roles, "GET")
        ]
        if entries:
            shown.append((title, entries))
    return shown


def tools(request: HttpRequest, words: str) -> Iterator[Entry]:
    """Yield the screens whose title or other names hold every word typed."""
    roles = roles_of(request.user)
    wanted = words.casefold().split()
    for screen in screens():
        if not (screen.section or screen.words) or "<" in screen.path or not screen.allows(roles, "GET"):
            continue
        names = " ".join([str(screen.title), *screen.words]).casefold()
        if all(word in names for word in wanted):
            yield Entry(screen.title, address(screen), screen.icon)


def address(screen: Screen) -> str:
    """Return the address of a screen without parts in its path."""
    return reverse(f"admin:{screen.name}")


def _waits(screen: Screen) -> str:
    return str(import_string(screen.waits)()) if screen.waits else ""


def _leads_to(entry: Screen, open_now: Screen | None) -> bool:
    """Return whether the open screen stands below this entry: the first part of their paths is the same."""
    return open_now is not None and entry.path.split("/")[0] == open_now.path.split("/")[0]
