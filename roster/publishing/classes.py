"""Facts of orgs, sessions, courses, classes, enrollments and resources, from bulk queries."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import QuerySet

from roster.models import Course, District, Person, Resource, School, Section, Term
from roster.publishing.draft import Draft, Setting, audience, chunks
from roster.publishing.part import narrowed
from roster.publishing.people import People
from roster.publishing.pieces import Answer
from roster.visibility import (
    COURSE,
    ROSTER_ENTRY,
    SCHOOL,
    SECTION,
    SECTION_STAFF,
    STUDENT,
    TEACHER,
    TERM,
    own_rules,
    passing,
)

SECTION_FIELDS = (
    "pk", "sourced_id", "calendar__school_id", "course_id", "course__sourced_id", "title", "number", "homeroom",
    "room", "grades", "subjects", "subject_codes", "periods",
)  # fmt: skip
COURSE_FIELDS = (
    "pk", "sourced_id", "school_id", "school_year_id", "title", "number", "grades", "subjects", "subject_codes",
)  # fmt: skip
ENTRY_FIELDS = ("person_id", "section_id", "sourced_id", "start_date", "end_date")
Seat = tuple[int, Draft]
"""An enrollment of 1.2 with the key of its person."""
SECTIONS = 200
"""As many sections' people are read at a time."""
Day = datetime.date | None


@dataclass
class Structure:
    """What is shared of the district's structure, and which schools use it."""

    setting: Setting
    schools: dict[int, str] = field(default_factory=dict)
    sections: list[tuple] = field(default_factory=list)  # type: ignore[type-arg]
    section_terms: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    terms: dict[int, Term] = field(default_factory=dict)
    term_schools: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    course_schools: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, setting: Setting) -> "Structure":
        """Read schools, sections and the terms they use: four statements."""
        structure, moment = cls(setting), setting.moment
        structure.schools = dict(passing(SCHOOL, moment).values_list("pk", "sourced_id"))
        sections = narrowed(passing(SECTION, moment), pk=setting.part.sections)
        structure.sections = list(sections.values_list(*SECTION_FIELDS))
        terms = {term.pk: term for term in passing(TERM, moment).order_by("start_date", "sourced_id")}
        links = narrowed(Section.terms.through.objects.order_by(), section=setting.part.sections)
        for section, term in links.values_list("section_id", "term_id"):
            if term in terms:
                structure.section_terms[section].append(term)
        for section, _, school, course, *_ in structure.sections:
            structure.course_schools[course].add(school)
            for term in structure.section_terms[section]:
                structure._use(terms, term, school)
        for term in terms.values():
            structure._use_as_grading_period(terms, term)
        return structure

    def _use(self, terms: dict[int, Term], term: int, school: int) -> None:
        """Note that a school uses a term, and with it the terms above."""
        step: int | None = term
        while step in terms and school not in self.term_schools[step]:
            self.terms[step] = terms[step]
            self.term_schools[step].add(school)
            step = terms[step].parent_id

    def _use_as_grading_period(self, terms: dict[int, Term], term: Term) -> None:
        """A grading period, and what lies between, is used by the schools that use any term above it."""
        if term.kind != Term.Kind.GRADING_PERIOD:
            return
        seen, above, schools = {term.pk}, term.parent_id, set[int]()
        while above in terms and above not in seen:
            seen.add(above)
            schools |= self.term_schools.get(above, set())
            above = terms[above].parent_id
        for school in sorted(schools):
            self._use(terms, term.pk, school)

    def schools_of_course(self, course: int, own: int | None, school_year: int | None) -> set[int]:
        """Return the schools that use the course, and its own school in its year."""
        users = set(self.course_schools.get(course, ()))
        if own is not None and own in self.schools and school_year in (None, self.setting.moment.year.pk):
            users.add(own)
        return users

    def resources_of(self, model: type[Course] | type[Section]) -> dict[int, list[str]]:
        """Return the sourcedIds of the resources of each course or section."""
        links: dict[int, list[str]] = defaultdict(list)
        rows = model.resources.through.objects.filter(resource__ended_at=None).order_by("resource__sourced_id")
        for owner, resource in rows.values_list(f"{model.__name__.lower()}_id", "resource__sourced_id"):
            links[owner].append(resource)
        return links


def _sorted(schools: set[int]) -> tuple[int, ...]:
    return tuple(sorted(schools))


