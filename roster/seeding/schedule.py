"""Courses, sections, teachers in them and students in them."""

from collections import defaultdict
from dataclasses import dataclass

from roster.models import Course, CourseMaster, RosterEntry, Section, SectionStaff
from roster.seeding.people import Pupil
from roster.seeding.structure import Place, Years
from roster.seeding.tables import Tables
from roster.seeding.words import SUBJECTS

CLASS_SIZE = 22
DISTRICT_SUBJECT = "Music"


@dataclass
class ScheduleMaker:
    """Makes one section for every 22 students of a grade in each of seven subjects."""

    tables: Tables
    years: Years
    teachers: dict[str, list[int]]
    resources: list[int]

    def fill(self, pupils: list[Pupil], places: list[Place]) -> None:
        """Make all courses and sections, and seat the students."""
        groups: dict[tuple[str, str], list[Pupil]] = defaultdict(list)
        for pupil in pupils:
            groups[pupil.place.code, pupil.grade].append(pupil)
        masters: dict[tuple[str, str], int] = {}
        shared: dict[str, int] = {}
        for place in places:
            for grade in place.grades:
                group = groups.get((place.code, grade), [])
                for number, (subject, code) in enumerate(SUBJECTS):
                    master = self._master(masters, grade, subject, code)
                    if subject == DISTRICT_SUBJECT:
                        if grade not in shared:
                            shared[grade] = self._course(None, grade, number, master)
                        course = shared[grade]
                    else:
                        course = self._course(place, grade, number, master)
                    self._sections(place, grade, number, course, group)

    def _master(self, masters: dict[tuple[str, str], int], grade: str, subject: str, code: str) -> int:
        if (grade, subject) not in masters:
            masters[grade, subject] = self.tables.add(
                CourseMaster,
                sourced_id=f"master-{grade}-{code}",
                title=f"{subject} {grade}",
                number=f"{code}-{grade}",
            )
        return masters[grade, subject]

    def _course(self, place: Place | None, grade: str, number: int, master: int) -> int:
        subject, code = SUBJECTS[number]
        count = self.tables.count(Course) + 1
        course = self.tables.add(
            Course,
            sourced_id=f"course-{place.code if place else 'district'}-{grade}-{code}",
            course_master_id=master,
            school_id=place.school if place else None,
            school_year_id=self.years.active,
            title=f"{subject} {grade}",
            number=f"{code}-{grade}",
            grades=[grade],
            subjects=[subject],
            subject_codes=[code],
            active=count % 127 != 90,
            external_lms_exclude=count % 149 == 100,
        )
        if count % 9 == 1:
            resource = self.resources[count % len(self.resources)]
            self.tables.add(Course.resources.through, course_id=course, resource_id=resource)
        return course

    def _sections(self, place: Place, grade: str, number: int, course: int, group: list[Pupil]) -> None:
        many = -(-len(group) // CLASS_SIZE)
        sections = [self._section(place, grade, number, course, which) for which in range(many)]
        for seat, pupil in enumerate(group):
            section = sections[(seat + number * (seat // many)) % many]
            count = self.tables.count(RosterEntry) + 1
            self.tables.add(
                RosterEntry,
                sourced_id=f"entry-{count:07d}",
                section_id=section,
                person_id=pupil.person,
                start_date=self.years.first_day,
                end_date=pupil.until,
            )

    def _section(self, place: Place, grade: str, number: int, course: int, which: int) -> int:
        subject, code = SUBJECTS[number]
        count = self.tables.count(Section) + 1
        section = self.tables.add(
            Section,
            sourced_id=f"section-{count:06d}",
            course_id=course,
            calendar_id=place.calendar,
            title=f"{subject} {grade} - {which + 1}",
            number=f"{code}-{grade}-{which + 1}",
            homeroom=number == 0 and grade in place.grades[:1],
            room=f"Room {100 + count % 80}",
            grades=[grade],
            subjects=[subject],
            subject_codes=[code],
            periods=[str(number + 1)],
            active=count % 139 != 130,
            external_lms_exclude=count % 157 == 140,
        )
        for half in (0, 1):
            if half == 0 or number != 4:
                self.tables.add(Section.terms.through, section_id=section, term_id=place.semesters[half])
        if count % 25 == 1:
            resource = self.resources[count % len(self.resources)]
            self.tables.add(Section.resources.through, section_id=section, resource_id=resource)
        self._staff(place, section, count)
        return section

    def _staff(self, place: Place, section: int, count: int) -> None:
        teachers = self.teachers[place.code]
        kinds = [SectionStaff.Kind.PRIMARY_TEACHER]
        if count % 12 == 3:
            kinds.append(SectionStaff.Kind.TEACHER)
        if count % 40 == 9:
            kinds.append(SectionStaff.Kind.OTHER)
        for place_in_line, kind in enumerate(kinds[: len(teachers)]):
            self.tables.add(
                SectionStaff,
                sourced_id=f"staffing-{count:06d}-{place_in_line + 1}",
                section_id=section,
                person_id=teachers[(count + place_in_line) % len(teachers)],
                kind=kind.value,
                start_date=self.years.first_day,
            )
