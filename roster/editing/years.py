"""Making a school year active: what would come and go, and the act."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from interop import audit, dates
from interop.jobs import asking
from roster import choices, refreshing
from roster.models import School, SchoolYear, Withheld
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

AT_SCHOOL: tuple[tuple[Sequence[Rule], str, str], ...] = (
    (STUDENT, "calendar__school", "person"),
    (STAFF, "school", "person"),
    (SECTION, "calendar__school", "pk"),
)
"""What is counted at each school: by which rules, where its school is, and what makes it one."""


@dataclass(frozen=True)
class SchoolTurn:
    """What one school shares now and would share."""

    name: str
    students: int
    students_then: int
    staff: int
    staff_then: int
    sections: int
    sections_then: int

    @property
    def would_be_empty(self) -> bool:
        """Return whether its students would all go."""
        return bool(self.students) and not self.students_then


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


def by_school(year: SchoolYear, now: dt.datetime) -> list[SchoolTurn]:
    """Return how many students, staff and sections each school shares now and would share; seven statements."""
    today = now.astimezone(dates.zone()).date()
    before, then = active(), Moment(year, today)
    empty: Mapping[int, int] = {}
    was = [_at_schools(*each, Moment(before, today)) if before else empty for each in AT_SCHOOL]
    will = [_at_schools(*each, then) for each in AT_SCHOOL]
    names = School.objects.filter(pk__in={pk for part in (*was, *will) for pk in part}).order_by("name")
    return [
        SchoolTurn(
            name, *(number for old, new in zip(was, will, strict=True) for number in (old.get(pk, 0), new.get(pk, 0)))
        )
        for pk, name in names.values_list("pk", "name")
    ]


def _at_schools(rules: Sequence[Rule], school: str, key: str, moment: Moment) -> Mapping[int, int]:
    found = passing(rules, moment).order_by().values_list(school).annotate(number=Count(key, distinct=True))
    return dict(found)


@transaction.atomic
def make_active(year: SchoolYear, *, actor: str, now: dt.datetime, reason: str, hold_vendors: bool = False) -> None:
    """Make the year the active one and have everything published, also what would otherwise be held: the person has
    seen what comes and goes, and said why it is right.

    With `hold_vendors` nobody gets anything until scheduling is marked final. Who was kept back in the old year stays
    so until the refresh has put the new year's records in place.
    """
    before = active()
    kept_back = list(Withheld.objects.values_list("pk", flat=True))
    if hold_vendors:
        choices.change({"hold_until_final": True}, actor=actor)
    with acting_at_once(now):
        SchoolYear.objects.filter(active=True).update(active=False)
        SchoolYear.objects.filter(pk=year.pk).update(active=True)
    withhold(kept_back, now)
    told = {"active school year": before.title if before else None}
    audit.record(actor, ACTIVE, year, before=told, after={"active school year": year.title, "reason": reason})
    asking.ask(refreshing.JOB, at=now, by=actor, subject=refreshing.APPROVED)
