"""The part of an application's page that is about learning tools."""

from dataclasses import dataclass

from django.db.models import Count

from connections.models import Application, SharingSettings
from connections.state import State
from connections.tools import Tools
from lti.models import Tool
from lti.screens import truth, words


@dataclass(frozen=True)
class Line:
    """A tool with how it is, who sees it, and what it is sent."""

    tool: Tool
    state: State
    seen_by: str
    sent: str


@dataclass(frozen=True)
class Part:
    """The lines, and the template that shows them."""

    lines: list[Line]
    tools: Tools
    scores_off: bool
    template: str = "lti/screens/part.html"


def part(application: Application) -> Part:
    """Return what the page of an application shows of its tools."""
    district = SharingSettings.load()
    found = application.tools.annotate(chosen=Count("schools")).order_by("-enabled", "name", "pk")
    lines = [Line(each, truth.state_of(each, district), words.seen_by(each), words.sent(each)) for each in found]
    return Part(
        lines, truth.together([line.tool for line in lines], district), scores_off=not district.score_passback
    )  # fmt: skip
