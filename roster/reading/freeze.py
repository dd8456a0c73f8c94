"""One list, evaluated once: scope, filter and order become an ordered run of record ids and their number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import orjson

from connections.grants import Grant
from interop import statements
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.filters import And, Comparison, Node, Or, matches, sort_key, sort_sql, where_sql
from interop.oneroster.query import Query
from interop.oneroster.resource import V1P1, V1P2, Field, Resource
from roster.reading.membership import both, has, members, role_at
from roster.reading.records import Ask, Shown, select, show
from roster.reading.scope import (
    SENT,
    Sql,
    default_order,
    live,
    lost,
    marked,
    modified,
    only_former,
    reachable,
    reachable_in,
    restricted,
)

NEVER_TRIMMED = frozenset({"sourcedId", "dateLastModified"})
NAMES = frozenset({"sourcedId", "identifier", "username", "email"})
"""Fields by which vendors look for one record."""
TRIES = 3
STUDENTS = {V1P1: ("role", "=", "student"), V1P2: ("roles.role", "=", "student")}
"""How a list of students is asked for, by version; they have an index of their own (roster/models/published.py)."""


@dataclass(frozen=True)
class Selection:
    """One list as one grant asks for it; `parents` are the shown records the path names."""

    grant: Grant
    endpoint: Endpoint
    parents: tuple[Shown, ...]
    query: Query

    @property
    def resource(self) -> Resource:
        return self.endpoint.declaration

    @property
    def key(self) -> bytes:
        """Return what names everything but the edition that decides the list; its end is the grant's `scope_key`."""
        facts = (self.grant.version, self.endpoint.operation, [parent.row.sourced_id for parent in self.parents])
        hashed = blake2b(repr(facts).encode(), digest_size=24)
        hashed.update(self.query.canonical)
        return hashed.digest() + self.grant.scope_key

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        return self.endpoint.where_in(self.grant.version)

    @property
    def touched(self) -> set[str]:
        """Return the paths whose values decide membership or order."""
        paths = {path for path, _ in self.fixed} | set(paths_of(self.query.where))
        if self.query.sort:
            paths.add(self.query.sort)
        if self.endpoint.source == "role_holders":
            paths.add("roles.role")
        return paths

    @property
    def is_brief(self) -> bool:
        """Whether the statement takes few shapes and finds little, so that planning it takes longer than asking.

        A school has much, and its lists are found by one index or another, by how many schools the grant has.
        """
        is_below = self.query.where is None and self.endpoint.parents not in ((), ("school",))
        return (is_below or self.names_one) and not self.query.sort

    @property
    def names_one(self) -> bool:
        """Whether the list is of whoever has a certain name."""
        node = self.query.where
        return isinstance(node, Comparison) and node.op == "=" and node.path in NAMES


@dataclass(frozen=True)
class FrozenList:
    """Record ids in order, eight bytes each, as of one edition; negative: to be looked at again when shown."""

    edition: int
    ids: bytes
    total: int


def freeze(selection: Selection) -> FrozenList:
    """Evaluate the list; repeated when an edition appears between its two statements."""
    judge = _judged(selection)
    if judge is None:
        return _evaluate(selection, ("false", []), [])
    for _ in range(TRIES):
        edition, accepted = _edition(), _accepted(selection, judge)
        frozen = _evaluate(selection, judge, accepted)
        if frozen.edition == edition:
            break
    return frozen


def paths_of(node: Node | None) -> Iterator[str]:
    """Yield the paths a filter compares."""
    if node is None:
        return
    if isinstance(node, Comparison):
        yield node.path
        return
    for part in node.nodes:
        yield from paths_of(part)


def _judged(selection: Selection) -> Sql | None:
    """Return which records have to be judged by what the grant is shown of them; None: none."""
    grant, touched = selection.grant, selection.touched - NEVER_TRIMMED
    tests: list[Sql] = []
    if touched and restricted(grant):
        tests.append(only_former(grant))
    if _names_references(selection.resource, touched, grant.version):
        tests.append(marked(_as_to_references(grant)))
    if selection.endpoint.source == "role_holders":
        tests.append(("jsonb_array_length(r.find->'roles.org.sourcedId') > 1", []))
    tests = [test for test in tests if test[0] != "(false)"]
    if not tests:
        return None
    return "coalesce(" + " OR ".join(test[0] for test in tests) + ", false)", [v for test in tests for v in test[1]]


