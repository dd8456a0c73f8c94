"""Which published records a grant reaches, as SQL over `roster_record`; parameters only, never interpolation."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connections.grants import Grant, Scope
from interop.dates import milliseconds

Sql = tuple[str, list[Any]]


def sent(alias: str = "r") -> str:
    """Return the predicate for what is not withheld: protection does not wait for a refresh, it is as good as gone."""
    return f"{alias}.id NOT IN (SELECT w.id FROM roster_withheld w)"


SENT = sent()


def live(version: int, object_name: str, alias: str = "r") -> Sql:
    """Return the predicate for the current records of one object in one version."""
    text = f"{alias}.version = %s AND {alias}.object = %s AND {alias}.retired_at IS NULL"
    return text, [version, object_name]


def schools_of(grant: Scope) -> list[int] | None:
    """Return the granted schools in order; None means the whole district."""
    return None if grant.schools is None else sorted(grant.schools)


def in_scope(grant: Scope, alias: str = "r") -> Sql:
    """Return the predicate for records the grant sees as they are (trimmed), not as tombstones."""
    schools = schools_of(grant)
    if schools is None:
        return _switched(grant, alias, ("true", []), ("_seen",))
    text = f"({alias}.school IS NULL OR {alias}.school = ANY(%s::bigint[]) OR {alias}.others && %s::bigint[])"
    return _switched(grant, alias, (text, [schools, schools]), ("_seen",))


def reachable(grant: Grant, alias: str = "r") -> Sql:
    """Return the predicate for live records in scope, and for those the connection once had (served as tombstones).

    Of what ended or left before it was served at that school it hears nothing. A grant without `since` hears of all.
    """
    text, values = reached(grant, alias)
    if grant.since is None:
        return text, values
    alive, alive_values = in_scope(grant, alias)
    had, had_values = _any([_had(*window, alias) for window in _windows(grant)])
    return f"(({alive} AND NOT {buried(alias)}) OR {had})", [*alive_values, *had_values]


def reachable_in(grant: Grant, object_name: str) -> Sql:
    """Return `reachable` for the live records of one object, for lists of them all.

    Who sees everything hears of all but tombstones of before its time. Those few are found by an index of their own, so
    the others' table need not be read. Where it is read anyway, for a filter, PostgreSQL plans better with `reachable`.
    """
    if grant.since is None or in_scope(grant)[0] != "true":
        return reachable(grant)
    had, had_values = _any([_had(*window, "b") for window in _windows(grant)])
    where, values = live(grant.version, object_name, "b")
    unheard = f"SELECT b.id FROM roster_record b WHERE {where} AND b.source = 0 AND NOT coalesce({had}, false)"
    return f"r.id NOT IN ({unheard})", [*values, *had_values]


def _windows(grant: Grant) -> Iterator[tuple[Scope, datetime, datetime | None]]:
    """Yield the scopes the connection was and is served under: after what moment, and until when."""
    for past in grant.past:
        yield past, past.since, past.until
    if grant.since is not None:
        yield grant, grant.since, None


def _had(scope: Scope, since: datetime, until: datetime | None, alias: str) -> Sql:
    """Return the predicate for records that ended in the scope, or left it, within that time."""
    moment, bounds = "moment > %s", [milliseconds(since)]
    if until is not None:
        moment, bounds = f"{moment} AND moment <= %s", [*bounds, milliseconds(until)]
    alive, alive_values = in_scope(scope, alias)
    ended = (
        f"({buried(alias)} AND {alive}"
        f" AND EXISTS (SELECT 1 FROM (SELECT ({alias}.find->>'_ended')::bigint AS moment) e WHERE {moment}))"
    )
    reach, reach_values = reached(scope, alias)
    left = (
        f"({reach} AND EXISTS (SELECT 1 FROM jsonb_each({alias}.find->'_left') l(token, at),"
        f" LATERAL (SELECT at::bigint AS moment) m WHERE token = ANY(%s::text[]) AND {moment}))"
    )
    kinds = "" if isinstance(scope, Grant) or scope.demographics else f" AND {alias}.object <> 'demographics'"
    return f"(({ended} OR {left}){kinds})", [*alive_values, *bounds, *reach_values, tokens_of(scope), *bounds]


def buried(alias: str) -> str:
    """Return the test for tombstones of what the district has no longer; others are told as long as it has them."""
    return f"{alias}.source IS NOT DISTINCT FROM 0"


def lost(grant: Grant, alias: str = "r") -> Sql:
    """Return the predicate for versions of records the connection had until a change of its scope; told as deleted."""
    if not grant.past:
        return "false", []
    again, values = reachable(grant, "c")
    text = (
        f"EXISTS (SELECT 1 FROM roster_lost l WHERE l.connection = %s AND l.record = {alias}.id)"
        f" AND NOT EXISTS (SELECT 1 FROM roster_record c WHERE c.version = {alias}.version"
        f" AND c.object = {alias}.object AND c.sourced_id = {alias}.sourced_id AND c.retired_at IS NULL AND {again})"
    )
    return text, [grant.connection, *values]


def reached(scope: Scope, alias: str = "r") -> Sql:
    """Return the predicate for records in a scope and for those that have left it."""
    schools = schools_of(scope)
    if schools is None:
        return _switched(scope, alias, ("true", []), ("_seen", "_left"))
    text = (
        f"({alias}.school IS NULL OR {alias}.school = ANY(%s::bigint[]) OR {alias}.others && %s::bigint[]"
        f" OR {alias}.former && %s::bigint[])"
    )
    return _switched(scope, alias, (text, [schools, schools, schools]), ("_seen", "_left"))


def _any(parts: list[Sql]) -> Sql:
    return "(" + " OR ".join(text for text, _ in parts) + ")", [value for _, values in parts for value in values]


def only_former(grant: Grant, alias: str = "r") -> Sql:
    """Return the expression that is true for a reachable record which has left the grant's schools or switches.

    A version the connection lost stays lost, though its school and audience may be those of a still later scope.
    """
    text, values = in_scope(grant, alias)
    tests = [] if text == "true" else [(f"NOT coalesce({text}, false)", values)]
    if grant.past:
        tests.append((f"{alias}.id IN (SELECT record FROM roster_lost WHERE connection = %s)", [grant.connection]))
    return _any(tests) if tests else ("false", [])


def marked(grant: Grant, alias: str = "r") -> Sql:
    """Return the expression that is true for records whose document may differ from the published one."""
    return _any([_marked(grant, alias), *(touched for touched, _ in _changes(grant, alias))])


def _marked(scope: Scope, alias: str) -> Sql:
    tests = ["false"]
    if scope.schools is not None:
        tests.append(f"{alias}.school IS NULL OR {alias}.others IS NOT NULL OR {alias}.former IS NOT NULL")
    if not (scope.guardians and scope.relatives):
        tests.append(f"({alias}.object = 'user' AND ({alias}.find ? 'agents.sourcedId' OR {_contact_role(alias)}))")
        tests.append(f"{alias}.audience = 'mixed'")
    if scope.secondary_email:
        tests.append(f"{alias}.object = 'user'")
    return "(" + " OR ".join(tests) + ")", []


def modified(grant: Grant, alias: str = "r") -> Sql:
    """Return the moment a record counts as modified for this connection: also when its scope changed around it."""
    cases, values = [f"{alias}.modified"], []
    for (touched, given), until in _changes(grant, alias):
        cases.append(f"CASE WHEN {touched} THEN %s::timestamptz END")
        values += [*given, until]
    if grant.past:
        # what was lost is told by the version of then, which may look as if it were in the scope of now
        own = "FROM roster_lost WHERE connection = %s"
        cases.append(
            f"CASE WHEN {alias}.id IN (SELECT record {own}) THEN (SELECT at {own} AND record = {alias}.id) END"
        )
        values += [grant.connection, grant.connection]
    return (f"greatest({', '.join(cases)})", values) if values else (cases[0], [])


def _changes(grant: Grant, alias: str) -> list[tuple[Sql, datetime]]:
    """Return for each change of scope which records came into sight, left it or may look different, and when."""
    found = []
    for before, after in zip(grant.past, (*grant.past[1:], grant), strict=False):
        (was, was_values), (now, now_values) = in_scope(before, alias), in_scope(after, alias)
        looks = f"{_marked(before, alias)[0]} OR {_marked(after, alias)[0]}"
        if before.demographics != after.demographics:
            looks += f" OR {alias}.object = 'demographics'"
        text = f"(coalesce({was}, false) <> coalesce({now}, false) OR coalesce({now}, false) AND ({looks}))"
        found.append(((text, [*was_values, *now_values, *now_values]), before.until))
    return found


def restricted(grant: Grant) -> bool:
    """Return whether any record can look different to this grant than as published."""
    switched = not grant.guardians or not grant.relatives or grant.secondary_email
    return grant.schools is not None or switched or bool(grant.past)


def default_order(grant: Scope, alias: str = "r") -> Sql:
    """Return the total order of lists: first granted school, then sourcedId; nothing outside the grant counts."""
    schools = schools_of(grant)
    if schools is None:
        return f"{alias}.school, {alias}.sourced_id", []
    if len(schools) == 1:
        return f"({alias}.school IS NOT NULL), {alias}.sourced_id", []
    text = (
        f"CASE WHEN {alias}.school IS NULL THEN 0 WHEN {alias}.school = ANY(%s::bigint[]) THEN {alias}.school"
        f" ELSE coalesce((SELECT min(o) FROM unnest({alias}.others) o WHERE o = ANY(%s::bigint[])),"
        f" (SELECT min(o) FROM unnest({alias}.former) o WHERE o = ANY(%s::bigint[]))) END, {alias}.sourced_id"
    )
    return text, [schools, schools, schools]


def _switched(grant: Scope, alias: str, where: Sql, held: tuple[str, ...]) -> Sql:
    """Add the switches to a predicate on schools.

    A record of one audience is seen while that is switched on. One whose audience differs from school to school, or
    was another once, is mixed: `find` tells by tokens (school:kind) who sees it and who did.
    """
    if grant.guardians and grant.relatives:
        return where
    tokens = tokens_of(grant)
    found = " OR ".join(f"{alias}.find->'{name}' ?| %s::text[]" for name in held)
    text = f"(({where[0]} AND {alias}.audience = ANY(%s::text[])) OR ({alias}.audience = 'mixed' AND ({found})))"
    return text, [*where[1], _kinds(grant), *([tokens] * len(held))]


def _kinds(scope: Scope) -> list[str]:
    return ["", *(kind for kind, on in (("guardian", scope.guardians), ("relative", scope.relatives)) if on)]


def tokens_of(scope: Scope) -> list[str]:
    """Return what stands in `_seen` and `_left` for those who have this scope (see roster/publishing/draft.py)."""
    schools = schools_of(scope)
    return [f"{place}:{kind}" for place in (["*"] if schools is None else schools) for kind in _kinds(scope)]


def _contact_role(alias: str) -> str:
    roles = ("guardian", "parent", "relative")
    return " OR ".join(f"""{alias}.find @> '{{"roles.role": ["{role}"]}}'""" for role in roles)