def orgs(structure: Structure) -> Iterator[Draft]:
    """Yield the district and its shared schools."""
    rows = list(
        School.objects.filter(pk__in=structure.schools).values_list(
            "pk", "sourced_id", "name", "identifier", "district_id"
        )
    )
    districts = {district.pk: district for district in District.objects.filter(ended_at=None)}
    for pk, district in districts.items():
        yield Draft(
            district.sourced_id,
            {
                "name": district.name,
                "type": "district",
                "identifier": district.identifier or district.sourced_id,
                "children": sorted(row[1] for row in rows if row[4] == pk),
            },
        )
    for pk, sourced_id, name, identifier, district_id in rows:
        parent = districts.get(district_id)
        facts = {"name": name, "type": "school", "identifier": identifier or sourced_id}
        yield Draft(sourced_id, {**facts, "parent": parent and parent.sourced_id}, (pk,))


def sessions(structure: Structure) -> Iterator[Draft]:
    """Yield the active school year, which is the district's, and the terms and grading periods shared sections use.

    Which of its parts a session shows depends on the schools that use them, so these are kept beside it.
    """
    year = structure.setting.moment.year
    below: dict[int | None, list[Term]] = defaultdict(list)
    for term in sorted(structure.terms.values(), key=lambda term: (term.start_date, term.sourced_id)):
        below[term.parent_id if term.parent_id in structure.terms else None].append(term)
    names = {pk: [term.sourced_id for term in terms] for pk, terms in below.items()}
    users = {
        pk: {"_children": [_sorted(structure.term_schools[term.pk]) for term in terms]} for pk, terms in below.items()
    }
    yield Draft(
        year.sourced_id,
        {
            "title": year.title, "type": "schoolYear", "startDate": year.first_day, "endDate": year.last_day,
            "children": names.get(None), "schoolYear": str(year.end_year),
        },
        hidden=users.get(None),
    )  # fmt: skip
    for pk, term in structure.terms.items():
        parent = structure.terms.get(term.parent_id) if term.parent_id else None
        yield Draft(
            term.sourced_id,
            {
                "title": term.title, "type": term.kind, "startDate": term.start_date, "endDate": term.end_date,
                "parent": parent.sourced_id if parent else year.sourced_id,
                "children": names.get(pk), "schoolYear": str(year.end_year),
            },
            _sorted(structure.term_schools[pk]),
            hidden=users.get(pk),
        )  # fmt: skip


def courses(structure: Structure) -> Iterator[Draft]:
    """Yield shared courses."""
    return courses_of(structure, passing(COURSE, structure.setting.moment))


def courses_of(structure: Structure, rows: QuerySet[Any]) -> Iterator[Draft]:
    """Yield these courses; a course of no school is the district's."""
    setting = structure.setting
    year = setting.moment.year
    district = District.objects.filter(ended_at=None).order_by("sourced_id").first()
    resources = structure.resources_of(Course)
    for pk, sourced_id, school, school_year, title, number, grades, subjects, codes in rows.values_list(*COURSE_FIELDS):
        users = structure.schools_of_course(pk, school, school_year)
        # a school that has the course in another year only is not named to the schools that use it now
        org = structure.schools[school] if school in users else None if school else district and district.sourced_id
        facts = {
            "title": title, "courseCode": number, "grades": grades, "subjects": subjects, "subjectCodes": codes,
            "org": org, "schoolYear": year.sourced_id if school_year == year.pk else None,
            "resources": resources.get(pk),
        }  # fmt: skip
        yield Draft(sourced_id, facts, _sorted(users))


def classes(structure: Structure) -> Iterator[Draft]:
    """Yield shared sections; one without a term of the year is said to last the whole year."""
    resources = structure.resources_of(Section)
    year = structure.setting.moment.year.sourced_id
    for row in structure.sections:
        pk, sourced_id, school, _, course, title, number, homeroom, room, grades, subjects, codes, periods = row
        terms = [structure.terms[term] for term in structure.section_terms[pk]]
        terms.sort(key=lambda term: (term.start_date, term.sourced_id))
        facts = {
            "title": title, "classCode": number, "classType": "homeroom" if homeroom else "scheduled",
            "location": room, "grades": grades, "subjects": subjects, "subjectCodes": codes, "periods": periods,
            "course": course, "school": structure.schools[school],
            "terms": [term.sourced_id for term in terms] or [year], "resources": resources.get(pk),
        }  # fmt: skip
        yield Draft(sourced_id, facts, (school,))


