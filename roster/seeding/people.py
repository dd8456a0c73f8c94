"""Students, families and staff of the synthetic district."""

import datetime
from dataclasses import dataclass, field
from random import Random
from typing import Any

from roster.models import Account, Demographics, DistrictAssignment, Enrollment, Person, Relationship
from roster.seeding.structure import Place, Years
from roster.seeding.tables import Tables
from roster.seeding.words import FAMILY_NAMES, GIVEN_NAMES, PRONOUNS

ODD_IDS = ("student/{n}", "student@{n}", "student_{n}.a")


@dataclass
class Pupil:
    """A student who sits in classes of one school; `until` is the day a leaver left."""

    person: int
    place: Place
    grade: str
    until: datetime.date | None = None


@dataclass
class Household:
    """The family being filled with children."""

    name: str
    guardians: list[int] = field(default_factory=list)


@dataclass
class PeopleMaker:
    """Makes the people; every choice comes from `rng` or from a running number."""

    tables: Tables
    rng: Random
    places: list[Place]
    years: Years
    today: datetime.date

    def person(self, sourced_id: str, given: str, family: str, **values: Any) -> int:
        """Make one person with an address of their own."""
        number = self.tables.count(Person) + 1
        plain = f"{given}.{family}".lower().encode("ascii", "ignore").decode().replace("'", "")
        return self.tables.add(
            Person,
            sourced_id=sourced_id,
            given_name=given,
            family_name=family,
            email=f"{plain}.{number}@example.org",
            other_phone=f"+1555{number % 10_000_000:07d}",
            **values,
        )

    def account(self, person: int, username: str) -> None:
        """Give a person an account; one in 29 is disabled."""
        self.tables.add(Account, person_id=person, username=username, enabled=person % 29 != 0)

    def staff(self, students: int) -> dict[str, list[int]]:
        """Make teachers, principals, counselors and aides; return the teachers of each school by its code."""
        teachers: dict[str, list[int]] = {place.code: [] for place in self.places}
        total = max(len(self.places) * 2, students // 15)
        for number in range(total):
            place = self.places[number % len(self.places)]
            person = self._employee(f"staff-{number + 1:05d}", number, place)
            self._assign(person, place, "", teacher=True, roles=["advisor"] if number % 20 == 3 else [])
            if number % 97 != 96:
                teachers[place.code].append(person)
            if number % 33 == 5 and len(self.places) > 1:
                other = self.places[(number + 1) % len(self.places)]
                self._assign(person, other, "-b", teacher=True)
                teachers[other.code].append(person)
        for number, place in enumerate(self.places):
            self._office(number, place)
        return teachers

    def _employee(self, sourced_id: str, number: int, place: Place, **values: Any) -> int:
        given, family = self.rng.choice(GIVEN_NAMES), self.rng.choice(FAMILY_NAMES)
        person = self.person(
            sourced_id,
            given,
            family,
            local_id=f"E{number + 1:05d}",
            primary_school_id=place.school,
            cell_phone=f"+1556{number:07d}",
            external_lms_exclude=sourced_id.startswith("staff") and number % 211 == 17,
            **values,
        )
        self.account(person, sourced_id.replace("-", ""))
        return person

    def _assign(self, person: int, place: Place, suffix: str, **values: Any) -> None:
        start = self.years.first_day - datetime.timedelta(days=14)
        count = self.tables.count(DistrictAssignment) + 1
        self.tables.add(
            DistrictAssignment,
            sourced_id=f"assignment-{count:06d}{suffix}",
            person_id=person,
            school_id=place.school,
            start_date=start,
            end_date=min(self.today, self.years.last_day) - datetime.timedelta(days=1) if count % 83 == 40 else None,
            external_lms_exclude=count % 131 == 77,
            **values,
        )

    def _office(self, number: int, place: Place) -> None:
        posts: tuple[tuple[str, dict[str, Any]], ...] = (
            ("principal", {"administrative_role": "principal", "roles": ["supervisor"]}),
            ("counselor", {"roles": ["counselor"]}),
            ("aide", {"roles": ["program"]}),
        )
        for post, values in posts:
            person = self._employee(f"{post}-{place.code}", 90_000 + number, place)
            self._assign(person, place, "", **values)

    def students(self, count: int, teachers: dict[str, list[int]]) -> list[Pupil]:
        """Make the students with their families; return those who sit in classes."""
        pupils: list[Pupil] = []
        home = Household("")
        staff = [person for group in teachers.values() for person in group]
        for number in range(count):
            if number == 0 or self.rng.random() > 0.2:
                home = self._household(number, staff)
            pupils += self._student(number, home)
        return pupils

    def _household(self, number: int, staff: list[int]) -> Household:
        home = Household(self.rng.choice(FAMILY_NAMES))
        if number % 60 == 20:
            home.guardians.append(staff[number % len(staff)])
        for which in range(1 if self.rng.random() < 0.1 else 2):
            family = home.name if self.rng.random() < 0.8 else self.rng.choice(FAMILY_NAMES)
            sourced_id = f"guardian-{number + 1:06d}-{which + 1}"
            person = self.person(
                sourced_id, self.rng.choice(GIVEN_NAMES), family, external_lms_exclude=number % 301 == 40
            )
            if person % 10:
                self.account(person, f"g{number + 1:06d}{'ab'[which]}")
            home.guardians.append(person)
        return home

    def _student(self, number: int, home: Household) -> list[Pupil]:
        place = self.rng.choice(self.places)
        grade = self.rng.choice(place.grades)
        person = self._pupil_person(number, home, place)
        self._demographics(number, person, grade)
        self._relations(number, person, home)
        pupil = self._enroll(number, person, place, grade)
        return [] if number % 89 == 50 else [pupil]

    def _pupil_person(self, number: int, home: Household, place: Place) -> int:
        odd = number % 53
        sourced_id = ODD_IDS[odd].format(n=number + 1) if odd < len(ODD_IDS) else f"student-{number + 1:06d}"
        given = self.rng.choice(GIVEN_NAMES)
        person = self.person(
            sourced_id,
            given,
            home.name,
            middle_name=self.rng.choice(GIVEN_NAMES) if number % 3 == 0 else "",
            preferred_given_name=self.rng.choice(GIVEN_NAMES) if number % 19 == 0 else "",
            pronouns=PRONOUNS[number % 3] if number % 11 == 0 else "",
            local_id=f"{100_001 + number}",
            state_id=f"99{number + 1:08d}",
            master_identifier=f"person-{number + 1}",
            secondary_email=f"family{number + 1}@example.org" if number % 4 == 0 else "",
            primary_school_id=place.school,
            external_lms_exclude=number % 199 == 60,
        )
        if number % 61 != 60:
            self.account(person, f"s{100_001 + number}")
        return person

    def _demographics(self, number: int, person: int, grade: str) -> None:
        if number % 37 == 36:
            return
        age = 5 + (0 if grade == "KG" else int(grade))
        born = datetime.date(self.years.start - age, 1, 1) + datetime.timedelta(days=self.rng.randrange(365))
        group = self.rng.randrange(6)
        self.tables.add(
            Demographics,
            person_id=person,
            birth_date=born,
            sex=("female", "male", "unspecified")[self.rng.choice((0, 0, 0, 0, 1, 1, 1, 1, 2))],
            american_indian_or_alaska_native=group == 0,
            asian=group == 1,
            black_or_african_american=group == 2,
            native_hawaiian_or_other_pacific_islander=group == 3,
            white=group == 4,
            two_or_more_races=group == 5,
            hispanic_or_latino=None if number % 23 == 5 else self.rng.random() < 0.25,
            country_of_birth="US",
            city_of_birth="Exampleton" if number % 2 else "",
        )

    def _relations(self, number: int, person: int, home: Household) -> None:
        for which, guardian in enumerate(home.guardians):
            self._relate(person, guardian, f"relation-{number + 1:06d}-{which + 1}", "Parent", guardian=True)
        if number % 40 == 7:
            relative = self.person(
                f"relative-{number + 1:06d}", self.rng.choice(GIVEN_NAMES), self.rng.choice(FAMILY_NAMES)
            )
            self.account(relative, f"r{number + 1:06d}")
            self._relate(person, relative, f"relation-{number + 1:06d}-r", "Grandparent", guardian=False)

    def _relate(self, student: int, contact: int, sourced_id: str, kind: str, *, guardian: bool) -> None:
        count = self.tables.count(Relationship) + 1
        self.tables.add(
            Relationship,
            sourced_id=sourced_id,
            student_id=student,
            contact_id=contact,
            relationship_type=kind,
            guardian=guardian,
            portal=count % 20 != 11,
            start_date=self.years.first_day,
            end_date=self.years.first_day + datetime.timedelta(days=20) if count % 150 == 30 else None,
        )

    def _enroll(self, number: int, person: int, place: Place, grade: str) -> Pupil:
        left = self.years.first_day + datetime.timedelta(days=30 + number % 40) if number % 50 == 30 else None
        if left and left >= self.today:
            left = None
        self._enrollment(
            f"enrollment-{number + 1:06d}",
            person,
            place.calendar,
            grade_level_id=place.levels[grade],
            start_date=self.years.first_day,
            end_date=left,
            no_show=number % 89 == 50,
            external_lms_exclude=number % 173 == 70,
        )
        if number % 33 == 12 and len(self.places) > 1:
            others = [other for other in self.places if other is not place]
            second = self.rng.choice(others)
            self._enrollment(
                f"enrollment-{number + 1:06d}-b",
                person,
                second.calendar,
                service_type="secondary",
                start_date=self.years.first_day,
            )
        if number % 20 == 4:
            first = datetime.date(self.years.start - 1, 8, 18)
            last = datetime.date(self.years.start, 6, 4)
            self._enrollment(
                f"enrollment-{number + 1:06d}-l", person, place.last_calendar, start_date=first, end_date=last
            )
        return Pupil(person, place, grade, left)

    def _enrollment(self, sourced_id: str, person: int, calendar: int, **values: Any) -> None:
        self.tables.add(Enrollment, sourced_id=sourced_id, person_id=person, calendar_id=calendar, **values)
