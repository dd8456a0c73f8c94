"""What the page of an assignment shows of learning tools (gradebook/pages/beside.py)."""

from collections.abc import Collection
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
    """The tool behind an assignment and the way into it, the tools to choose from, and what the tool told of whom."""

    link: ResourceLink | None
    way: Way | None
    choosers: list[Way]
    told: dict[int, str] = field(default_factory=dict)
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
    return Beside(link, into, ways, {person: words(row) for (_row, person), row in told.items()})


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
