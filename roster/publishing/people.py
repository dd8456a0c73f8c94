"""Facts of users and demographics: who has which role where, from bulk queries."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from roster.models import Demographics, Enrollment, Person, School
from roster.publishing.draft import ACTIVE, ENDED, Draft, Setting, audience, day, unique
from roster.visibility import (
    ADMINISTRATOR,
    AIDE,
    CONTACT,
    STAFF,
    STUDENT,
    TEACHER,
    Effect,
    meets,
    passing,
    with_effect,
)

RANK = {
    name: rank
    for rank, name in enumerate(
        [
            "student",
            "teacher",
            "districtAdministrator",
            "siteAdministrator",
            "principal",
            "aide",
            "guardian",
            "relative",
        ]
    )
}
CONTACT_ROLES = {"guardian", "relative"}


class Role(NamedTuple):
    """One role of a person at one school; `primary` is the SIS's service type of a student."""

    name: str
    school: int
    begin: datetime.date | None = None
    end: datetime.date | None = None
    source: str = ""
    primary: bool = True
    grade: str = ""

    @property
    def order(self) -> tuple[Any, ...]:
        """Students' primary enrollments first, the earliest of them before the others."""
        return (RANK[self.name], not self.primary, day(self.begin), self.source, self.school)


@dataclass
class People:
    """Roles of everyone who is shared: by person id; `ended` for students whose last enrollment is over."""

    setting: Setting
    roles: dict[int, list[Role]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[int, list[Role]] = field(default_factory=lambda: defaultdict(list))
    agents: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    schools: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, setting: Setting) -> "People":
        """Read all roles: three statements."""
        people = cls(setting)
        people.schools = dict(School.objects.order_by().values_list("pk", "sourced_id"))
        people._read_students()
        people._read_staff()
        people._read_contacts()
        return people

    def _read_students(self) -> None:
        moment, local = self.setting.moment, self.setting.settings.local_grades
        lasting = passing(with_effect(STUDENT, Effect.HIDES, Effect.PROTECTS), moment)
        rows = lasting.annotate(live=meets(with_effect(STUDENT, Effect.ENDS), moment)).values_list(
            "person_id", "calendar__school_id", "start_date", "end_date", "sourced_id", "service_type",
            "grade_level__local_grade" if local else "grade_level__nces_grade", "live",
        )  # fmt: skip
        for person, school, begin, end, source, service, grade, live in rows.iterator(10_000):
            primary = service == Enrollment.ServiceType.PRIMARY
            role = Role("student", school, begin, end, source, primary, grade or "")
            (self.roles if live else self.ended)[person].append(role)

    def _read_staff(self) -> None:
        moment = self.setting.moment
        rows = (
            passing(STAFF, moment)
            .annotate(
                teaches=meets(TEACHER[len(STAFF) :], moment),
                aids=meets(AIDE[len(STAFF) :], moment),
                administers=meets(ADMINISTRATOR[len(STAFF) :], moment),
            )
            .values_list(
                "person_id", "school_id", "start_date", "end_date", "sourced_id", "teaches", "aids", "administers",
                "administrative_role",
            )
        )  # fmt: skip
        for person, school, begin, end, source, teaches, aids, administers, administrative in rows.iterator(10_000):
            names = [("teacher", teaches), (administrative, administers), ("aide", aids)]
            self.roles[person].extend(Role(name, school, begin, end, source) for name, has in names if has)
            if not self.roles[person]:
                del self.roles[person]

    def _read_contacts(self) -> None:
        """A contact has a role at each school of their shared students."""
        schools: dict[int, set[int]] = {}
        for person, roles in self.roles.items():
            if own := {role.school for role in roles if role.name == "student"}:
                schools[person] = own
        rows = passing(CONTACT, self.setting.moment).values_list("student_id", "contact_id", "guardian")
        for student, contact, guardian in rows.iterator(10_000):
            name = "guardian" if guardian else "relative"
            self.roles[contact].extend(Role(name, school) for school in sorted(schools[student]))
            self.agents[student].append((contact, name))
            self.agents[contact].append((student, name))

    def holders(self, person: int) -> set[tuple[int, str]]:
        """Return at which schools the person is what: guardian, relative, or blank for everything else."""
        roles = self.roles.get(person) or self.ended.get(person) or ()
        return {(role.school, role.name if role.name in CONTACT_ROLES else "") for role in roles}

    def typed_roles(self, roles: list[Role]) -> list[tuple[str, Role]]:
        """Return the roles in order with roleType: one per school and role, at most one primary per school.

        Of a student's enrollments the earliest with service type primary is primary, all others are secondary.
        """
        seen: set[tuple[str, int]] = set()
        taken: set[int] = set()
        typed = []
        first_student = True
        for role in sorted(roles, key=lambda role: role.order):
            if (role.name, role.school) in seen:
                continue
            seen.add((role.name, role.school))
            primary = role.school not in taken
            if role.name == "student":
                primary = first_student and role.primary
                first_student = False
            if primary:
                taken.add(role.school)
            typed.append(("primary" if primary else "secondary", role))
        return typed


