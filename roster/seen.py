"""What a connection would get now, counted and looked up: published records as its grant sees them.

People are counted by the roles the grant is shown, so somebody who teaches at one school and counsels at another is
a teacher there and staff here, and neither at a school the connection does not have.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from connections.grants import Grant, grant_of, with_changes
from connections.models import Connection
from roster.endpoints import ENDPOINTS
from roster.reading.groups import Group, Orgs, groups, opposite, roles_shown, schools_of_orgs, surely
from roster.reading.records import Shown, by_sourced_id
from roster.reading.scope import Sql, in_scope, reachable

STUDENT, TEACHER, STAFF, GUARDIAN, RELATIVE = "student", "teacher", "staff", "guardian", "relative"
MEMBER = "member"
"""Everybody who is not only a parent, guardian or relative."""
PEOPLE = {
    STUDENT: _("Students"), TEACHER: _("Teachers"), STAFF: _("Other staff"), GUARDIAN: _("Guardians"),
    RELATIVE: _("Relatives"),
}  # fmt: skip
OBJECTS = {
    "user": _("People"), "class": _("Classes"), "enrollment": _("Enrollments"), "demographics": _("Demographics"),
    "course": _("Courses"), "org": _("Schools and district"), "academicSession": _("Terms and grading periods"),
    "resource": _("Resources"),
}  # fmt: skip
KINDS: Mapping[str, Any] = PEOPLE | {name: title for name, title in OBJECTS.items() if name != "user"}
"""What is counted, in the order it is shown."""
KIND_OF_ROLE = {"student": STUDENT, "teacher": TEACHER, "guardian": GUARDIAN, "parent": GUARDIAN, "relative": RELATIVE}
KindAt = tuple[str, int | None]


@dataclass(frozen=True)
class Counts:
    """How much a grant sees: by kind of KINDS, `user` and `member`; `ended` is what it is told as tobedeleted."""

    total: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    by_school: Mapping[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, group: Group, grant: Grant, orgs: Orgs) -> None:
        """Count the records of a group that the grant sees as they are."""
        places = kinds(group, grant, orgs)
        names = {kind for kind, _school in places} | {group.object}
        if names & {STUDENT, TEACHER, STAFF}:
            names.add(MEMBER)
        for name in names:
            self.total[name] += group.number
        for kind, school in places:
            if school is not None:
                self.by_school[school][kind] += group.number


def shared_objects(grant: Grant, among: Collection[str] = ()) -> frozenset[str]:
    """Return the wire objects some endpoint would give the grant, of these only when some are named."""
    shared = frozenset(
        each.resource
        for each in ENDPOINTS
        if each.exists_in(grant.version) and grant.scopes.intersection(each.scopes_in(grant.version))
    )
    return shared.intersection(among) if among else shared


def counts(grant: Grant, objects: Collection[str] = ()) -> Counts:
    """Return how much the grant sees, of these objects only when some are named; two statements."""
    return counts_beside(grant, (), objects)[0]


def counts_beside(grant: Grant, others: Sequence[Grant], objects: Collection[str] = ()) -> list[Counts]:
    """Return how much the grant sees, then how much each of the others does; two statements however many."""
    grants = (grant, *others)
    tests = [sees(each, objects) for each in grants]
    told = [Counts() for _each in grants]
    orgs = schools_of_orgs(grant.version)
    former = surely(reachable(grant), _of(grant, objects), opposite(tests[0]))
    wanted = frozenset().union(*(shared_objects(each, objects) for each in grants))
    for group in groups(grant.version, wanted, [*tests, former]):
        *passed, gone = group.passed
        for each, count, seen in zip(grants, told, passed, strict=True):
            if seen and group.active:
                count.add(group, each, orgs)
            elif seen:
                count.ended[group.object] += group.number
        if gone:
            told[0].ended[group.object] += group.number
    return told


def shared_with(connection: Connection) -> dict[str, int]:
    """Return how many records each switch of a connection stands for at its schools, whether or not it is on."""
    grant = with_changes(grant_of(connection), guardians=True, relatives=True, demographics=True)
    total = counts(grant, ("user", "demographics")).total
    return {
        "roster": total[MEMBER],
        "share_demographics": total["demographics"],
        "share_guardians": total[GUARDIAN],
        "share_relatives": total[RELATIVE],
    }


def record(grant: Grant, wire_object: str, sourced_id: str) -> Shown | None:
    """Return one record as the grant gets it, maybe as a tombstone; None when it gets none."""
    if wire_object not in shared_objects(grant):
        return None
    return by_sourced_id(grant, [(wire_object, sourced_id)], lost_too=True).get((wire_object, sourced_id))


def kinds(group: Group, grant: Grant, orgs: Orgs) -> set[KindAt]:
    """Return (kind, school) of each place where the grant sees these records; school None: the whole district."""
    if group.object == "user":
        return {(KIND_OF_ROLE.get(role, STAFF), school) for role, school in roles_shown(group.roles, grant, orgs)}
    return {(group.object, school) for school in group.schools_in(grant)} or {(group.object, None)}


def sees(grant: Grant, objects: Collection[str] = ()) -> Sql:
    """Return the predicate for the records the grant sees as they are, of these objects only when some are named."""
    return surely(in_scope(grant), _of(grant, objects))


def _of(grant: Grant, objects: Collection[str]) -> Sql:
    return "r.object = ANY(%s::text[])", [sorted(shared_objects(grant, objects))]