def seats(structure: Structure, names: Mapping[int, str]) -> Iterator[tuple[int, Callable[[], Iterator[Seat]]]]:
    """Yield students and teachers of shared sections, some at a time: how many at most, and what makes them.

    `names` are the sourcedIds of people by their keys.

    The rules that look at other tables are applied to sets read once: as correlated subqueries they depend on table
    statistics a fresh database does not have, and were seen to take minutes.
    """
    moment, part = structure.setting.moment, structure.setting.part
    enrolled, assigned = (narrowed(passing(rules, moment), person=part.read) for rules in (STUDENT, TEACHER))
    students = set(enrolled.values_list("person_id", "calendar__school_id"))
    teachers = set(assigned.values_list("person_id", "school_id"))
    lines, staff = (passing(own_rules(rules), moment) for rules in (ROSTER_ENTRY, SECTION_STAFF))
    for sections in chunks(sorted(structure.sections, key=_home), SECTIONS):
        shared = {pk: (title, school, structure.schools[school]) for pk, title, school, *_ in sections}
        of_these = {"section": list(shared), "sourced_id": part.entries}
        sitting = Answer(narrowed(lines, **of_these).values_list(*ENTRY_FIELDS))
        teaching = Answer(narrowed(staff, **of_these).values_list(*ENTRY_FIELDS, "kind"))
        told = ((sitting, students, sits), (teaching, teachers, teaches))
        yield len(sitting) + len(teaching), partial(_seats, shared, names, told)


def _seats(
    shared: dict[int, tuple[str, int, str]],
    names: Mapping[int, str],
    told: Iterable[tuple[Answer, set[tuple[int, int]], Callable[..., Draft]]],
) -> Iterator[Seat]:
    for rows, people, made in told:
        for person, section, *row in rows:
            if (person, shared[section][1]) in people:
                yield person, made(*shared[section], names[person], *row)


def enrollments(seats: Iterable[Seat]) -> Iterator[Draft]:
    """Yield them as 1.2 has them."""
    return (draft for _, draft in seats)


def _home(section: tuple[Any, ...]) -> tuple[int, int]:
    return section[2], section[0]


def sits(title: str, school: int, org: str, user: str, sourced_id: str, begin: Day, end: Day) -> Draft:
    """Return a student of the class with this sourcedId; the last three are of ENTRY_FIELDS."""
    facts = {"user": user, "class": title, "school": org, "role": "student", "beginDate": begin, "endDate": end}
    return Draft(sourced_id, facts, (school,))


def teaches(title: str, school: int, org: str, user: str, sourced_id: str, begin: Day, end: Day, kind: str) -> Draft:
    """Return a teacher of the class with this sourcedId; before `kind` stand the last three of ENTRY_FIELDS."""
    facts = {"user": user, "class": title, "school": org, "role": "teacher", "primary": kind == "primary teacher",
             "beginDate": begin, "endDate": end}  # fmt: skip
    return Draft(sourced_id, facts, (school,))


def resources(structure: Structure, people: People | None) -> Iterator[Draft]:
    """Yield the resources of shared courses, sections and (without them: 1.1) people, at the schools of those."""
    holders: dict[int, set[tuple[int, str]]] = defaultdict(set)
    section_school = {row[0]: row[2] for row in structure.sections}
    shared_courses = {
        pk: structure.schools_of_course(pk, school, school_year)
        for pk, school, school_year in passing(COURSE, structure.setting.moment).values_list(
            "pk", "school_id", "school_year_id"
        )
    }
    for course, resource in Course.resources.through.objects.values_list("course_id", "resource_id"):
        holders[resource] |= {(school, "") for school in shared_courses.get(course, ())}
    for section, resource in Section.resources.through.objects.values_list("section_id", "resource_id"):
        if section in section_school:
            holders[resource].add((section_school[section], ""))
    if people:
        for person, resource in Person.resources.through.objects.values_list("person_id", "resource_id"):
            holders[resource] |= people.holders(person)
    for row in Resource.objects.filter(ended_at=None, pk__in=holders).order_by():
        facts = {
            "title": row.title, "roles": row.roles, "importance": row.importance,
            "vendorResourceId": row.vendor_resource_id, "vendorId": row.vendor_id, "applicationId": row.application_id,
        }  # fmt: skip
        if holders[row.pk]:
            kinds, seen = audience(holders[row.pk])
            schools = _sorted({school for school, _ in holders[row.pk]})
            yield Draft(row.sourced_id, facts, schools, audience=kinds, hidden={"_seen": seen} if seen else None)
