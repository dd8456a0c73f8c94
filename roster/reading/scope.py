"""Which published records a grant reaches, as SQL over `roster_record`; parameters only, never interpolation."""

from typing import Any

from connections.grants import Grant

Sql = tuple[str, list[Any]]
SENT = "NOT EXISTS (SELECT 1 FROM roster_withheld w WHERE w.id = r.id)"
"""Protection does not wait for a refresh: a withheld record is as good as gone."""


def live(version: int, object_name: str, alias: str = "r") -> Sql:
    """Return the predicate for the current records of one object in one version."""
    text = f"{alias}.version = %s AND {alias}.object = %s AND {alias}.retired_at IS NULL"
    return text, [version, object_name]


def schools_of(grant: Grant) -> list[int] | None:
    """Return the granted schools in order; None means the whole district."""
    return None if grant.schools is None else sorted(grant.schools)


def in_scope(grant: Grant, alias: str = "r") -> Sql:
    """Return the predicate for records the grant sees as they are (trimmed), not as tombstones."""
    switched, values = _switched_on(grant, alias)
    schools = schools_of(grant)
    if schools is None:
        return switched, values
    text = (
        f"({alias}.school IS NULL OR {alias}.school = ANY(%s::bigint[]) OR {alias}.others && %s::bigint[])"
        f" AND {switched}"
    )
    return text, [schools, schools, *values]


def reachable(grant: Grant, alias: str = "r") -> Sql:
    """Return the predicate for records in scope, and for those that only once were (served as tombstones)."""
    schools = schools_of(grant)
    if schools is None:
        return in_scope(grant, alias)
    switched, values = _switched_on(grant, alias)
    text = (
        f"({alias}.school IS NULL OR {alias}.school = ANY(%s::bigint[]) OR {alias}.others && %s::bigint[]"
        f" OR {alias}.former && %s::bigint[]) AND {switched}"
    )
    return text, [schools, schools, schools, *values]


def only_former(grant: Grant, alias: str = "r") -> Sql:
    """Return the expression that is true for a reachable record which has left the granted schools."""
    schools = schools_of(grant)
    if schools is None:
        return "false", []
    text = (
        f"({alias}.school IS NOT NULL AND NOT {alias}.school = ANY(%s::bigint[])"
        f" AND NOT coalesce({alias}.others && %s::bigint[], false))"
    )
    return text, [schools, schools]


def marked(grant: Grant, alias: str = "r") -> Sql:
    """Return the expression that is true for records whose document may differ from the published one."""
    tests = ["false"]
    if grant.schools is not None:
        tests.append(f"{alias}.school IS NULL OR {alias}.others IS NOT NULL OR {alias}.former IS NOT NULL")
    if not (grant.guardians and grant.relatives):
        tests.append(f"({alias}.object = 'user' AND ({alias}.find ? 'agents.sourcedId' OR {_contact_role(alias)}))")
    if grant.secondary_email:
        tests.append(f"{alias}.object = 'user'")
    return "(" + " OR ".join(tests) + ")", []


def restricted(grant: Grant) -> bool:
    """Return whether any record can look different to this grant than as published."""
    return grant.schools is not None or not grant.guardians or not grant.relatives or grant.secondary_email


def default_order(grant: Grant, alias: str = "r") -> Sql:
    """Return the total order of lists: first granted school, then sourcedId; nothing outside the grant counts."""
    schools = schools_of(grant)
    if schools is None:
        return f"coalesce({alias}.school, 0), {alias}.sourced_id", []
    if len(schools) == 1:
        return f"({alias}.school IS NOT NULL), {alias}.sourced_id", []
    text = (
        f"CASE WHEN {alias}.school IS NULL THEN 0 WHEN {alias}.school = ANY(%s::bigint[]) THEN {alias}.school"
        f" ELSE coalesce((SELECT min(o) FROM unnest({alias}.others) o WHERE o = ANY(%s::bigint[])),"
        f" (SELECT min(o) FROM unnest({alias}.former) o WHERE o = ANY(%s::bigint[]))) END, {alias}.sourced_id"
    )
    return text, [schools, schools, schools]


def _switched_on(grant: Grant, alias: str) -> Sql:
    hidden = []
    if not grant.guardians:
        hidden.append("guardian")
    if not grant.relatives:
        hidden.append("relative")
    if len(hidden) == 2:
        hidden.append("contact")
    return (f"{alias}.audience <> ALL(%s::text[])", [hidden]) if hidden else ("true", [])


def _contact_role(alias: str) -> str:
    roles = ("guardian", "parent", "relative")
    return " OR ".join(f"""{alias}.find @> '{{"roles.role": ["{role}"]}}'""" for role in roles)
