"""Live records gathered into groups that are alike in all that counting asks, and samples of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connections.grants import Grant
from interop import statements
from roster.reading.scope import SENT, Sql
from roster.reading.trim import hidden_roles

Orgs = Mapping[str, int | None]
RolesAt = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Group:
    """Records alike in object, state, schools and roles; `passed` tells which of the tests they passed."""

    object: str
    active: bool
    schools: tuple[int, ...]
    roles: RolesAt
    passed: tuple[bool, ...]
    number: int

    def schools_in(self, grant: Grant) -> list[int]:
        """Return the schools of these records that the grant has."""
        return [school for school in self.schools if grant.schools is None or school in grant.schools]


def groups(version: int, objects: Collection[str], tests: Sequence[Sql]) -> Iterator[Group]:
    """Yield the live records of these objects in a version that pass any of the tests, in groups; one statement."""
    columns = [f"coalesce({text}, false)" for text, _values in tests]
    roles, orgs = ("roles.role", "roles.org.sourcedId") if version == 12 else ("role", "orgs.sourcedId")
    sql = (
        "SELECT r.object, r.status = 'active', r.school, r.others,"
        f" CASE WHEN r.object = 'user' THEN (r.find->'{roles}')::text END,"
        f" CASE WHEN r.object = 'user' THEN (r.find->'{orgs}')::text END,"
        f" {', '.join(columns)}, count(*)"
        f" FROM roster_record r WHERE r.version = %s AND r.object = ANY(%s::text[]) AND r.retired_at IS NULL"
        f" AND {SENT} AND ({' OR '.join(columns)})"
        f" GROUP BY {', '.join(str(place + 1) for place in range(6 + len(tests)))}"
    )
    values = [value for _text, given in tests for value in given]
    for row in statements.rows(sql, [*values, version, sorted(objects), *values]):
        wire_object, active, school, others, held, at, *passed, number = row
        schools = tuple(each for each in (school, *(others or ())) if each is not None)
        yield Group(wire_object, active, schools, roles_at(_loaded(held), _loaded(at)), tuple(passed), number)


def schools_of_orgs(version: int) -> Orgs:
    """Return the school of every live org by its sourcedId; the district has none."""
    sql = (
        "SELECT r.sourced_id, r.school FROM roster_record r"
        f" WHERE r.version = %s AND r.object = 'org' AND r.retired_at IS NULL AND {SENT}"
    )
    return dict(statements.rows(sql, [version]))


def roles_at(roles: Any, orgs: Any) -> RolesAt:
    """Return (role, org) pairs: 1.2 has an org for each role, 1.1 one role at all its orgs."""
    if isinstance(roles, str):
        return tuple((roles, org) for org in orgs or ())
    return tuple(zip(roles or (), orgs or (), strict=False))


def roles_shown(roles: Iterable[tuple[str, str]], grant: Grant, orgs: Orgs) -> Iterator[tuple[str, int | None]]:
    """Yield (role, school) of the roles the grant is shown; school None: at the district."""
    hidden = hidden_roles(grant)
    for role, org in roles:
        if role in hidden or org not in orgs:
            continue
        school = orgs[org]
        if school is None or grant.schools is None or school in grant.schools:
            yield role, school


def some_ids(version: int, kinds: Sequence[tuple[Sql, int]]) -> list[list[int]]:
    """Return ids of live active records for each (test, how many at most), people first; one statement."""
    parts: list[str] = []
    values: list[Any] = []
    for number, ((text, given), most) in enumerate(kinds):
        parts.append(
            f"(SELECT {number}, r.id FROM roster_record r"
            f" WHERE r.version = %s AND r.retired_at IS NULL AND r.status = 'active' AND {SENT} AND {text}"
            f" ORDER BY r.object <> 'user', r.object <> 'org', r.object, r.sourced_id LIMIT {most})"
        )
        values += [version, *given]
    found: list[list[int]] = [[] for _kind in kinds]
    for number, record_id in statements.rows(" UNION ALL ".join(parts), values):
        found[number].append(record_id)
    return found


def surely(*tests: Sql) -> Sql:
    """Return the predicate that all hold, false where one is unknown."""
    return f"({' AND '.join(f'coalesce({text}, false)' for text, _values in tests)})", [v for t in tests for v in t[1]]


def opposite(test: Sql) -> Sql:
    """Return the predicate that the test does not hold."""
    return f"NOT {test[0]}", test[1]


def _loaded(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
