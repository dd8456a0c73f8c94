"""Opening a tool from a page: what it will be told, said before the first time, and the launch."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from lti.access import Closed
from lti.models import Launch, Pseudonym, Tool
from lti.protocol.names import Role
from roster.models import Person


@dataclass(frozen=True)
class Way:
    """A way into a tool: where its button leads. `first`: the page of what is shared comes before."""

    tool: Tool
    url: str
    first: bool

    @property
    def new_tab(self) -> bool:
        """Whether it opens beside the page."""
        return self.tool.opens_in == Tool.OpensIn.WINDOW


def known(person: Person, tools: Iterable[Tool]) -> set[int]:
    """Return which of these tools the person has opened before. One statement."""
    found = Pseudonym.objects.filter(person=person, tool__in=[each.pk for each in tools])
    return set(found.values_list("tool", flat=True))


def way(tool: Tool, url: str, before: Collection[int]) -> Way:
    """Return the way into a tool; `before` are the tools that were opened before."""
    return Way(tool, url, tool.pk not in before)


def shared(tool: Tool, role: Role) -> list[str]:
    """Return what a tool is told when somebody opens it, in plain sentences."""
    told = [_("A code that stands for you in this tool and nowhere else"), ROLES[role](), _("The name of the class")]
    if role is Role.MENTOR:
        told.append(_("A code that stands for your child in this tool and nowhere else"))
    if tool.send_name:
        told.append(_("Your name"))
    if tool.send_email:
        told.append(_("Your email address"))
    if tool.send_sourced_id:
        told.append(_("Your number in the school’s records"))
    if tool.share_members:
        told.append(_("Who else is in the class, with the same about each of them"))
    return told


ROLES: dict[Role, Callable[[], str]] = {
    Role.LEARNER: lambda: _("That you are a student"),
    Role.INSTRUCTOR: lambda: _("That you are the teacher"),
    Role.MENTOR: lambda: _("That you are a parent"),
}


def about(tool: Tool, role: Role) -> dict[str, Any]:
    """Return what the page before the first opening says."""
    return {
        "tool": tool, "shared": shared(tool, role), "new_tab": tool.opens_in == Tool.OpensIn.WINDOW,
        "scores": tool.score_passback,
    }  # fmt: skip


def started(request: HttpRequest, begin: Callable[[], Launch], back: str) -> HttpResponse:
    """Begin a launch and lead the browser into it; when it may not be, go back and say why."""
    try:
        launch = begin()
    except Closed as why:
        messages.error(request, str(why))
        return redirect(back)
    return redirect("lti_open", launch.guid)
