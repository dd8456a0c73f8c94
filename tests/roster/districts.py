"""Random small districts, written with few statements, and random changes to them.

Two or three schools with people of every kind: some in two schools, siblings in two schools with the same parent, some
excluded, some whose dates have passed, some no longer sent by the SIS.
"""

import datetime
import random
from typing import Any

from roster import models
from tests.roster import factories as make

DAY = datetime.timedelta(days=1)
BOUNDARIES = [
    make.YEAR_START - 40 * DAY, make.YEAR_START, make.TODAY, make.YEAR_END, make.YEAR_END + DAY,
    datetime.date(2027, 7, 1),
]  # fmt: skip
GONE = datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC)
CHILDREN, STAFF = slice(0, 6), slice(5, 10)


def near(chance: random.Random, none: float = 0.5) -> datetime.date | None:
    """A date at or beside a boundary of the year, or none."""
    if chance.random() < none:
        return None
    return chance.choice(BOUNDARIES) + chance.choice([-1, 0, 0, 1]) * DAY


def seldom(chance: random.Random) -> bool:
    return chance.random() < 0.1


class RandomDistrict:
    """Builds the rows of one district in the order their references need."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.structure()
        if self.calendars:
            self.schedule()
            self.people_and_accounts()
            self.places()
            self.relationships()
            self.rosters()
            self.resources()
        models.DistrictSettings(
            local_grades=chance.random() < 0.3, report_disabled_accounts=chance.random() < 0.3
        ).save()

    def rows(self, model: Any, name: str, facts: list[dict[str, Any]], *, ends: bool = True) -> list[Any]:
        """Store rows with sourcedIds of their own; a few are no longer in the feed."""
        gone = [GONE if ends and self.chance.random() < 0.04 else None for _ in facts]
        made = [
            model(sourced_id=f"{name}-{number}", ended_at=ended, **fact)
            for number, (fact, ended) in enumerate(zip(facts, gone, strict=True))
        ]
        return list(model.objects.bulk_create(made))

    def dates(self, none: float = 0.5) -> dict[str, Any]:
        return {"start_date": near(self.chance, none), "end_date": near(self.chance, max(none, 0.6))}

    def structure(self) -> None:
        chance = self.chance
        district = models.District.objects.create(sourced_id="district", name="Test District")
        blank = chance.random() < 0.3
        self.year, old = models.SchoolYear.objects.bulk_create([
            models.SchoolYear(
                sourced_id="year-2027", title="2026-27", start_year=2026, end_year=2027, active=True,
                start_date=None if blank else make.YEAR_START, end_date=None if blank else make.YEAR_END,
            ),
            models.SchoolYear(sourced_id="year-2026", title="2025-26", start_year=2025, end_year=2026),
        ])  # fmt: skip
        self.old_year = old
        self.schools = self.rows(models.School, "school", [
            {"district": district, "name": f"School {number}", "external_lms_exclude": seldom(chance)}
            for number in range(chance.randint(2, 3))
        ])  # fmt: skip
        self.calendars = self.rows(models.Calendar, "calendar", [
            {"school": school, "school_year": year, "external_lms_exclude": seldom(chance),
             "end_date": chance.choice([None, make.YEAR_END, make.YEAR_END - 7 * DAY])}
            for school in self.schools for year in [self.year] * (not seldom(chance)) + [old] * seldom(chance)
        ])  # fmt: skip
        structures = self.rows(models.ScheduleStructure, "structure", [
            {"calendar": calendar, "name": "Main", "external_lms_exclude": seldom(chance)}
            for calendar in self.calendars
        ], ends=False)  # fmt: skip
        self.levels = self.rows(models.GradeLevel, "level", [
            {"calendar": structure.calendar, "schedule_structure": chance.choice([None, structure]),
             "local_grade": local, "nces_grade": nces, "external_lms_exclude": seldom(chance)}
            for structure in structures for local, nces in (("Seven", "07"), ("Eight", "08"))
        ], ends=False)  # fmt: skip

    def schedule(self) -> None:
        chance = self.chance
        half = datetime.date(2026, 12, 18)
        self.terms = []
        for name, kind, above, year in (
            ("semester", "semester", None, self.year), ("fall", "term", 0, self.year),
            ("spring", "term", None, self.year), ("q1", "gradingPeriod", 1, self.year),
            ("q3", "gradingPeriod", 2, self.year), ("past", "term", None, self.old_year),
        ):  # fmt: skip
            parent = None if above is None else self.terms[above]
            self.terms += self.rows(models.Term, name, [
                {"school_year": year, "parent": parent, "kind": kind, "title": name,
                 "start_date": make.YEAR_START, "end_date": half}
            ])  # fmt: skip
        masters = self.rows(models.CourseMaster, "master", [
            {"title": "Algebra", "external_lms_exclude": seldom(chance)} for _ in range(3)
        ], ends=False)  # fmt: skip
        self.courses = self.rows(models.Course, "course", [
            {"course_master": chance.choice([None, *masters]), "school": school, "title": "Algebra", "number": "A1",
             "school_year": chance.choice([None, self.year, self.old_year]),
             "active": not seldom(chance), "external_lms_exclude": seldom(chance)}
            for school in [None, *self.schools]
        ])  # fmt: skip
        self.sections = self.rows(models.Section, "section", [
            {"course": chance.choice(self.courses), "calendar": calendar, "title": "Algebra 1", "number": "1",
             "homeroom": seldom(chance), "room": "12", "periods": ["3"], "active": not seldom(chance),
             "external_lms_exclude": seldom(chance)}
            for calendar in self.calendars for _ in range(2)
        ])  # fmt: skip
        self.links(models.Section.terms.through, "section", self.sections, "term", self.terms, 0.25)

    def people_and_accounts(self) -> None:
        chance = self.chance
        facts: list[dict[str, Any]] = []
        for number in range(12):
            email = chance.choice(["", f"p{number}@example.org"])
            facts.append({
                "given_name": "Ada", "family_name": f"Family {number}",
                "preferred_given_name": chance.choice(["", "Al"]), "local_id": chance.choice(["", str(number)]),
                "state_id": chance.choice(["", f"S{number}"]),
                "email": email, "secondary_email": chance.choice(["", email, f"q{number}@example.org"]),
                "other_phone": "555", "cell_phone": chance.choice(["", "556"]),
                "primary_school": chance.choice([None, *self.schools]), "external_lms_exclude": seldom(chance),
            })  # fmt: skip
        self.people = self.rows(models.Person, "person", facts)
        models.Account.objects.bulk_create(
            models.Account(
                person=person, username=chance.choice(["twice", person.sourced_id]), enabled=not seldom(chance)
            )
            for person in self.people if chance.random() < 0.7
        )  # fmt: skip
        models.Demographics.objects.bulk_create(
            models.Demographics(person=person, sex="female", asian=chance.choice([None, True, False]),
                                ended_at=GONE if seldom(chance) else None)
            for person in self.people if chance.random() < 0.5
        )  # fmt: skip

    def places(self) -> None:
        chance = self.chance
        students = [chance.choice(self.people[CHILDREN]) for _ in range(8)] + self.people[:2]
        levels = [chance.choice(self.levels) for _ in range(8)] + [self.levels[0], self.levels[-1]]
        self.enrollments = self.rows(models.Enrollment, "enrollment", [
            {"person": student, "calendar": level.calendar, "grade_level": chance.choice([None, level]),
             "no_show": seldom(chance), "external_lms_exclude": seldom(chance),
             "service_type": chance.choice(["primary", "primary", "secondary"]), **self.dates()}
            for student, level in zip(students, levels, strict=True)
        ])  # fmt: skip
        self.assignments = self.rows(models.DistrictAssignment, "assignment", [
            {"person": chance.choice(self.people[STAFF]), "school": chance.choice(self.schools),
             "teacher": chance.random() < 0.7, "roles": chance.choice([[], ["program"]]),
             "administrative_role": chance.choice(["", "", "principal"]), "external_lms_exclude": seldom(chance),
             **self.dates()}
            for _ in range(6)
        ])  # fmt: skip

    def relationships(self) -> None:
        """Random ones, and one parent of the two children who go to the first and to the last school."""
        chance = self.chance
        pairs = [(student, contact) for student in self.people[CHILDREN] for contact in self.people]
        chosen = chance.sample([(one, other) for one, other in pairs if one != other and other != self.people[11]], 7)
        chosen += [(self.people[0], self.people[11]), (self.people[1], self.people[11])]
        self.contacts = self.rows(models.Relationship, "relationship", [
            {"student": student, "contact": contact, "guardian": chance.random() < 0.6,
             "portal": chance.random() < 0.85, **self.dates(0.8)}
            for student, contact in chosen
        ])  # fmt: skip

    def rosters(self) -> None:
        chance = self.chance
        self.entries = self.rows(models.RosterEntry, "entry", [
            {"section": chance.choice(self.sections), "person": chance.choice(self.people[CHILDREN]), **self.dates()}
            for _ in range(12)
        ])  # fmt: skip
        self.staff = self.rows(models.SectionStaff, "staff", [
            {"section": chance.choice(self.sections), "person": chance.choice(self.people[STAFF]),
             "kind": chance.choice(["primary teacher", "teacher", "other"]), **self.dates()}
            for _ in range(10)
        ])  # fmt: skip

    def resources(self) -> None:
        made = self.rows(models.Resource, "resource", [
            {"vendor_resource_id": f"v{number}", "title": "Book"} for number in range(4)
        ])  # fmt: skip
        for model, name, owners in (
            (models.Section, "section", self.sections), (models.Course, "course", self.courses),
            (models.Person, "person", self.people),
        ):  # fmt: skip
            self.links(model.resources.through, name, owners, "resource", made, 0.1)

    def links(self, through: Any, one: str, ones: list[Any], many: str, others: list[Any], share: float) -> None:
        through.objects.bulk_create(
            through(**{one: each, many: other})
            for each in ones for other in others if self.chance.random() < share
        )  # fmt: skip

    def disturb(self) -> None:
        """Change one to three things the way a school day does."""
        if not self.calendars:
            return
        acts = [self._toggle_exclusion, self._toggle_no_show, self._move, self._new_dates, self._regard, self._leave]
        for _ in range(self.chance.randint(1, 3)):
            self.chance.choice(acts)()

    def _toggle_exclusion(self) -> None:
        rows = self.chance.choice([
            self.people, self.enrollments, self.assignments, self.sections, self.courses, self.calendars, self.schools,
            self.levels,
        ])  # fmt: skip
        row = self.chance.choice(rows)
        row.external_lms_exclude = not row.external_lms_exclude
        row.save()

    def _toggle_no_show(self) -> None:
        row = self.chance.choice(self.enrollments)
        row.no_show = not row.no_show
        row.save()

    def _move(self) -> None:
        """A student changes schools, or a member of staff does."""
        row = self.chance.choice(self.enrollments)
        row.calendar, row.grade_level = self.chance.choice(self.calendars), None
        row.save()
        assignment = self.chance.choice(self.assignments)
        assignment.school = self.chance.choice(self.schools)
        assignment.save()

    def _new_dates(self) -> None:
        rows = [self.enrollments, self.assignments, self.contacts, self.entries, self.staff]
        row = self.chance.choice(self.chance.choice(rows))
        row.end_date = near(self.chance)
        row.save()

    def _regard(self) -> None:
        """A guardian is a mere relative from now on, or the other way round; somebody marries."""
        row = self.chance.choice(self.contacts)
        row.guardian = not row.guardian
        row.save()
        person = self.chance.choice(self.people)
        person.family_name = self.chance.choice(["Jones", "Smith"])
        person.secondary_email = self.chance.choice(["", person.email, "new@example.org"])
        person.save()

    def _leave(self) -> None:
        """The SIS stops sending something, or sends it again."""
        rows = [self.enrollments, self.assignments, self.contacts, self.entries, self.staff, self.sections, self.terms]
        row = self.chance.choice(self.chance.choice(rows))
        row.ended_at = None if row.ended_at else GONE
        row.save()
