"""Every product screen of the admin: where it is, who may open and change it, and what it is called.

Addresses, guards, the sidebar, the search for tools and the test of the role matrix all read these tables. A screen
that stands in none of them does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.module_loading import import_string

from interop.admin.roles import EVERYONE, NOBODY, Role, roles_of

TABLES = (
    "interop.admin.table.SCREENS", "connections.screens.SCREENS", "roster.screens.SCREENS", "gradebook.screens.SCREENS",
    "gradebook.office.SCREENS",
    "assessments.screens.SCREENS", "lti.screens.SCREENS",
)  # fmt: skip
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Screen:
    """One address below /admin/. `view` is a dotted name; `changes` lists the roles that may send its forms.

    With a `section` it stands in the sidebar there; `waits` names what tells of work that waits for a person, shown
    beside it unless blank. `words` are what people may call it in the search for tools.
    """

    name: str
    path: str
    view: str
    title: Any
    opens: frozenset[Role] = EVERYONE
    changes: frozenset[Role] = NOBODY
    section: str = ""
    icon: str = ""
    words: tuple[str, ...] = ()
    waits: str = ""

    def allows(self, roles: frozenset[Role], method: str) -> bool:
        """Return whether somebody with these roles may send a request of this method."""
        return bool(roles & (self.opens if method in ("GET", "HEAD") else self.changes))

    @property
    def methods(self) -> tuple[str, ...]:
        """Return the methods the screen answers."""
        return ("GET", "HEAD", "POST") if self.changes else ("GET", "HEAD")


@cache
def screens() -> tuple[Screen, ...]:
    """Return all screens in the order of their tables."""
    return tuple(screen for table in TABLES for screen in cast("tuple[Screen, ...]", import_string(table)))


def urls(protect: Callable[[View], View]) -> list[URLPattern]:
    """Return the addresses of all screens; `protect` sends strangers to the sign-in page."""
    return [path(screen.path, protect(guarded(screen)), name=screen.name) for screen in screens()]


def guarded(screen: Screen) -> View:
    """Return the screen's view, opened to its roles alone and never kept by a browser or proxy."""

    def view(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        if request.method not in screen.methods:
            return HttpResponseNotAllowed(screen.methods)
        if not screen.allows(roles_of(request.user), request.method):
            raise PermissionDenied
        request.__dict__["screen"] = screen
        answer = cast("View", import_string(screen.view))(request, **parts)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return wraps(guarded)(view)
