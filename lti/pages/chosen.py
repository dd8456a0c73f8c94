"""What a teacher chose in a tool, shown before it is put into the grade book; and the way back from a tool."""

import datetime as dt
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.models import Assignment
from gradebook.pages.guard import show
from gradebook.teaching.access import section_name
from lti import choosing
from lti.models import Launch
from lti.protocol.names import Role


def choice(request: HttpRequest, launch: Launch, now: dt.datetime) -> HttpResponse:
    """Return the page of what came back, with a button to take it. Raises Closed."""
    taught, section = choosing.taught_by(launch, now)
    rows = [(item, choosing.points_of(item)) for item in choosing.items(launch)]
    title = _("Chosen in %s") % launch.tool.name
    return show(
        request, taught, "tool_chosen.html", title, section=section, name=section_name(section), launch=launch,
        rows=rows, kept=launch.chosen, back=way_back(launch),
    )  # fmt: skip


def said(made: Sequence[Assignment]) -> str:
    """Return what the teacher is told when the content is taken."""
    words = ngettext("%d assignment is there.", "%d assignments are there.", len(made)) % len(made)
    if any(each.uncategorized for each in made):
        return f"{words} {_('What has no category yet waits under Uncategorized.')}"
    return words


def way_back(launch: Launch) -> str:
    """Return the address of the page a launch was begun on, or the nearest that is surely the person's."""
    work = launch.assignment or (launch.link.assignment if launch.link else None)
    match Role[launch.role]:
        case Role.INSTRUCTOR if work is not None:
            return reverse("teacher_assignment", args=[launch.section_id, work.pk])
        case Role.INSTRUCTOR:
            return reverse("teacher_tools", args=[launch.section_id])
        case Role.LEARNER if work is not None:
            return reverse("home_class", args=[launch.person_id, launch.section_id])
        case Role.LEARNER:
            return reverse("home_tools", args=[launch.person_id])
        case Role.ADMINISTRATOR:
            return reverse("admin:tool", args=[launch.tool_id])
        case Role.MENTOR:
            return reverse("door")
