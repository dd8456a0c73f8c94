"""A record as the tables would have it published, whether or not it may be: the publisher's own facts of this one.

The rules are left aside: it is what vendors would read once all that keeps the record back is put right.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db.models import Model

from interop.oneroster.resource import V1P1
from roster.explaining.parts import Candidate
from roster.models import (
    Course,
    DistrictAssignment,
    Enrollment,
    Person,
    Relationship,
    RoleId,
    RosterEntry,
    School,
    Section,
    SectionStaff,
)
from roster.publishing import older
from roster.publishing.classes import (
    ENTRY_FIELDS,
    SECTION_FIELDS,
    Structure,
    classes,
    courses_of,
    orgs,
    sits,
    teaches,
)
from roster.publishing.draft import Draft, Setting, unique
from roster.publishing.identity import Ids, foreseen
from roster.publishing.people import PERSON_FIELDS, People, PersonRow, Role
from roster.publishing.told import users
from roster.roles import ROLES
from roster.visibility import CONTACT, TERM, USER_11, Moment, meets, passing


def drafts(record: Any, ways: Sequence[Candidate], version: int, setting: Setting) -> Iterator[Draft]:
    """Yield the record as a version would have it, shared in these ways; in 1.1 a person is a user for each role."""
    if isinstance(record, Person):
        people = _people(record, ways, version, setting)
        users_made = chain.from_iterable(pieces[version].drafts() for pieces in users(people))
        yield from (draft for draft in users_made if record.sourced_id in (draft.person, draft.sourced_id))
    elif isinstance(record, RosterEntry | SectionStaff):
        yield from _entry(record, version, setting)
    elif isinstance(record, Section):
        yield from classes(_around(record, setting))
    elif isinstance(record, Course):
        here = _named(schools(ways[0], setting.moment))
        structure = Structure(setting, here)
        structure.course_schools[record.pk] = set(here)
        yield from courses_of(structure, Course.objects.filter(pk=record.pk))
    else:
        made = orgs(Structure(setting, _named([record.pk])))
        yield from (draft for draft in made if draft.sourced_id == record.sourced_id)


def schools(candidate: Candidate, moment: Moment) -> set[int]:
    """Return the schools the record is shared at in this way, or would be."""
    return candidate.way.schools(candidate.record, moment) or _likely_schools(candidate.record, moment)


def _likely_schools(record: Model, moment: Moment) -> set[int]:
    """Return the schools of what decides about the record's, for when the rules keep that back too."""
    if isinstance(record, Relationship):
        enrolled = record.student.enrollments.filter(ended_at=None, calendar__school_year=moment.year)
        return set(enrolled.values_list("calendar__school_id", flat=True))
    if isinstance(record, Course):
        taught = record.sections.filter(ended_at=None, calendar__school_year=moment.year)
        found = set(taught.values_list("calendar__school_id", flat=True))
        return found or ({record.school_id} if record.school_id else set())
    return set()


def _named(numbers: Collection[int]) -> dict[int, str]:
    return dict(School.objects.filter(pk__in=numbers).values_list("pk", "sourced_id"))


def _people(person: Person, ways: Sequence[Candidate], version: int, setting: Setting) -> People:
    """Return the person with the roles of these ways, and who is related by a relationship that is shared."""
    people = People(setting)
    people.schools = dict(School.objects.order_by().values_list("pk", "sourced_id"))
    people.roles[person.pk] = [role for way in ways for role in _roles(way, setting.moment)]
    if any(role.name == "student" for role in people.roles[person.pk]):
        related = passing([rule for rule in CONTACT if not rule.asks], setting.moment).filter(student=person)
        for contact, guardian in related.values_list("contact_id", "guardian"):
            people.contacts[person.pk].append((contact, "guardian" if guardian else "relative"))
    people.charges[person.pk] = [
        (way.record.student_id, way.way.name) for way in ways if isinstance(way.record, Relationship)
    ]
    others = [other for other, _name in people.agents_of(person.pk)]
    rows = _rows([person.pk, *others], setting.moment)
    people.sourced_ids = {pk: row.sourced_id for pk, row in rows.items()}
    in_11 = {pk for pk, row in rows.items() if row.in_11}
    people.ids = _ids(_wanted(person, people, version, in_11), rows, setting)
    return people