def _as_to_references(grant: Grant) -> Grant:
    """Return the grant as far as references go: addresses and dates are substituted in SQL."""
    return replace(grant, secondary_email=False, past=())


def _names_references(resource: Resource, paths: set[str], version: int) -> bool:
    roots = {path.partition(".")[0] for path in paths}
    return any(field.name in roots and _has_reference(field) for field in resource.fields_in(version))


def _has_reference(field: Field) -> bool:
    return field.kind == "ref" or any(_has_reference(part) for part in field.parts)


def _fixed_sql(selection: Selection) -> Sql:
    tests = []
    for path, value in selection.fixed:
        field = selection.resource.field(path, selection.grant.version)
        tests.append(has(path, value, many=bool(field and field.many)))
    return both(("true", []), *tests)


def _is_in_an_index(selection: Selection) -> bool:
    """Return whether an index holds all that decides the list, in its order: whole lists, and those of all students."""
    node, asked = selection.query.where, [(path, "=", value) for path, value in selection.fixed]
    if isinstance(node, Comparison):
        asked.append((node.path, node.op, node.value))
    if not asked or selection.query.sort or selection.resource.object != "user" or isinstance(node, And | Or):
        return not selection.touched
    return all(each == STUDENTS[selection.grant.version] for each in asked)


def _base(selection: Selection) -> Sql:
    grant, fixed, sent = selection.grant, _fixed_sql(selection), (SENT, list[Any]())
    inside = both(
        live(grant.version, selection.resource.object),
        reachable_in(grant, selection.resource.object) if _is_in_an_index(selection) else reachable(grant),
        members(selection.endpoint, grant, selection.parents),
        fixed,
        sent,
    )
    if selection.parents or not grant.past:
        return inside
    named = ("r.version = %s AND r.object = %s", [grant.version, selection.resource.object])
    text, values = both(named, lost(grant), fixed, sent)
    return f"({inside[0]} OR {text})", [*inside[1], *values]


def _accepted(selection: Selection, judge: Sql) -> list[tuple[int, Any]]:
    """Return the judged records that belong to the list, with their sort keys."""
    grant, query = selection.grant, selection.query
    tests = [_base(selection), judge]
    if selection.names_one and not (grant.secondary_email and "email" in selection.touched):
        tests.append(_where(selection))  # of such a field is shown what is published, or nothing
    where, params = both(*tests)
    accepted = []
    for shown in show(grant, select(grant, where, params, ask=_ask(selection))):
        if _belongs(selection, shown):
            facts = _facts(shown)
            key = sort_key(query.sort, selection.resource, grant.version, **facts) if query.sort else None
            accepted.append((shown.row.id, key))
    return accepted


def _facts(shown: Shown) -> dict[str, Any]:
    row = shown.row
    return {"sourced_id": row.sourced_id, "status": shown.status, "modified": row.modified, "find": shown.find}


def _belongs(selection: Selection, shown: Shown) -> bool:
    """Judge one record by what is shown of it; what left the scope keeps the kind it was told as (its tombstone)."""
    find = shown.find
    if not shown.row.former and not all(_holds(find.get(path), value) for path, value in selection.fixed):
        return False
    if selection.endpoint.source == "role_holders":
        doc = shown.doc if shown.doc is not None else orjson.loads(shown.row.doc)
        if not role_at(doc, selection.endpoint.role, selection.parents[-1].row.sourced_id):
            return False
    node = selection.query.where
    return node is None or matches(node, selection.resource, selection.grant.version, **_facts(shown))


def _holds(found: Any, value: str) -> bool:
    return value in found if isinstance(found, list) else found == value


def _edition() -> int:
    [(newest,)] = statements.prepared("SELECT coalesce(max(number), 0) FROM roster_edition", [])
    return int(newest)


