"""What a record is shared as: a person by each enrollment, district assignment and relationship, others by themselves.

The rules apply to those records, so each of them is judged and explained by itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from roster import visibility
from roster.models import (
    Course,
    DistrictAssignment,
    Enrollment,
    Person,
    Relationship,
    RosterEntry,
    School,
    Section,
    SectionStaff,
)
from roster.visibility import Moment, Rule, judge, passing

OF_VERSION: Mapping[int, Sequence[Rule]] = {11: visibility.USER_11, 12: ()}
"""What one OneRoster version alone asks of a person, however they are shared."""


@dataclass(frozen=True)
class Way:
    """One way a record can be shared: its rules, and where. `switch` is the choice of a connection it depends on.

    `own` are the rules an assignment must meet to be this one of several: a nurse is no teacher who lacks a box.
    """

    name: str
    title: Any
    rules: Sequence[Rule]
    schools: Callable[[Any, Moment], set[int]]
    own: Sequence[Rule] = ()
    switch: str = ""


@dataclass(frozen=True)
class Candidate:
    """A record with one way it may be shared; `place` tells people which one it is."""

    way: Way
    record: Model
    place: str


def _by_calendar(enrollment: Enrollment, _moment: Moment) -> set[int]:
    return {enrollment.calendar.school_id}


def _by_assignment(assignment: DistrictAssignment, _moment: Moment) -> set[int]:
    return {assignment.school_id}


def _by_student(relationship: Relationship, moment: Moment) -> set[int]:
    """Return the schools of the student: there the contact is what they are to the student."""
    enrolled = passing(visibility.STUDENT, moment).filter(person=relationship.student_id)
    return set(enrolled.values_list("calendar__school_id", flat=True))


def _by_users(course: Course, moment: Moment) -> set[int]:
    """Return the schools that teach the course, and its own in its year."""
    sections = passing(visibility.SECTION, moment).filter(course=course.pk)
    schools = set(sections.values_list("calendar__school_id", flat=True))
    if course.school_id and course.school_year_id in (None, moment.year.pk):
        schools |= set(passing(visibility.SCHOOL, moment).filter(pk=course.school_id).values_list("pk", flat=True))
    return schools


def _by_section(entry: RosterEntry | SectionStaff, _moment: Moment) -> set[int]:
    return {entry.section.calendar.school_id}


def _own(rules: Sequence[Rule], common: Sequence[Rule]) -> Sequence[Rule]:
    return rules[len(common) :]


STUDENT = Way("student", _("As a student"), visibility.STUDENT, _by_calendar)
STAFF = (
    Way("teacher", _("As a teacher"), visibility.TEACHER, _by_assignment, _own(visibility.TEACHER, visibility.STAFF)),
    Way("administrator", _("As an administrator"), visibility.ADMINISTRATOR, _by_assignment,
        _own(visibility.ADMINISTRATOR, visibility.STAFF)),
    Way("aide", _("As other staff"), visibility.AIDE, _by_assignment, _own(visibility.AIDE, visibility.STAFF)),
)  # fmt: skip
CONTACTS = (
    Way("guardian", _("As a guardian"), visibility.GUARDIAN, _by_student, switch="guardians"),
    Way("relative", _("As a relative"), visibility.RELATIVE, _by_student, switch="relatives"),
)
SECTION = Way("class", _("The section"), visibility.SECTION, _by_calendar)
COURSE = Way("course", _("The course"), visibility.COURSE, _by_users)
SCHOOL = Way("org", _("The school"), visibility.SCHOOL, lambda school, _moment: {school.pk})
ENTRY = Way("sits", _("As a student in the section"), visibility.ROSTER_ENTRY, _by_section)
TEACHES = Way("teaches", _("As a teacher of the section"), visibility.SECTION_STAFF, _by_section)
ALONE: Mapping[type[Model], Way] = {
    Section: SECTION, Course: COURSE, School: SCHOOL, RosterEntry: ENTRY, SectionStaff: TEACHES,
}  # fmt: skip
"""What is shared as itself."""
WAYS = (STUDENT, *STAFF, *CONTACTS, *ALONE.values())


def candidates(record: Model, moment: Moment) -> list[Candidate]:
    """Return every way the record may be shared; none for a person who is neither enrolled, staff nor related."""
    if isinstance(record, Person):
        return [*_enrolled(record), *_assigned(record, moment), *_related(record)]
    return [Candidate(ALONE[type(record)], record, "")]


def _enrolled(person: Person) -> Iterator[Candidate]:
    rows = person.enrollments.select_related("calendar__school", "calendar__school_year", "grade_level")
    for each in rows.order_by("-calendar__school_year__active", "ended_at", "start_date", "pk"):
        yield Candidate(STUDENT, each, f"{each.calendar.school.name}, {each.calendar.school_year.title}")


def _assigned(person: Person, moment: Moment) -> Iterator[Candidate]:
    """Yield each assignment as what it makes the person, and as a teacher when they teach or it makes them nothing.

    The others are not asked: nobody is missed as an aide who only teaches.
    """
    teacher = STAFF[0]
    teaches = person.section_staff.filter(ended_at=None).exclude(kind=SectionStaff.Kind.OTHER).exists()
    rows = person.district_assignments.select_related("school")
    for each in rows.order_by("ended_at", "-end_date", "pk"):
        boxes = judge([rule for way in STAFF for rule in way.own], each, moment)
        marked = {rule.name for rule, met in boxes if met}
        made = [way for way in STAFF if {rule.name for rule in way.own} <= marked]
        for way in made if made and (teacher in made or not teaches) else [teacher, *made]:
            yield Candidate(way, each, each.school.name)


def _related(person: Person) -> Iterator[Candidate]:
    guardian, relative = CONTACTS
    rows = person.related_students.select_related("student")
    for each in rows.order_by("ended_at", "student__family_name", "student__given_name", "pk"):
        yield Candidate(guardian if each.guardian else relative, each, name_of(each.student))


def name_of(person: Person) -> str:
    """Return a person's name as people write it."""
    return f"{person.given_name} {person.family_name}".strip() or person.sourced_id


def person_of(record: Model) -> Person | None:
    """Return the person a record is about; None for one that is about nobody."""
    return record if isinstance(record, Person) else getattr(record, "person", None)


def title_of(record: Any) -> str:
    """Return what people call a record."""
    if isinstance(record, Person):
        return name_of(record)
    if isinstance(record, RosterEntry | SectionStaff):
        return f"{name_of(record.person)}, {record.section.title}"
    return str(getattr(record, "name", "") or record.title)