PERSON_FIELDS = (
    "pk", "sourced_id", "given_name", "family_name", "middle_name", "preferred_given_name", "preferred_middle_name",
    "preferred_family_name", "pronouns", "local_id", "state_id", "master_identifier", "email", "secondary_email",
    "other_phone", "cell_phone", "primary_school_id", "account__username", "account__enabled",
)  # fmt: skip


def users(people: People) -> Iterator[Draft]:
    """Yield every shared person, and the students whose last enrollment of the active year has ended."""
    rows = list(Person.objects.order_by().values_list(*PERSON_FIELDS).iterator(10_000))
    sourced_ids = {row[0]: row[1] for row in rows}
    resources: dict[int, list[str]] = defaultdict(list)
    links = Person.resources.through.objects.filter(resource__ended_at=None)
    for person, resource in links.values_list("person_id", "resource__sourced_id").order_by("resource__sourced_id"):
        resources[person].append(resource)
    for row in rows:
        person = row[0]
        live = person in people.roles
        roles = people.roles[person] if live else people.ended.get(person)
        if not roles:
            continue
        facts = _user_facts(row, people.typed_roles(roles), people)
        facts["resources"] = resources.get(person)
        agents = people.agents.get(person, []) if live else []
        facts["agents"] = sorted({sourced_ids[other] for other, _ in agents})
        schools = tuple(sorted({role.school for role in roles}))
        kinds, seen = audience(people.holders(person))
        hidden: dict[str, Any] = {"_secondaryEmail": row[13], "_seen": seen}
        if any(name == "relative" for _, name in agents):  # otherwise all are guardians and their children
            for kind in sorted(CONTACT_ROLES):
                hidden[f"_{kind}s"] = sorted({sourced_ids[other] for other, name in agents if name == kind})
        if len(schools) > 1:  # then who of them is shown may change although nothing on the wire does
            hidden["_agents"] = sorted((sourced_ids[other], sorted(people.holders(other))) for other, _ in agents)
        hidden = {name: value for name, value in hidden.items() if value}
        yield Draft(row[1], facts, schools, ACTIVE if live else ENDED, kinds, hidden)


def _user_facts(row: tuple[Any, ...], typed: list[tuple[str, Role]], people: People) -> dict[str, Any]:
    (_, _, given, family, middle, preferred_given, preferred_middle, preferred_family, pronouns, local_id, state_id,
     master, email, _, phone, sms, home, username, enabled) = row  # fmt: skip
    schools = people.schools
    first = typed[0][1].school
    at_home = home in {role.school for _, role in typed} and typed[0][1].name != "student"
    return {
        "username": username,
        "userMasterIdentifier": master,
        "userIds": [{"type": "stateID", "identifier": state_id}] if state_id else None,
        "enabledUser": not (people.setting.settings.report_disabled_accounts and enabled is False),
        "givenName": given,
        "familyName": family,
        "middleName": middle,
        "preferredFirstName": preferred_given,
        "preferredMiddleName": preferred_middle,
        "preferredLastName": preferred_family,
        "pronouns": pronouns,
        "identifier": local_id,
        "email": email,
        "phone": phone,
        "sms": sms,
        "roles": [
            {
                "roleType": kind,
                "role": role.name,
                "org": schools[role.school],
                "beginDate": role.begin,
                "endDate": role.end,
            }
            for kind, role in typed
        ],
        "primaryOrg": schools[home if at_home else first],
        "grades": unique(role.grade for _, role in typed),
    }


DEMOGRAPHICS = {
    "birth_date": "birthDate",
    "sex": "sex",
    "american_indian_or_alaska_native": "americanIndianOrAlaskaNative",
    "asian": "asian",
    "black_or_african_american": "blackOrAfricanAmerican",
    "native_hawaiian_or_other_pacific_islander": "nativeHawaiianOrOtherPacificIslander",
    "white": "white",
    "two_or_more_races": "demographicRaceTwoOrMoreRaces",
    "hispanic_or_latino": "hispanicOrLatinoEthnicity",
    "country_of_birth": "countryOfBirthCode",
    "state_of_birth": "stateOfBirthAbbreviation",
    "city_of_birth": "cityOfBirth",
    "public_school_residence_status": "publicSchoolResidenceStatus",
}


def demographics(people: People) -> Iterator[Draft]:
    """Yield the demographics of shared students and staff, at the schools where they are that."""
    rows = Demographics.objects.filter(ended_at=None).order_by()
    for person, sourced_id, *values in rows.values_list("person_id", "person__sourced_id", *DEMOGRAPHICS).iterator():
        own = {role.school for role in people.roles.get(person, ()) if role.name not in CONTACT_ROLES}
        if own:
            yield Draft(sourced_id, dict(zip(DEMOGRAPHICS.values(), values, strict=True)), tuple(sorted(own)))
