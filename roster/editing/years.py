"""Making a school year active: what would come and go, and the act."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from interop import audit, dates
from roster import refreshing
from roster.models import SchoolYear, Withheld
from roster.protection import acting_at_once, withhold
from roster.visibility import CONTACT, COURSE, SCHOOL, SECTION, STAFF, STUDENT, TERM, Moment, Rule, passing

ACTIVE = "made a school year active"
COUNTED: tuple[tuple[Any, Sequence[Rule], str], ...] = (
    (_("Schools"), SCHOOL, "pk"),
    (_("Students"), STUDENT, "person"),
    (_("Teachers and other staff"), STAFF, "person"),
    (_("Guardians and relatives"), CONTACT, "contact"),
    (_("Courses"), COURSE, "pk"),
    (_("Sections"), SECTION, "pk"),
    (_("Terms and grading periods"), TERM, "pk"),
)
"""What is counted before the act: by which rules it is shared, and what makes it one."""


@dataclass(frozen=True)
class Turn:
    """How many of one kind are shared now, and how many would come, go, and be shared then."""

    title: Any
    now: int
    comes: int
    goes: int

    @property
    def then(self) -> int:
        """Return how many would be shared."""
        return self.now + self.comes - self.goes


def active() -> SchoolYear | None:
    """Return the active year."""
    return SchoolYear.objects.filter(active=True).first()


def turn(year: SchoolYear, now: dt.datetime) -> list[Turn]:
    """Return what making the year active would do, judged by the rules alone: three statements for each kind."""
    today = now.astimezone(dates.zone()).date()
    before = active()
    then = Moment(year, today)
    return [_turn(title, rules, key, Moment(before, today) if before else None, then) for title, rules, key in COUNTED]


def _turn(title: Any, rules: Sequence[Rule], key: str, before: Moment | None, after: Moment) -> Turn:
    then = passing(rules, after).values_list(key).distinct()
    if before is None:
        return Turn(title, 0, then.count(), 0)
    now = passing(rules, before).values_list(key).distinct()
    return Turn(title, now.count(), then.difference(now).count(), now.difference(then).count())


@transaction.atomic
def make_active(year: SchoolYear, *, actor: str, now: dt.datetime) -> bool:
    """Make the year the active one and ask for a refresh; False when one is under way, so that another must be asked.

    Who was kept back in the old year stays so until the refresh has put the new year's records in place.
    """
    before = active()
    kept_back = list(Withheld.objects.values_list("pk", flat=True))
    with acting_at_once(now):
        SchoolYear.objects.filter(active=True).update(active=False)
        SchoolYear.objects.filter(pk=year.pk).update(active=True)
    withhold(kept_back, now)
    told = {"active school year": before.title if before else None}
    audit.record(actor, ACTIVE, year, before=told, after={"active school year": year.title})
    return refreshing.ask(actor, now)
