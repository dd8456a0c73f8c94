"""What vendors read at the moment, in words for the admin: when each group of records last changed, and how much."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from roster.models import Edition
from roster.publishing.groups import Group

KINDS: dict[Group, tuple[str, ...]] = {
    "student": ("user", "enrollment", "demographics"),
    "class": ("org", "academicSession", "course", "class", "resource"),
}


@dataclass(frozen=True)
class Published:
    """One group of records: what it holds, when an edition last changed it, and how many records of it."""

    title: str
    holds: str
    at: dt.datetime | None
    changed: int


def groups() -> dict[Group, Published]:
    """Return both groups, students first."""
    told: dict[Group, tuple[str, str]] = {
        "student": (_("Students"), _("users, enrollments, demographics")),
        "class": (_("Classes"), _("schools, terms, courses, classes, resources")),
    }
    return {group: _group(*told[group], kinds) for group, kinds in KINDS.items()}


def _group(title: str, holds: str, kinds: tuple[str, ...]) -> Published:
    last = Edition.objects.filter(counts__has_any_keys=list(kinds)).order_by("-number").first()
    counts = [last.counts[kind] for kind in kinds if kind in last.counts] if last else []
    changed = sum(count["new"] + count["changed"] + count["ended"] for count in counts)
    return Published(title, holds, last.published_at if last else None, changed)
