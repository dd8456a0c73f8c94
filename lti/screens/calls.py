"""What a tool asked for last, in words: the office sees whether it works, and what it read."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lti.models import Tool, ToolCall
from roster.models import Section

SHOWN = 10
WORDS: dict[str, Any] = {
    "GET lineitems": gettext_lazy("Read its assignments"),
    "POST lineitems": gettext_lazy("Made an assignment"),
    "GET lineitem": gettext_lazy("Read an assignment"),
    "PUT lineitem": gettext_lazy("Changed an assignment"),
    "DELETE lineitem": gettext_lazy("Deleted an assignment"),
    "POST scores": gettext_lazy("Wrote a score"),
    "GET results": gettext_lazy("Read scores"),
    "GET members": gettext_lazy("Read who is in the section"),
    "launch LEARNER": gettext_lazy("Was opened by a student"),
    "launch INSTRUCTOR": gettext_lazy("Was opened by a teacher"),
    "launch MENTOR": gettext_lazy("Was opened by a parent"),
    "launch ADMINISTRATOR": gettext_lazy("Was opened by the data office"),
}
REASONS: dict[int, Any] = {
    HTTPStatus.BAD_REQUEST: gettext_lazy("not as the standard says"),
    HTTPStatus.FORBIDDEN: gettext_lazy("not allowed"),
    HTTPStatus.NOT_FOUND: gettext_lazy("not there for this tool"),
    HTTPStatus.CONFLICT: gettext_lazy("older than what is there"),
    HTTPStatus.UNPROCESSABLE_ENTITY: gettext_lazy("against a rule of the grade book"),
}


@dataclass(frozen=True)
class Call:
    """One call: when, what, in which section, how many records, and what became of it."""

    row: ToolCall
    what: str
    section: str
    refused: str


def latest(tool: Tool) -> Sequence[Call]:
    """Return the last calls of a tool, the newest first. Two statements."""
    rows = list(ToolCall.objects.filter(tool=tool.pk)[:SHOWN])
    titles = dict(Section.objects.filter(pk__in={row.section for row in rows}).values_list("pk", "title"))
    return [
        Call(row, str(WORDS.get(row.operation, row.operation)), titles.get(row.section or 0, ""), _refused(row.status))
        for row in rows
    ]


def _refused(status: int) -> str:
    """Return why a call was refused; blank when it was done."""
    if status < HTTPStatus.BAD_REQUEST:
        return ""
    return str(_("Refused: %s") % REASONS.get(status, status))
