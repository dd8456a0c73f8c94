"""Facts of users: who has which role where, from bulk queries."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from interop.oneroster.resource import V1P1
from roster.models import Enrollment, Person, School
from roster.publishing.draft import ACTIVE, ENDED, Draft, Setting, audience, chunks, day, unique
from roster.publishing.identity import Ids, identities, spellings
from roster.publishing.part import Narrowed, narrowed
from roster.publishing.pieces import Answer
from roster.roles import ID_IN_11, ROLES
from roster.visibility import (
    ADMINISTRATOR,
    AIDE,
    CONTACT,
    STAFF,
    STUDENT,
    TEACHER,
    USER_11,
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
PIECE = 2_000
"""Of as many people all is known at a time."""


class Role(NamedTuple):
    """One role of a person at one school; `primary` is the SIS's service type of a student."""

    name: str
    school: int
    begin: datetime.date | None = None
    end: datetime.date | None = None
    source: str = ""
    primary: bool = True
    nces_grade: str = ""
    local_grade: str = ""

    @property
    def order(self) -> tuple[Any, ...]:
        """Students' primary enrollments first, the earliest of them before the others."""
        return (RANK[self.name], not self.primary, day(self.begin), self.source, self.school)


@cache
def _roles_in_11(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what 1.1 calls these roles, once in memory: thousands have the same."""
    return tuple(unique(ROLES[name] for name in names))


@dataclass
class People:
    """Roles of everyone who is shared: by person id; `ended` for students whose last enrollment is over.

    In a part of the district those of its people alone; `sourced_ids` are those of all that were read.
    `contacts` are (person, guardian or relative) of students, `charges` the students of contacts, `ids` those of 1.1.
    What else is told of somebody is read when it is: in a large district that would be most of the memory.
    """

    setting: Setting
    roles: dict[int, list[Role]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[int, list[Role]] = field(default_factory=lambda: defaultdict(list))
    contacts: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    charges: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    schools: dict[int, str] = field(default_factory=dict)
    sourced_ids: dict[int, str] = field(default_factory=dict)
    ids: Ids = field(default_factory=dict)

    @classmethod
    def read(cls, setting: Setting) -> "People":
        """Read who there is, with roles and ids: six statements."""
        people = cls(setting)
        people.schools = dict(School.objects.order_by().values_list("pk", "sourced_id"))
        people._read_students()
        people._read_staff()
        people._read_contacts()
        people._read_ids()
        return people

    def _read_students(self) -> None:
        moment = self.setting.moment
        lasting = narrowed(
            passing(with_effect(STUDENT, Effect.HIDES, Effect.PROTECTS), moment), person=self.setting.part.read
        )
        rows = lasting.annotate(live=meets(with_effect(STUDENT, Effect.ENDS), moment)).values_list(
            "person_id", "calendar__school_id", "start_date", "end_date", "sourced_id", "service_type",
            "grade_level__nces_grade", "grade_level__local_grade", "live",
        )  # fmt: skip
        for person, school, begin, end, source, service, nces, local, live in rows.iterator(10_000):
            primary = service == Enrollment.ServiceType.PRIMARY
            role = Role("student", school, begin, end, source, primary, nces or "", local or "")
            (self.roles if live else self.ended)[person].append(role)

    def _read_staff(self) -> None:
        moment = self.setting.moment
        rows = (
            narrowed(passing(STAFF, moment), person=self.setting.part.read)
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
        read = self.setting.part.read
        shared = narrowed(passing(CONTACT, self.setting.moment), student=read, contact=read)
        rows = shared.values_list("student_id", "contact_id", "guardian")
        role = cache(Role)  # thousands have the same one
        for student, contact, guardian in rows.iterator(10_000):
            name = "guardian" if guardian else "relative"
            schools = {each.school for each in self.roles[student] if each.name == "student"}
            self.roles[contact].extend(role(name, school) for school in sorted(schools))
            self.contacts[student].append((contact, name))
            self.charges[contact].append((student, name))

    def _read_ids(self) -> None:
        part = self.setting.part
        spelled: dict[int, tuple[str, str]] = {}
        in_11: set[int] = set()
        rows = self.persons(part.read).values_list("pk", "sourced_id", "local_id", "in_11")
        for person, name, local_id, has_username in rows.iterator(10_000):
            self.sourced_ids[person] = name
            spelled[person] = name, local_id
            if has_username:
                in_11.add(person)
        wanted = {
            person: _roles_in_11(tuple(role.name for role in sorted(roles, key=lambda role: role.order)))
            for shared in (self.roles, self.ended)
            for person, roles in shared.items()
            if person in in_11 and (shared is self.roles or person not in self.roles)
        }
        complete = wanted if part.known is None else {each: wanted[each] for each in wanted.keys() & part.known}
        known = identities(complete, spelled, prefixed=self.setting.settings.role_prefixed_ids, people=part.read)
        told = ((key, name) for key, name in known.items() if key[1] in wanted.get(key[0], ()))
        self.ids = {key: self._once(key[0], name) for key, name in told}

    def _once(self, person: int, name: str) -> str:
        """Return the name, which most have in both versions: then the same text, once in memory."""
        return self.sourced_ids[person] if name == self.sourced_ids[person] else name

    def persons(self, chosen: Narrowed) -> QuerySet[Any]:
        """Return these people, or all, marked with whether 1.1 may tell of them."""
        people = narrowed(Person.objects.order_by(), pk=chosen)
        marked: QuerySet[Any] = people.annotate(in_11=meets(USER_11, self.setting.moment))
        return marked

    @cached_property
    def told(self) -> list[int]:
        """The people whose users are told, all or those of the part, by their first school."""
        chosen = self.setting.part.people
        people = (person for person in self.sourced_ids if chosen is None or person in chosen)
        return sorted(people, key=lambda person: min((role.school for role in self.roles_of(person)[1]), default=0))

    @cached_property
    def users_in_11(self) -> Counter[int]:
        """How many users of 1.1 each person is."""
        return Counter(person for person, _ in self.ids)

    def names(self, version: int) -> list[str] | None:
        """Return the sourcedIds under which they are or were published; None when that is everybody."""
        if self.setting.part.people is None:
            return None
        if version == V1P1:
            return spellings(self.setting.part.people)
        return [self.sourced_ids[person] for person in self.told]

    def roles_of(self, person: int) -> tuple[bool, list[Role]]:
        """Return whether the person is shared as active, and the roles that are told."""
        live = person in self.roles
        return live, self.roles[person] if live else self.ended.get(person, [])

    def agents_of(self, person: int) -> list[tuple[int, str]]:
        """Return everybody related to the person, in either direction, with the kind of relationship."""
        return [*self.contacts.get(person, ()), *self.charges.get(person, ())]

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


class PersonRow(NamedTuple):
    """What is read of a person; `in_11` says whether the rules of 1.1 allow a user."""

    pk: int
    sourced_id: str
    given_name: str
    family_name: str
    middle_name: str
    preferred_given_name: str
    preferred_middle_name: str
    preferred_family_name: str
    pronouns: str
    local_id: str
    state_id: str
    master_identifier: str
    email: str
    secondary_email: str
    other_phone: str
    cell_phone: str
    primary_school: int | None
    username: str | None
    enabled: bool | None
    in_11: bool


ELSEWHERE = {"primary_school": "primary_school_id", "username": "account__username", "enabled": "account__enabled"}
PERSON_FIELDS = tuple(ELSEWHERE.get(name, name) for name in PersonRow._fields)


def rows(people: People) -> Iterator[tuple[list[int], Answer]]:
    """Yield those who are told and have or had a role, some at a time, with PERSON_FIELDS of each."""
    for some in chunks((person for person in people.told if people.roles_of(person)[1]), PIECE):
        yield some, Answer(people.persons(some).values_list(*PERSON_FIELDS))


def in_order(some: list[int], rows: Iterable[tuple[Any, ...]]) -> Iterator[PersonRow]:
    """Yield the rows of these people in their order."""
    found = {row[0]: row for row in rows}
    return (PersonRow._make(found[person]) for person in some)


def resources(people: People) -> dict[int, list[str]]:
    """Return the sourcedIds of the resources of each person."""
    found: dict[int, list[str]] = defaultdict(list)
    links = Person.resources.through.objects.filter(resource__ended_at=None)
    links = narrowed(links, person=people.setting.part.people)
    for person, resource in links.values_list("person_id", "resource__sourced_id").order_by("resource__sourced_id"):
        found[person].append(resource)
    return found


def users(people: People, resources: dict[int, list[str]], rows: Iterable[PersonRow]) -> Iterator[Draft]:
    """Yield the users of these people."""
    names = people.sourced_ids
    for row in rows:
        person = row.pk
        live, roles = people.roles_of(person)
        typed = people.typed_roles(roles)
        facts = person_facts(row, people) | _role_facts(row, typed, people)
        facts["resources"] = resources.get(person)
        agents = people.agents_of(person) if live else []
        facts["agents"] = sorted({names[other] for other, _ in agents})
        facts["metadata"] = _ids_in_11(people, row, typed)
        schools = tuple(sorted({role.school for role in roles}))
        kinds, seen = audience(people.holders(person))
        hidden: dict[str, Any] = {"_secondaryEmail": row.secondary_email, "_seen": seen}
        if any(name == "relative" for _, name in agents):  # otherwise all are guardians and their children
            for kind in sorted(CONTACT_ROLES):
                hidden[f"_{kind}s"] = sorted({names[other] for other, name in agents if name == kind})
        if len(schools) > 1:  # then who of them is shown may change although nothing on the wire does
            hidden["_agents"] = sorted((names[other], sorted(people.holders(other))) for other, _ in agents)
        hidden = {name: value for name, value in hidden.items() if value}
        yield Draft(row.sourced_id, facts, schools, ACTIVE if live else ENDED, kinds, hidden)


def _ids_in_11(people: People, row: PersonRow, typed: list[tuple[str, Role]]) -> dict[str, str] | None:
    """Return the person's ids in 1.1 as metadata, where they are others than here."""
    roles = unique(ROLES[role.name] for _, role in typed)
    ids = {ID_IN_11 + role: people.ids.get((row.pk, role), row.sourced_id) for role in roles}
    return {name: value for name, value in ids.items() if value != row.sourced_id} or None


def person_facts(row: PersonRow, people: People) -> dict[str, Any]:
    """Return what both versions tell of a person, whatever the roles."""
    report = people.setting.settings.report_disabled_accounts
    return {
        "username": row.username,
        "userMasterIdentifier": row.master_identifier,
        "userIds": [{"type": "stateID", "identifier": row.state_id}] if row.state_id else None,
        "enabledUser": not (report and row.enabled is False),
        "givenName": row.given_name,
        "familyName": row.family_name,
        "middleName": row.middle_name,
        "preferredFirstName": row.preferred_given_name,
        "preferredMiddleName": row.preferred_middle_name,
        "preferredLastName": row.preferred_family_name,
        "pronouns": row.pronouns,
        "identifier": row.local_id,
        "email": row.email,
        "phone": row.other_phone,
        "sms": row.cell_phone,
    }


def _role_facts(row: PersonRow, typed: list[tuple[str, Role]], people: People) -> dict[str, Any]:
    schools, local = people.schools, people.setting.settings.local_grades
    first = typed[0][1].school
    at_home = row.primary_school in {role.school for _, role in typed} and typed[0][1].name != "student"
    return {
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
        "primaryOrg": schools[row.primary_school if at_home and row.primary_school else first],
        "grades": unique(role.local_grade if local else role.nces_grade for _, role in typed),
    }