def _roles(candidate: Candidate, moment: Moment) -> Iterator[Role]:
    row, name = candidate.record, candidate.way.name
    if isinstance(row, Enrollment):
        primary, level = row.service_type == Enrollment.ServiceType.PRIMARY, row.grade_level
        grades = (level.nces_grade, level.local_grade) if level else ("", "")
        yield Role(name, row.calendar.school_id, row.start_date, row.end_date, row.sourced_id, primary, *grades)
    elif isinstance(row, DistrictAssignment):
        name = row.administrative_role if name == "administrator" else name
        yield Role(name, row.school_id, row.start_date, row.end_date, row.sourced_id)
    else:
        yield from (Role(name, school) for school in sorted(schools(candidate, moment)))


def _rows(numbers: Collection[int], moment: Moment) -> dict[int, PersonRow]:
    found = Person.objects.filter(pk__in=numbers).order_by().annotate(in_11=meets(USER_11, moment))
    return {row[0]: PersonRow._make(row) for row in found.values_list(*PERSON_FIELDS)}


def _wanted(person: Person, people: People, version: int, in_11: Collection[int]) -> dict[int, list[str]]:
    """Return the roles of 1.1 that need an id: whoever asks how 1.1 would show a person supposes a username."""
    wanted: dict[int, list[str]] = {}
    roles = sorted(people.roles[person.pk], key=lambda role: role.order)
    if version == V1P1 or person.pk in in_11:
        wanted[person.pk] = unique(ROLES[role.name] for role in roles)
    for other, name in people.contacts[person.pk]:
        wanted.setdefault(other, []).append(name)
    for other, _name in people.charges[person.pk]:
        wanted.setdefault(other, []).append("student")
    return {pk: unique(names) for pk, names in wanted.items() if pk == person.pk or pk in in_11}


def _ids(wanted: Mapping[int, Sequence[str]], rows: Mapping[int, PersonRow], setting: Setting) -> Ids:
    """Return the ids of 1.1: those that were chosen, and where there is none the one that would be."""
    prefixed = setting.settings.role_prefixed_ids
    told = RoleId.objects.filter(person__in=wanted, prefixed=prefixed).values_list("person_id", "role", "sourced_id")
    known = {(person, role): name for person, role, name in told}
    keys = [(person, role) for person, roles in wanted.items() for role in roles]
    if any(key not in known for key in keys):
        known = foreseen(wanted, {pk: (row.sourced_id, row.local_id) for pk, row in rows.items()}, prefixed=prefixed)
    return {key: known[key] for key in keys}


def _around(section: Section, setting: Setting) -> Structure:
    """Return as much of the structure as the section needs."""
    structure = Structure(setting, _named([section.calendar.school_id]))
    structure.sections = list(Section.objects.filter(pk=section.pk).values_list(*SECTION_FIELDS))
    structure.terms = {term.pk: term for term in passing(TERM, setting.moment).filter(sections=section)}
    structure.section_terms[section.pk] = list(structure.terms)
    return structure


def _entry(record: RosterEntry | SectionStaff, version: int, setting: Setting) -> Iterator[Draft]:
    school = record.section.calendar.school
    teacher = isinstance(record, SectionStaff)
    fields = (*ENTRY_FIELDS[2:], "kind") if teacher else ENTRY_FIELDS[2:]
    row = type(record)._default_manager.values_list(*fields).get(pk=record.pk)
    names = record.section.sourced_id, school.pk, school.sourced_id, record.person.sourced_id
    draft = (teaches if teacher else sits)(*names, *row)
    if version != V1P1:
        yield draft
        return
    rows = _rows([record.person_id], setting.moment)
    ids = _ids({record.person_id: [draft.facts["role"]]}, rows, setting)
    yield from older.enrollments(ids, [(record.person_id, draft)])
