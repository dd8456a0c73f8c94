"""People as OneRoster 1.1 tells them: one user for each role, each with an id of its own (seeds/002)."""

from collections.abc import Iterable, Iterator
from typing import Any

from roster.publishing.classes import Seat
from roster.publishing.demographics import facts
from roster.publishing.draft import ACTIVE, ENDED, Draft, unique
from roster.publishing.identity import Ids
from roster.publishing.people import CONTACT_ROLES, People, PersonRow, Role, person_facts
from roster.roles import ROLES
from roster.wire.demographics import OLD_SEXES


def users(people: People, rows: Iterable[PersonRow]) -> Iterator[Draft]:
    """Yield a user for each role of those of these people who have a username."""
    for row in rows:
        person = row.pk
        live, roles = people.roles_of(person)
        base: dict[str, Any] = {}
        for role, held in _by_role(roles).items():
            if (person, role) not in people.ids:
                continue
            base = base or person_facts(row, people)
            agents = _agents(people, person, role) if live else []
            told = base | {
                "role": role,
                "orgs": unique(people.schools[each.school] for each in held),
                "grades": unique(each.nces_grade for each in held),
                "agents": [name for name, _ in agents],
                "sms": None,
            }
            schools = tuple(sorted({each.school for each in held}))
            hidden: dict[str, Any] = {"_secondaryEmail": row.secondary_email}
            if len(schools) > 1:  # then who of them is shown may change although nothing on the wire does
                hidden["_agents"] = [(name, sorted(people.holders(other))) for name, other in agents]
            kept = {name: value for name, value in hidden.items() if value}
            kind = role if role in CONTACT_ROLES else ""
            state = ACTIVE if live else ENDED
            yield Draft(people.ids[person, role], told, schools, state, kind, kept or None, row.sourced_id)


def _by_role(roles: list[Role]) -> dict[str, list[Role]]:
    """Return the first role of each name and school in their order, gathered under those of 1.1."""
    first = {(role.name, role.school): role for role in sorted(roles, key=lambda role: role.order, reverse=True)}
    found: dict[str, list[Role]] = {}
    for role in sorted(first.values(), key=lambda role: role.order):
        found.setdefault(ROLES[role.name], []).append(role)
    return found


def _agents(people: People, person: int, role: str) -> list[tuple[str, int]]:
    """Return the 1.1 ids of a student's guardians and relatives, or of a contact's students, with who it is."""
    found: list[tuple[int, str]] = []
    if role == "student":
        found = people.contacts.get(person, [])
    elif role in CONTACT_ROLES:
        found = [(student, "student") for student, name in people.charges.get(person, ()) if name == role]
    return sorted({(people.ids[key], key[0]) for key in found if key in people.ids})


def demographics(people: People, rows: Iterable[tuple[Any, ...]]) -> Iterator[Draft]:
    """Yield the demographics of each user that is not a guardian or relative, without what 1.1 has no word for."""
    for person, told in facts(rows):
        _, roles = people.roles_of(person)
        if person not in people.roles:
            continue
        if told["sex"] not in OLD_SEXES:
            told["sex"] = ""
        for role, held in _by_role(roles).items():
            if role not in CONTACT_ROLES and (person, role) in people.ids:
                schools = tuple(sorted({each.school for each in held}))
                yield Draft(people.ids[person, role], told, schools, person=people.sourced_ids[person])


def enrollments(ids: Ids, seats: Iterable[Seat]) -> Iterator[Draft]:
    """Yield those of these enrollments whose person has a user in that role."""
    for person, draft in seats:
        if user := ids.get((person, draft.facts["role"])):
            yield Draft(draft.sourced_id, draft.facts | {"user": user}, draft.schools, person=draft.facts["user"])
