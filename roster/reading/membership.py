"""Which records belong to a relationship list: through active enrollments, classes and roles, all inside the grant."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from connections.grants import Grant
from interop.oneroster.endpoints import Endpoint
from roster.reading.records import Shown
from roster.reading.scope import Sql, in_scope, live

Rule = Callable[[Endpoint, Grant, Sequence[Shown]], Sql]


def has(path: str, value: str, alias: str = "r", *, many: bool = False) -> Sql:
    """Return the containment test that the index on `find` serves."""
    return f"{alias}.find @> %s::jsonb", [orjson.dumps({path: [value] if many else value}).decode()]


def both(*parts: Sql) -> Sql:
    """Join predicates with AND."""
    return " AND ".join(part[0] for part in parts), [value for part in parts for value in part[1]]


def members(endpoint: Endpoint, grant: Grant, parents: Sequence[Shown]) -> Sql:
    """Return the predicate on `r` for the endpoint's members; plain lists take everything."""
    if not endpoint.source:
        return "true", []
    return both(in_scope(grant), RULES[endpoint.source](endpoint, grant, parents))


def role_at(doc: Mapping[str, Any], role: str, school: str) -> bool:
    """Return whether the user document holds this role at this school, in one and the same entry."""
    return any(
        entry.get("role") == role and entry.get("org", {}).get("sourcedId") == school for entry in doc.get("roles", ())
    )


def _active(alias: str) -> Sql:
    return f"{alias}.status = 'active'", []


def _named_by(grant: Grant, object_name: str, path: str, *tests: Sql, many: bool = False) -> Sql:
    """Return: r is named at `path` by an active record in scope (alias e) that passes the tests."""
    where, params = both(live(grant.version, object_name, "e"), in_scope(grant, "e"), _active("e"), *tests)
    value = f"jsonb_array_elements_text(e.find->'{path}')" if many else f"e.find->>'{path}'"
    return f"r.sourced_id IN (SELECT {value} FROM roster_record e WHERE {where})", params


def _links(endpoint: Endpoint, grant: Grant, parents: Sequence[Shown]) -> Sql:
    tests = [_active("r")] if endpoint.resource == "enrollment" else []
    for path, parent in zip(endpoint.links, parents, strict=True):
        place = endpoint.declaration.field(path, grant.version)
        tests.append(has(path, parent.row.sourced_id, many=bool(place and place.many)))
    return both(*tests)


def _enrolled_users(endpoint: Endpoint, grant: Grant, parents: Sequence[Shown]) -> Sql:
    tests = (has("class.sourcedId", parents[-1].row.sourced_id, "e"), has("role", endpoint.role, "e"))
    return _named_by(grant, "enrollment", "user.sourcedId", *tests)


def _enrolled_classes(endpoint: Endpoint, grant: Grant, parents: Sequence[Shown]) -> Sql:
    tests = [has("user.sourcedId", parents[-1].row.sourced_id, "e")]
    if endpoint.role:
        tests.append(has("role", endpoint.role, "e"))
    return _named_by(grant, "enrollment", "class.sourcedId", *tests)


def _role_holders(endpoint: Endpoint, grant: Grant, parents: Sequence[Shown]) -> Sql:
    """Candidates by index; whether role and school are one entry is judged by `role_at` for people with several."""
    school = parents[-1].row.sourced_id
    if grant.version == 11:
        return both(has("role", endpoint.role), has("orgs.sourcedId", school, many=True))
    return both(has("roles.role", endpoint.role, many=True), has("roles.org.sourcedId", school, many=True))


def _taught_sessions(_endpoint: Endpoint, grant: Grant, parents: Sequence[Shown]) -> Sql:
    at_school = has("school.sourcedId", parents[-1].row.sourced_id, "e")
    return _named_by(grant, "class", "terms.sourcedId", at_school, many=True)


def _taught_courses(_endpoint: Endpoint, grant: Grant, parents: Sequence[Shown]) -> Sql:
    school = parents[-1].row.sourced_id
    own, own_params = has("org.sourcedId", school)
    taught, params = _named_by(grant, "class", "course.sourcedId", has("school.sourcedId", school, "e"))
    return f"({own} OR {taught})", [*own_params, *params]


def _resources_of(_endpoint: Endpoint, _grant: Grant, parents: Sequence[Shown]) -> Sql:
    named = parents[-1].find.get("resources.sourcedId", [])
    return "r.sourced_id = ANY(%s::text[])", [[named] if isinstance(named, str) else list(named)]


RULES: dict[str, Rule] = {
    "links": _links,
    "enrolled_users": _enrolled_users,
    "enrolled_classes": _enrolled_classes,
    "role_holders": _role_holders,
    "taught_sessions": _taught_sessions,
    "taught_courses": _taught_courses,
    "resources_of": _resources_of,
}