def _evaluate(selection: Selection, judge: Sql, accepted: Sequence[tuple[int, Any]]) -> FrozenList:
    number, number_params = _number(selection.grant)
    rows, params = _rows(selection, judge, accepted)
    order, order_params = _order(selection, is_told=bool(accepted))
    sql = (
        "SELECT (SELECT coalesce(max(number), 0) FROM roster_edition), string_agg(int8send(x.id), ''::bytea), count(*)"
        f" FROM (SELECT {number} AS id FROM {rows} ORDER BY {order}) x"
    )
    [(edition, ids, total)] = _ask(selection)(sql, [*number_params, *params, *order_params])
    return FrozenList(edition, ids or b"", total)


def _ask(selection: Selection) -> Ask:
    return statements.planned_once if selection.is_brief else statements.rows


def _rows(selection: Selection, judge: Sql, accepted: Sequence[tuple[int, Any]]) -> Sql:
    """Return the records of the list: those the database judges, and those that were accepted, with their sort keys.

    The latter are looked up by their numbers. In one condition with the others, all records there are would be read.
    """
    tests = [_base(selection)]
    if judge[0] != "false":
        tests.append((f"NOT {judge[0]}", judge[1]))
    where, params = both(*tests, _where(selection))
    table, table_params = _table(selection)
    if not accepted:
        return f"{table} WHERE {where}", [*table_params, *params]
    told = [[number for number, _ in accepted], [None if key is None else str(key) for _, key in accepted]]
    text = (
        f"(SELECT r.*, false AS is_told, NULL AS told FROM {table} WHERE {where}"
        " UNION ALL SELECT r.*, true, told.key FROM unnest(%s::bigint[], %s::text[]) AS told(id, key)"
        f" JOIN {table} ON r.id = told.id WHERE {judge[0]}) r"
    )
    return text, [*table_params, *params, *told, *table_params, *judge[1]]


def _where(selection: Selection) -> Sql:
    node = selection.query.where
    if node is None:
        return "true", []
    text, values = where_sql(node, selection.resource, selection.grant.version)
    return f"({text})", list(values)


def _order(selection: Selection, *, is_told: bool) -> Sql:
    """Return the order of the list; `is_told` says that some records come with their sort keys."""
    query = selection.query
    order, order_params = default_order(selection.grant)
    if not query.sort:
        return order, order_params
    sort = sort_sql(query.sort, selection.resource, selection.grant.version)
    key, params = sort if isinstance(sort, tuple) else (sort, [])
    if is_told and query.sort not in NEVER_TRIMMED:
        cast = "::double precision" if "::double precision" in key else ""
        key = f"CASE WHEN r.is_told THEN r.told{cast} ELSE {key} END"
    return f"{key}{' DESC NULLS LAST' if query.descending else ' ASC NULLS LAST'}, {order}", [*params, *order_params]


def _table(selection: Selection) -> Sql:
    """Return the records as this connection has them, where the list asks for what differs.

    An address it asked for stands in for `email`, also when blank; and what a change of its scope touched was modified
    then.
    """
    grant = selection.grant
    find, at, values = "find", "modified", list[Any]()
    if grant.secondary_email and "email" in selection.touched:
        find = (
            "(find - 'email') || CASE WHEN find ? '_secondaryEmail'"
            " THEN jsonb_build_object('email', find->'_secondaryEmail') ELSE '{}' END"
        )
    if grant.past and "dateLastModified" in selection.touched:
        at, values = modified(grant, "s")
    if find == "find" and not values:
        return "roster_record r", []
    columns = "id, version, object, sourced_id, status, retired_at, school, others, former, audience, source"
    return f"(SELECT {columns}, {at} AS modified, {find} AS find FROM roster_record s) r", values


def _number(grant: Grant) -> Sql:
    """Return a record's place in the list: its id, negative when it may look different to this grant."""
    if not restricted(grant):
        return "r.id", []
    (test, params), (left, left_params) = marked(grant), only_former(grant)
    return f"CASE WHEN {test} OR {left} THEN -r.id ELSE r.id END", [*params, *left_params]
