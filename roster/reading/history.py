"""What a connection was served before, so that a change of its scope reaches its replica like any other change.

A scope is noted when the connection begins a list under it, never when somebody merely tried it out. From then on a
record that came into sight or looks different counts as modified at that moment for this connection alone, and one that
it had and lost is told as deleted, from the version it had.
"""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import transaction

from connections.grants import Grant, Past, Scope
from interop import statements
from roster.protection import LOCK
from roster.reading.scope import SENT, buried, in_scope

_EDITION = "coalesce((SELECT max(published_at) FROM roster_edition), 'epoch')"
_SCOPE = "schools, guardians, relatives, secondary_email, demographics"
_KNOWN = f"""
    SELECT at, since, last, last <> {_EDITION}, {_SCOPE} FROM roster_servedscope WHERE connection = %s ORDER BY at
"""
_SERVE = f"UPDATE roster_servedscope SET last = {_EDITION} WHERE connection = %s AND at = %s RETURNING at"
# Later than whatever the connection can have read so far, by its own clock or by the dates of the records.
_NOTE = f"""
    INSERT INTO roster_servedscope (at, connection, since, last, {_SCOPE})
    SELECT greatest(
        date_trunc('milliseconds', clock_timestamp()),
        (SELECT max(published_at) FROM roster_edition) + interval '1 millisecond',
        (SELECT max(at) FROM roster_servedscope WHERE connection = %s) + interval '1 millisecond'
    ), %s, {_EDITION}, {_EDITION}, %s::bigint[], %s, %s, %s, %s
    RETURNING at, since, last
"""


class Served(NamedTuple):
    """A noted scope: from when, the dates of the first and last edition it was served, and whether that one is old."""

    at: datetime
    since: datetime
    last: datetime
    is_behind: bool
    scope: Scope


def with_past(grant: Grant) -> Grant:
    """Return the grant with the scopes its connection was served under earlier."""
    return _after(grant, _served(grant))


def noted(grant: Grant) -> Grant:
    """Return the grant with its past, after noting its present scope where that is new.

    A publication that is under way has dated its records already, so a new scope waits for it to end.
    """
    served = _served(grant)
    if served and served[-1].scope == _present(grant):
        if served[-1].is_behind:
            statements.rows(_SERVE, [grant.connection, served[-1].at])
        return _after(grant, served)
    with transaction.atomic():
        statements.rows("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
        statements.rows("SELECT pg_advisory_xact_lock(%s)", [-grant.connection])
        served = _served(grant)
        if not served or served[-1].scope != _present(grant):
            new = _note(grant)
            if served:
                _lose(grant, served[-1], new.at)
            served.append(new)
    return _after(grant, served)


def _present(grant: Grant) -> Scope:
    return Scope(grant.schools, grant.guardians, grant.relatives, grant.secondary_email, grant.demographics)


def _after(grant: Grant, served: list[Served]) -> Grant:
    """Each noted scope lasted until the next one began."""
    if not served:
        return grant
    past = tuple(Past(**vars(one.scope), since=one.since, until=later.at) for one, later in pairwise(served))
    return replace(grant, past=past, since=served[-1].since)


def _served(grant: Grant) -> list[Served]:
    return [_row(*row) for row in statements.prepared(_KNOWN, [grant.connection])]


def _row(*row: Any) -> Served:
    at, since, last, is_behind, schools, *switches = row
    return Served(at, since, last, is_behind, Scope(None if schools is None else frozenset(schools), *switches))


def _note(grant: Grant) -> Served:
    scope = _present(grant)
    schools = None if scope.schools is None else sorted(scope.schools)
    switches = [scope.guardians, scope.relatives, scope.secondary_email, scope.demographics]
    [(at, since, last)] = statements.rows(_NOTE, [grant.connection, grant.connection, schools, *switches])
    return Served(at, since, last, is_behind=False, scope=scope)


def _lose(grant: Grant, before: Served, at: datetime) -> None:
    """Keep what the connection had and lost, in the version it had last; forget what it lost earlier and has again.

    What it had is what was published in the edition it was last served, however much has changed since. Where that
    version is withheld by now, the one that replaced it is told.
    """
    has, has_values = in_scope(grant, "c")
    now = (
        "FROM roster_record c WHERE (c.version, c.object, c.sourced_id) = (o.version, o.object, o.sourced_id)"
        " AND c.retired_at IS NULL"
    )
    again = f"SELECT 1 {now} AND {has} AND NOT {buried('c')}{_kinds(grant, 'c')}"
    statements.rows(
        "DELETE FROM roster_lost l USING roster_record o WHERE l.connection = %s AND o.id = l.record"
        f" AND EXISTS ({again}) RETURNING l.id",
        [grant.connection, *has_values],
    )
    had, had_values = in_scope(before.scope)
    statements.rows(
        "WITH newly AS (SELECT told.id, o.version, o.object, o.sourced_id FROM ("
        f"  SELECT r.id, r.version, r.object, r.sourced_id, {SENT} AS sent FROM roster_record r"
        "  WHERE r.version = %s AND r.status = 'active' AND r.modified <= %s"
        f" AND (r.retired_at IS NULL OR r.retired_at > %s) AND {had}{_kinds(before.scope, 'r')}"
        f") o JOIN LATERAL (SELECT o.id WHERE o.sent UNION ALL SELECT c.id {now} AND NOT o.sent) told ON true"
        f" WHERE NOT EXISTS ({again})),"
        " known AS (DELETE FROM roster_lost l USING roster_record r, newly n"
        "  WHERE l.connection = %s AND r.id = l.record"
        "  AND (r.version, r.object, r.sourced_id) = (n.version, n.object, n.sourced_id) AND r.id <> n.id)"
        " INSERT INTO roster_lost (connection, record, at) SELECT %s, id, %s::timestamptz FROM newly"
        " ON CONFLICT DO NOTHING RETURNING record",
        [
            *(grant.version, before.last, before.last, *had_values, *has_values),
            *(grant.connection, grant.connection, at),
        ],
    )


def _kinds(scope: Scope, alias: str) -> str:
    """Return the condition that leaves out the kinds a scope is not given."""
    return "" if scope.demographics else f" AND {alias}.object <> 'demographics'"
