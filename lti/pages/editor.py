"""What the page of an assignment shows of learning tools (gradebook/pages/beside.py)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook.models import Assignment
from gradebook.teaching.access import Teacher
from gradebook.teaching.scoring import plain
from interop.dates import near_day_words
from lti import offering
from lti.models import ResourceLink, ToolScore
from lti.pages import opening
from lti.pages.opening import Way
from lti.protocol.review import is_open
from roster.models import Section

ACTIVITY: dict[str, Any] = {
    "Initialized": gettext_lazy("Begun"),
    "Started": gettext_lazy("Begun"),
    "InProgress": gettext_lazy("At work"),
    "Submitted": gettext_lazy("Submitted"),
    "Completed": gettext_lazy("Done"),
}
"""How far a student is, as tools tell it (AGS 2.0, activityProgress)."""


@dataclass(frozen=True)
class Beside:
    """The tool behind an assignment and the way into it, and the tools to choose from; beside students what the tool
    told of them, and the way to their work there.
    """

    link: ResourceLink | None
    way: Way | None
    choosers: list[Way]
    told: dict[int, str] = field(default_factory=dict)
    reviews: dict[int, Way] = field(default_factory=dict)
    template: str = "lti/pages/assignment.html"

    @property
    def shown(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.link or self.choosers)


def beside(teacher: Teacher, section: Section, assignment: Assignment | None, people: Collection[int]) -> Beside:
    """Return what stands beside an assignment, or beside the form of a new one."""
    now, link = timezone.now(), None
    if assignment is not None:
        link = ResourceLink.objects.filter(assignment=assignment).select_related("tool").first()
    choosers = [] if assignment and assignment.owner_id else offering.choosers(section.pk, now)
    before = opening.known(teacher.person, [*choosers, *([link.tool] if link else [])])
    ways = [opening.way(tool, reverse("teacher_choose", args=[section.pk, tool.pk]), before) for tool in choosers]
    into = None
    if link and assignment and link.tool.is_open:
        into = opening.way(link.tool, reverse("teacher_work", args=[section.pk, assignment.pk]), before)
    told = offering.progress_of([assignment.pk], people) if link and assignment else {}
    rows = {person: row for (_row, person), row in told.items()}
    reviews = _reviews(section, link, rows, before) if into and link else {}
    return Beside(link, into, ways, {person: words(row) for person, row in rows.items()}, reviews)


def _reviews(
    section: Section, link: ResourceLink, rows: Mapping[int, ToolScore], before: Collection[int]
) -> dict[int, Way]:
    """Return the ways to work that can be seen again in the tool, by student."""
    return {
        person: opening.way(link.tool, reverse("teacher_review", args=[section.pk, link.assignment_id, person]), before)
        for person, row in rows.items()
        if is_open(row.line_item.review, row.activity)
    }


def opens_in(assignments: Collection[int]) -> dict[int, str]:
    """Return the tools that assignments open in, by assignment (gradebook/pages/beside.py)."""
    return {key: link.tool.name for key, link in offering.links_of(assignments).items()}


def words(row: ToolScore) -> str:
    """Return what a tool told of a student's work: how far, its score, that the teacher's stands, and its comment."""
    told = [str(ACTIVITY.get(row.activity, row.activity))]
    if row.given is not None and row.maximum:
        told.append(_("%(given)s of %(maximum)s") % {"given": plain(row.given), "maximum": plain(row.maximum)})
    elif row.grading == "PendingManual":
        told.append(_("waits to be scored in the tool"))
    if row.overridden:
        told.append(_("your score stands"))
    told.append(near_day_words(row.told_at, timezone.now()))
    return " · ".join(told) + (f" — {row.comment}" if row.comment else "")
