"""Scheduling is final: somebody's word, for each school year, that vendors may rely on who sits in which section.

At the beginning of a year vendors must not pull before that (seeds/001, seeds/002): creating or enabling a connection
warns, and a setting of the district can hold all vendors.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from interop import audit
from roster.models import SchedulingFinal, SchoolYear

MARKED, UNMARKED = "marked scheduling as final", "took back that scheduling is final"


def unfinished() -> SchoolYear | None:
    """Return the active school year when nobody has marked its scheduling final."""
    return SchoolYear.objects.filter(active=True, ended_at=None, scheduling_final=None).first()


def warning() -> str:
    """Return what to tell somebody who lets a vendor in now; blank when scheduling is final."""
    year = unfinished()
    if year is None:
        return ""
    return _(
        "Nobody has marked the scheduling of %s final yet. A vendor that pulls before may set up wrong classes."
    ) % (year.title)


@transaction.atomic
def mark(year: SchoolYear, *, actor: str) -> None:
    """Mark the year's scheduling final; nothing happens when it is already."""
    _final, new = SchedulingFinal.objects.get_or_create(school_year=year, defaults={"marked_by": actor})
    if new:
        audit.record(actor, MARKED, year, after={"scheduling is final": True})


@transaction.atomic
def unmark(year: SchoolYear, *, actor: str) -> None:
    """Take the mark back."""
    taken, _each = SchedulingFinal.objects.filter(school_year=year).delete()
    if taken:
        audit.record(actor, UNMARKED, year, before={"scheduling is final": True})
