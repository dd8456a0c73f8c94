"""People as OneRoster 1.1 tells them: one user for each role, each with an id of its own (seeds/002)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from roster.publishing.demographics import demographic_facts, demographic_rows
from roster.publishing.draft import ACTIVE, ENDED, Draft, unique
from roster.publishing.identity import Ids
from roster.publishing.people import CONTACT_ROLES, People, Role, in_order, person_facts
from roster.publishing.pieces import Piece
from roster.roles import ROLES
from roster.wire.demographics import OLD_SEXES


def users(people: People) -> Iterator[Piece]:
    """Yield a user for each role of everybody who has a username."""
    for some, rows in people.rows():
        yield Piece(_most(people, some), partial(_users, people, some, rows))


def _most(people: People, some: Iterable[int]) -> int:
    """Return how many users these people are."""
    return sum(people.users_in_11[person] for person in some)


def _users(people: People, some: list[int], rows: Iterable[tuple[Any, ...]]) -> Iterator[Draft]:
    for row in in_order(some, rows):
        person = row.pk
        live, roles = people.roles_of(person)
        base: dict[str, Any] = {}
        for role, held in _by_role(roles).items():
            if (person, role) not in people.ids:
                continue
            base = base or person_facts(row, people)
            agents = _agents(people, person, role) if live else []
            facts = base | {
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
            yield Draft(people.ids[person, role], facts, schools, state, kind, kept or None, row.sourced_id)


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


def demographics(people: People) -> Iterator[Piece]:
    """Yield the demographics of each user that is not a guardian or relative, without what 1.1 has no word for."""
    for some, rows in demographic_rows(people):
        yield Piece(_most(people, some), partial(_demographics, people, rows))


def _demographics(people: People, rows: Iterable[tuple[Any, ...]]) -> Iterator[Draft]:
    for person, facts in demographic_facts(rows):
        _, roles = people.roles_of(person)
        if person not in people.roles:
            continue
        if facts["sex"] not in OLD_SEXES:
            facts["sex"] = ""
        for role, held in _by_role(roles).items():
            if role not in CONTACT_ROLES and (person, role) in people.ids:
                schools = tuple(sorted({each.school for each in held}))
                yield Draft(people.ids[person, role], facts, schools, person=people.sourced_ids[person])


def enrollment_pieces(pieces: Iterable[Piece], people: People) -> Iterator[Piece]:
    """Yield those of the enrollments of 1.2 whose person has a user in that role."""
    for most, drafts in pieces:
        yield Piece(most, partial(_enrollments, drafts, people.ids, people.numbers))


def _enrollments(drafts: Callable[[], Iterable[Draft]], ids: Ids, numbers: Mapping[str, int]) -> Iterator[Draft]:
    return enrollments(drafts(), ids, numbers)


def enrollments(drafts: Iterable[Draft], ids: Ids, numbers: Mapping[str, int]) -> Iterator[Draft]:
    """Yield those of these enrollments of 1.2; `numbers` are the people by sourcedId."""
    for draft in drafts:
        person = draft.facts["user"]
        if user := ids.get((numbers[person], draft.facts["role"])):
            yield Draft(draft.sourced_id, draft.facts | {"user": user}, draft.schools, person=person)
