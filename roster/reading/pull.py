"""A vendor's walk through one list: every page is a slice of the ids its first page froze."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from connections.grants import Grant, still_valid
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.errors import OneRosterError, unknown_object
from interop.oneroster.query import Query
from roster.endpoints import PARENTS
from roster.reading.freeze import FrozenList, Selection, freeze, paths_of
from roster.reading.records import Shown, bodies, by_id, by_sourced_id
from roster.reading.scope import restricted

BATCH = 1000
EVERYTHING = 2**31 - 1
# offset 0 starts on the current edition and becomes this connection's newest pull of the query
_START = """
    WITH hit AS (
        SELECT id, total, substr(ids, 1, %s) AS ids FROM roster_frozen
        WHERE key = int8send((SELECT coalesce(max(number), 0) FROM roster_edition)) || %s::bytea
    ), begun AS (
        INSERT INTO roster_pull (connection, query, frozen_id, began_at) SELECT %s, %s::bytea, id, now() FROM hit
        ON CONFLICT (connection, query) DO UPDATE SET frozen_id = EXCLUDED.frozen_id, began_at = EXCLUDED.began_at
    )
    SELECT total, ids FROM hit
"""
_GO_ON = """
    SELECT f.total, substr(f.ids, %s, %s) FROM roster_pull p JOIN roster_frozen f ON f.id = p.frozen_id
    WHERE p.connection = %s AND p.query = %s::bytea AND p.began_at > now() - interval '1 hour'
"""
_STORE = """
    WITH kept AS (
        INSERT INTO roster_frozen (key, edition, total, ids, made_at)
        VALUES (int8send(%s) || %s::bytea, %s, %s, %s, now())
        ON CONFLICT (key) DO UPDATE SET made_at = EXCLUDED.made_at RETURNING id
    )
    INSERT INTO roster_pull (connection, query, frozen_id, began_at) SELECT %s, %s::bytea, id, now() FROM kept
    ON CONFLICT (connection, query) DO UPDATE SET frozen_id = EXCLUDED.frozen_id, began_at = EXCLUDED.began_at
"""


class CutOff(Exception):
    """The connection was changed or closed while its answer was on the way."""


@dataclass(frozen=True)
class Page:
    """One slice of a list: what is on it, and how long the list is."""

    grant: Grant
    total: int
    ids: tuple[int, ...]

    def batches(self) -> Iterator[list[bytes]]:
        """Yield the documents in order, a thousand at a time; the grant is asked again before each further batch."""
        for start in range(0, len(self.ids), BATCH):
            if start and not still_valid(self.grant):
                raise CutOff
            yield documents(self.grant, self.ids[start : start + BATCH])


def documents(grant: Grant, ids: Sequence[int]) -> list[bytes]:
    """Return the documents of these records as the grant sees them, in order; a record withheld since is a gap."""
    if not ids:
        return []
    found = bodies(ids) if not restricted(grant) else {shown.row.id: shown.data for shown in by_id(grant, ids)}
    return [found[number] for number in ids if number in found]


def read_list(grant: Grant, endpoint: Endpoint, names: Mapping[str, str], query: Query) -> Page:
    """Return one page of a list; raises the standard's 404 for a parent that is unknown or unseen."""
    selection = Selection(grant, endpoint, _parents(grant, endpoint, names), query)
    found = _resumed(selection) or _frozen(selection)
    total, ids = found
    return Page(grant, total, struct.unpack(f">{len(ids) // 8}q", ids))


def read_single(grant: Grant, endpoint: Endpoint, names: Mapping[str, str]) -> bytes:
    """Return one document; raises the standard's 404 when it is unknown or unseen."""
    sourced_id = names["sourcedId"]
    found = by_sourced_id(grant, [(endpoint.resource, sourced_id)])
    return _fitting(found.get((endpoint.resource, sourced_id)), endpoint, grant, sourced_id).data


def filter_fields(query: Query) -> tuple[str, ...]:
    """Return the names of the fields a query filters by, for the access log."""
    return tuple(sorted(set(paths_of(query.where))))


def _parents(grant: Grant, endpoint: Endpoint, names: Mapping[str, str]) -> tuple[Shown, ...]:
    if not endpoint.parents:
        return ()
    singles = [(PARENTS[name], names[name]) for name in endpoint.parents]
    found = by_sourced_id(grant, [(single.resource, value) for single, value in singles])
    parents = tuple(_fitting(found.get((single.resource, value)), single, grant, value) for single, value in singles)
    school = dict(zip(endpoint.parents, parents, strict=True)).get("school")
    if school and "class" in endpoint.parents and parents[-1].find.get("school.sourcedId") != school.row.sourced_id:
        raise unknown_object("class", names["class"])
    return parents


def _fitting(shown: Shown | None, single: Endpoint, grant: Grant, sourced_id: str) -> Shown:
    refusal: OneRosterError = unknown_object(single.resource, sourced_id)
    if shown is None:
        raise refusal
    find = shown.row.find if shown.row.former else shown.find
    for path, value in single.where_in(grant.version):
        held = find.get(path)
        if not (value in held if isinstance(held, list) else held == value):
            raise refusal
    return shown


def _resumed(selection: Selection) -> tuple[int, bytes] | None:
    grant, query = selection.grant, selection.query
    size = 8 * min(query.limit if query.limit is not None else EVERYTHING // 8, EVERYTHING // 8)
    key = selection.key
    with connection.cursor() as cursor:
        if query.offset:
            first = 1 + 8 * query.offset
            if first > EVERYTHING:
                return None
            cursor.execute(_GO_ON, [first, size, grant.connection, key])
        else:
            cursor.execute(_START, [size, key, grant.connection, key])
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else None


def _frozen(selection: Selection) -> tuple[int, bytes]:
    query = selection.query
    frozen = freeze(selection)
    if query.limit and frozen.total > query.limit:
        _store(selection, frozen)
    first = 8 * query.offset
    return frozen.total, frozen.ids[first:] if query.limit is None else frozen.ids[first : first + 8 * query.limit]


def _store(selection: Selection, frozen: FrozenList) -> None:
    key, grant = selection.key, selection.grant
    values: list[Any] = [frozen.edition, key, frozen.edition, frozen.total, frozen.ids, grant.connection, key]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
