"""The classes of a student today with the grades that families may see."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from gradebook import computing, grading, plans
from gradebook.models import InProgressGrade, PostedGrade
from gradebook.plans import Book, TaskInTerm
from gradebook.teaching.access import on
from gradebook.teaching.grid import chosen_period
from gradebook.teaching.scoring import plain
from roster.models import RosterEntry, Section, SectionStaff


@dataclass(frozen=True)
class Given:
    """A grade of one grading task and term. Blank words: none yet; `posted` is the day the teacher gave it."""

    period: TaskInTerm
    score: str = ""
    percent: str = ""
    posted: dt.datetime | None = None
    posted_by: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Class:
    """A section the student sits in today, with the grades in the order of its tasks and terms.

    `now` is the grade of today's term; None: none is shown. `grades` has each task and term with anything to show.
    """

    section: Section
    teachers: tuple[str, ...]
    now: Given | None
    grades: tuple[Given, ...]
    follows: bool

    @property
    def key(self) -> int:
        """The key in addresses."""
        return self.section.pk


def sections(student: int, today: dt.date) -> list[Section]:
    """Return the sections the student sits in today, in the order of the day's periods."""
    sits = RosterEntry.objects.filter(on(today), person=student, ended_at=None)
    found = Section.objects.filter(
        pk__in=sits.values("section"), ended_at=None, calendar__school_year__active=True
    ).select_related("course", "calendar__school")
    return sorted(found, key=lambda each: (each.periods or ["~"], each.title, each.pk))


def classes(student: int, listed: Collection[Section], today: dt.date) -> list[Class]:
    """Return these sections of a student as classes; a fixed number of statements."""
    keys = [each.pk for each in listed]
    staff, books, stale = _teachers(keys, today), plans.books(keys), computing.stale(keys)
    posted: dict[tuple[int, int], PostedGrade] = {
        (row.section_id, row.period_id): row
        for row in PostedGrade.objects.filter(person=student, section__in=keys, deleted_at=None)
    }
    running = {
        (row.section_id, row.period_id): row for row in InProgressGrade.objects.filter(person=student, section__in=keys)
    }
    found = []
    for section in listed:
        offered = Book(periods={
            key: period for key, period in books[section.pk].periods.items()
            if period.portal and (period.is_shown or (section.pk, key) in posted)
        })  # fmt: skip
        given = {
            key: _given(period, posted.get((section.pk, key)), running.get((section.pk, key)))
            for key, period in offered.periods.items()
        }
        current = chosen_period(offered, None, today)
        grades = tuple(each for each in given.values() if each.score or each.percent)
        now = given[current.key] if current else None
        found.append(Class(section, tuple(staff.get(section.pk, ())), now, grades, section.pk in stale))
    return found


def _given(period: TaskInTerm, posted: PostedGrade | None, running: InProgressGrade | None) -> Given:
    """Return the posted grade, else the one in progress where it is shown at all."""
    if posted:
        given = "" if posted.percent is None else plain(posted.percent)
        return Given(period, posted.score, given, posted.posted_at, posted.posted_by, posted.comment)
    percent = grading.shown(running.percent) if running and period.is_shown else None
    return Given(period) if running is None or percent is None else Given(period, running.score, str(percent))


def _teachers(keys: Collection[int], today: dt.date) -> dict[int, list[str]]:
    """Return the names of those who teach today, the primary teacher first."""
    lines = SectionStaff.objects.filter(on(today), section__in=keys, ended_at=None, person__ended_at=None).exclude(
        kind=SectionStaff.Kind.OTHER
    )
    found: dict[int, list[str]] = {}
    for line in sorted(lines.select_related("person"), key=lambda each: (each.kind != "primary teacher", each.pk)):
        given = line.person.preferred_given_name or line.person.given_name
        name = f"{given} {line.person.preferred_family_name or line.person.family_name}"
        if name not in found.setdefault(line.section_id, []):
            found[line.section_id].append(name)
    return found
