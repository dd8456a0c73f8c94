"""The district's rules once more, in plain Python over plain rows, written from the vendor-facing prerequisites.

It knows nothing of rules, queries or publishing: it reads tables as objects and answers what a first publication shares
on a day. `tests/roster/oracle_view.py` tells what of it one connection is given.

A document is a dictionary of wire fields without blank ones; a reference is the pair (kind, sourcedId).
"""

import datetime
from dataclasses import dataclass, field
from typing import Any

from roster import models

ACTIVE, ENDED = "active", "tobedeleted"
ADMINISTRATIVE = ("districtAdministrator", "siteAdministrator", "principal")
RANK = ("student", "teacher", *ADMINISTRATIVE, "aide", "guardian", "relative")
CONTACTS = ("guardian", "relative")


def dense(**facts: Any) -> dict[str, Any]:
    """The facts without blank ones."""
    return {name.rstrip("_"): value for name, value in facts.items() if value not in (None, "", [])}


def told(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def yes(value: Any) -> str | None:
    return None if value is None else "true" if value else "false"


@dataclass
class Role:
    """One role of a person at one school."""

    name: str
    school: models.School
    begin: datetime.date | None = None
    end: datetime.date | None = None
    source: str = ""
    primary: bool = True
    grade: str = ""
    nces: str = ""
    type: str = "secondary"

    @property
    def order(self) -> tuple[Any, ...]:
        """Students before staff before contacts; of a student's enrollments primary ones first, earliest first."""
        begin = self.begin or datetime.date.min
        return (RANK.index(self.name), not self.primary, begin, self.source, self.school.pk)


@dataclass
class Someone:
    """A shared person: roles in order, with whom they are related as what, and whose contact they are."""

    person: models.Person
    status: str
    roles: list[Role]
    agents: set[tuple[str, str]] = field(default_factory=set)
    charges: set[tuple[str, str]] = field(default_factory=set)


class Oracle:
    """Answers for one day."""

    def __init__(self, today: datetime.date) -> None:
        self.today = today
        self.settings = models.DistrictSettings.load()
        self.year = models.SchoolYear.objects.get(active=True)
        self.begin = self.year.start_date or datetime.date(self.year.start_year, 1, 1)
        self.end = self.year.end_date or datetime.date(self.year.end_year, 12, 31)
        self.calendars = list(models.Calendar.objects.select_related("school"))
        self.schools = {row.sourced_id: row for row in models.School.objects.all() if self.open_school(row)}
        self.sections = [row for row in self._sections() if self.open_section(row)]
        self.people = self._people()

    def open_calendar(self, calendar):
        if calendar.school_year_id != self.year.pk or calendar.external_lms_exclude or calendar.ended_at:
            return False
        return not (calendar.school.external_lms_exclude or calendar.school.ended_at)

    def open_school(self, school):
        return any(calendar.school_id == school.pk and self.open_calendar(calendar) for calendar in self.calendars)

    def touches_year(self, row):
        if row.start_date and row.start_date > self.end:
            return False
        return not (row.end_date and row.end_date < self.begin)

    def over(self, row, calendar=None):
        """Whether the row has ended; ending on the calendar's last day does not count."""
        if row.ended_at:
            return True
        if row.end_date is None or row.end_date >= self.today:
            return False
        return not (calendar and row.end_date == (calendar.end_date or self.end))

    def withheld(self, person):
        return bool(person.external_lms_exclude or person.ended_at)

    # people

    def student_at(self, enrollment):
        """None, "active" or "tobedeleted"."""
        boxes = [enrollment]
        if grade := enrollment.grade_level:
            boxes.append(grade)
            if grade.schedule_structure:
                boxes.append(grade.schedule_structure)
        if any(box.external_lms_exclude for box in boxes) or enrollment.no_show or self.withheld(enrollment.person):
            return None
        if not self.open_calendar(enrollment.calendar) or not self.touches_year(enrollment):
            return None
        return ENDED if self.over(enrollment, enrollment.calendar) else ACTIVE

    def staff_roles(self, assignment):
        if assignment.external_lms_exclude or self.withheld(assignment.person) or self.over(assignment):
            return set()
        if assignment.school.sourced_id not in self.schools or not self.touches_year(assignment):
            return set()
        roles = {"teacher"} if assignment.teacher else set()
        if assignment.roles:
            roles.add("aide")
        if assignment.administrative_role in ADMINISTRATIVE:
            roles.add(assignment.administrative_role)
        return roles

    def active_relationship(self, row):
        begun = row.start_date is None or row.start_date <= self.today
        running = row.end_date is None or row.end_date >= self.today
        return row.portal and begun and running and not row.ended_at and not self.withheld(row.contact)

    def _students(self):
        """The roles of students by person: those that run, and those that are over."""
        running, over = {}, {}
        for row in models.Enrollment.objects.select_related(
            "person", "calendar__school", "grade_level__schedule_structure"
        ):
            state, level = self.student_at(row), row.grade_level
            grade = "" if level is None else level.local_grade if self.settings.local_grades else level.nces_grade
            primary = row.service_type == "primary"
            nces = level.nces_grade if level else ""
            role = Role(
                "student", row.calendar.school, row.start_date, row.end_date, row.sourced_id, primary, grade, nces
            )
            if state:
                (running if state == ACTIVE else over).setdefault(row.person_id, []).append(role)
        return running, over

    def _people(self):
        """Return {sourcedId: Someone} of everybody who is shared."""
        roles, over = self._students()
        taught = {person: {role.school for role in own} for person, own in roles.items()}
        for row in models.DistrictAssignment.objects.select_related("person", "school"):
            for name in self.staff_roles(row):
                role = Role(name, row.school, row.start_date, row.end_date, row.sourced_id)
                roles.setdefault(row.person_id, []).append(role)
        agents, charges = {}, {}
        for row in models.Relationship.objects.select_related("student", "contact"):
            if row.student_id in taught and self.active_relationship(row):
                name = "guardian" if row.guardian else "relative"
                roles.setdefault(row.contact_id, []).extend(Role(name, school) for school in taught[row.student_id])
                agents.setdefault(row.student_id, set()).add((row.contact.sourced_id, name))
                agents.setdefault(row.contact_id, set()).add((row.student.sourced_id, name))
                charges.setdefault(row.contact_id, set()).add((row.student.sourced_id, name))
        answer = {}
        for person in models.Person.objects.select_related("account", "primary_school"):
            if own := roles.get(person.pk):
                answer[person.sourced_id] = Someone(
                    person, ACTIVE, typed(own), agents.get(person.pk, set()), charges.get(person.pk, set())
                )
            elif own := over.get(person.pk):
                answer[person.sourced_id] = Someone(person, ENDED, typed(own))
        return answer

    # structure

    def _sections(self):
        return models.Section.objects.select_related(
            "calendar__school", "course__course_master", "course__school"
        ).prefetch_related("terms", "resources")

    def open_course(self, course):
        if course.ended_at or not course.active:
            return False
        boxes = [course, *filter(None, [course.course_master, course.school])]
        return not any(box.external_lms_exclude for box in boxes)

    def open_section(self, section):
        if section.ended_at or not section.active or section.external_lms_exclude:
            return False
        return self.open_course(section.course) and self.open_calendar(section.calendar)

    def courses(self):
        """Return {course: sourcedIds of the schools that have it}."""
        answer = {}
        for course in models.Course.objects.select_related("course_master", "school").prefetch_related("resources"):
            if not self.open_course(course):
                continue
            used = {row.calendar.school.sourced_id for row in self.sections if row.course_id == course.pk}
            own = course.school and course.school.sourced_id
            if own in self.schools and course.school_year_id in (None, self.year.pk):
                used.add(own)
            if used:
                answer[course] = used
        return answer

    def terms(self):
        """Return {term: sourcedIds of the schools whose sections meet in it or in a part of it}.

        The grading periods of such a term go with it, and what lies between.
        """
        known = {term.pk: term for term in models.Term.objects.filter(school_year=self.year) if not term.ended_at}
        used = {}
        for section in self.sections:
            for term in section.terms.all():
                step = term.pk
                while step in known:
                    used.setdefault(step, set()).add(section.calendar.school.sourced_id)
                    step = known[step].parent_id
        met = {pk: set(schools) for pk, schools in used.items()}
        for term in known.values():
            line = [term.pk]
            while known[line[-1]].parent_id in known:
                line.append(known[line[-1]].parent_id)
            schools = {school for pk in line[1:] for school in met.get(pk, ())}
            for pk in line if schools and term.kind == "gradingPeriod" else ():
                used.setdefault(pk, set()).update(schools)
        return {known[pk]: schools for pk, schools in used.items()}

    def enrollments(self):
        """Yield (row, role, primary) of roster entries and section staff that make an enrollment."""
        shared = {section.pk: section for section in self.sections}
        entries = [(row, "student", None) for row in models.RosterEntry.objects.select_related("person")]
        entries += [
            (row, "teacher", yes(row.kind == "primary teacher"))
            for row in models.SectionStaff.objects.select_related("person")
            if row.kind != "other"
        ]
        for row, name, primary in entries:
            someone, section = self.people.get(row.person.sourced_id), shared.get(row.section_id)
            if not section or not someone or someone.status != ACTIVE:
                continue
            if (name, section.calendar.school_id) not in {(role.name, role.school.pk) for role in someone.roles}:
                continue
            if name == "teacher" and not self.touches_year(row):
                continue
            if not self.over(row, section.calendar if name == "student" else None):
                yield row, section, name, primary


def typed(roles: list[Role]) -> list[Role]:
    """Return one role a school and name, in order, with its type.

    A student's first primary enrollment is primary and no other; of other roles the first at each school.
    """
    kept: list[Role] = []
    for role in sorted(roles, key=lambda each: each.order):
        if any((role.name, role.school) == (other.name, other.school) for other in kept):
            continue
        primaries = [other for other in kept if other.type == "primary"]
        if role.name == "student":
            first = not any(other.name == "student" for other in kept)
            role.type = "primary" if first and role.primary else "secondary"
        else:
            role.type = "secondary" if any(other.school == role.school for other in primaries) else "primary"
        kept.append(role)
    return kept
