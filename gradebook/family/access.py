"""Which students somebody may see: themselves, and those whose family they are. Everything starts from here.

The rules are the roster's own (roster/visibility): a relationship opens a student's pages while Portal is marked on it,
both people are in the feed and not excluded, and the relationship and the student's enrollment hold today.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from interop.dates import district_day
from roster.models import Person
from roster.signin.people import moment
from roster.visibility import CONTACT, STUDENT, passing


@dataclass(frozen=True)
class Student:
    """A student somebody may see; `itself`: it is they. School and grade are those of the enrollments of today."""

    person: Person
    itself: bool
    schools: tuple[str, ...]
    grade: str

    @property
    def key(self) -> int:
        """The key in addresses."""
        return self.person.pk

    @property
    def name(self) -> str:
        """The given name as the student uses it."""
        return self.person.preferred_given_name or self.person.given_name

    @property
    def full_name(self) -> str:
        """The whole name as the student uses it."""
        return f"{self.name} {self.person.preferred_family_name or self.person.family_name}"

    @property
    def initials(self) -> str:
        """Two letters for the switch between students."""
        return "".join(word[:1] for word in (self.name, self.person.preferred_family_name or self.person.family_name))


@dataclass(frozen=True)
class Family:
    """Somebody with the students they may see now, by key: themselves first, then by name."""

    person: Person
    now: dt.datetime
    students: dict[int, Student]

    @property
    def today(self) -> dt.date:
        """The day in the district."""
        return district_day(self.now)


def family(person: Person, now: dt.datetime) -> Family:
    """Return what this person may see; no student at all for people who are nobody's family. Two statements."""
    today = moment(now)
    if today is None:
        return Family(person, now, {})
    theirs = passing(CONTACT, today).filter(contact=person).values("student")
    enrolled = passing(STUDENT, today).filter(Q(person=person) | Q(person__in=theirs))
    rows: dict[int, list[tuple[str, str]]] = {}
    people: dict[int, Person] = {}
    joined = enrolled.select_related("person", "calendar__school", "grade_level").order_by("service_type", "pk")
    for row in joined:
        people[row.person_id] = row.person
        level = row.grade_level.local_grade if row.grade_level else ""
        rows.setdefault(row.person_id, []).append((row.calendar.school.name, level))
    found = [
        Student(
            each, key == person.pk, tuple(dict.fromkeys(school for school, _level in rows[key])),
            next((level for _school, level in rows[key] if level), ""),
        )
        for key, each in people.items()
    ]  # fmt: skip
    found.sort(key=lambda each: (not each.itself, each.full_name, each.key))
    return Family(person, now, {each.key: each for each in found})
