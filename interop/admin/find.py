"""The search in the header: tools by their names, and whatever the apps can find."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from interop.admin.navigation import tools
from interop.admin.pages import page
from interop.admin.roles import roles_of
from interop.admin.screens import screens

FINDERS = ("connections.finding.found", "lti.screens.finding.found")
"""Functions of the apps, known by name only: each takes the words and returns Found."""


@dataclass(frozen=True)
class Hit:
    """One thing that was found: its name, what it is, the screen that shows it, and its state if it has one."""

    title: str
    what: str
    screen: str
    parts: tuple[Any, ...]
    state: Any = None

    @property
    def url(self) -> str:
        """Return the address of its screen."""
        return reverse(f"admin:{self.screen}", args=self.parts)


@dataclass(frozen=True)
class Group:
    """Hits of one kind, `total` of them in all; `everything` is the address that lists the others too."""

    key: str
    title: str
    hits: Sequence[Hit]
    total: int
    everything: str


@dataclass(frozen=True)
class Found:
    """What one app has found. `instead` are the words it looked for when nothing bears those typed."""

    groups: Sequence[Group]
    instead: str = ""


def find(request: HttpRequest) -> HttpResponse:
    """Show the tools, applications and connections that match `q`, as far as this person may open them."""
    words = " ".join(request.GET.get("q", "").split())[:100]
    found: list[Found] = [import_string(finder)(words) for finder in FINDERS] if words else []
    if any(group.hits for each in found for group in each.groups if not each.instead):
        found = [each for each in found if not each.instead]
    roles = roles_of(request.user)
    opens = {screen.name for screen in screens() if screen.allows(roles, "GET")}
    groups = [group for each in found for group in each.groups if all(hit.screen in opens for hit in group.hits)]
    return page(
        request,
        "interop/find.html",
        _("Find"),
        searched=words,
        tools=list(tools(request, words)) if words else [],
        groups=[group for group in groups if group.hits],
        instead=next((each.instead for each in found if each.instead), ""),
    )
