"""A vendor's walk through a list of live rows: its first page freezes the ids, every page tells the rows as they are.

A row that is gone or no longer shared when its page is asked for is a gap, as with published records.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from connections.grants import Grant, still_valid
from gradebook.reading.documents import documents
from gradebook.reading.horizon import horizon
from gradebook.reading.posted import parsed
from gradebook.reading.sources import Source, joined, sources_of
from gradebook.reading.values import asks_for_deleted, certain, found_sql, touched
from interop import statements
from interop.oneroster.answers import CutOff, Joined
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.errors import unknown_object
from interop.oneroster.filters import sort_sql, where_sql
from interop.oneroster.query import Query
from interop.statements import Question
from roster.reading.frozen import pull_key
from roster.reading.pull import parents_for_list

BATCH = 1000
MOST_BYTES = 2**31 - 1
_GO_ON = """
    SELECT total, substr(ids, %s::int, %s::int) FROM gradebook_livepull
    WHERE connection = %s::bigint AND query = %s::bytea AND began_at > now() - interval '1 hour'
"""
_STORE = """
    WITH over AS (DELETE FROM gradebook_livepull WHERE began_at < now() - interval '1 hour' AND query <> %s)
    INSERT INTO gradebook_livepull (connection, query, total, ids, began_at)
    VALUES (%s, %s, %s, %s, now())
    ON CONFLICT (connection, query) DO UPDATE
    SET total = EXCLUDED.total, ids = EXCLUDED.ids, began_at = EXCLUDED.began_at
    RETURNING id
"""
# PostgreSQL believes that next to no class is shared, and would look up class and student of every single result.
_ALL = """
    SELECT set_config('enable_nestloop', 'off', true)
    FROM pg_class WHERE oid = 'gradebook_score'::regclass AND reltuples > %s::float8
"""
MANY = 100_000
"""Results from which on it is sooner to read all classes and students once."""


@dataclass(frozen=True)
class Page:
    """One slice of a list: what is on it, how long the list is, and the class its categories are told for."""

    grant: Grant
    endpoint: Endpoint
    total: int
    ids: "array[int]"
    section: str | None = None

    def batches(self) -> Iterator[Joined]:
        """Yield the documents in order, a thousand at a time; the grant is asked again before each further batch."""
        for start in range(0, len(self.ids), BATCH):
            if start:
                self.check()
            batch = self.ids[start : start + BATCH]
            found = documents(self.grant, self.endpoint.resource, batch, until=horizon(), section=self.section)
            yield Joined(found, len(found))

    def check(self) -> None:
        """Raise CutOff when the connection may not have the rest any more."""
        if not still_valid(self.grant):
            raise CutOff


def read_list(grant: Grant, endpoint: Endpoint, names: Mapping[str, str], query: Query) -> Page:
    """Return one page of a list; raises the standard's 404 for a parent that is unknown or unseen (1.1: see roster)."""
    roster = tuple(name for name in endpoint.parents if name != "lineItem")
    parents = parents_for_list(grant, replace(endpoint, parents=roster), names)
    if parents is None:
        return Page(grant, endpoint, 0, array("q"))
    inside = {name: parent.row.sourced_id for name, parent in zip(roster, parents, strict=True)}
    if "lineItem" in endpoint.parents:
        inside["lineItem"] = _line_item(grant, names["lineItem"], inside["class"])
    section = inside.pop("class") if endpoint.resource == "category" and "class" in inside else None
    if section is not None:
        inside[""] = section
    named = pull_key(endpoint, tuple(inside.values()), query) + grant.changed.to_bytes(4, "big")
    total, ids = _resumed(grant, named, query) or _frozen(grant, endpoint, inside, query, named)
    return Page(grant, endpoint, total, ids, section)


def read_single(grant: Grant, endpoint: Endpoint, names: Mapping[str, str]) -> bytes:
    """Return one document; raises the standard's 404 when it is unknown, unseen or deleted."""
    sourced_id = names["sourcedId"]
    found = documents(grant, endpoint.resource, by="sourcedId", wanted=[sourced_id])
    if not found:
        raise unknown_object(endpoint.resource, sourced_id)
    return found[0]


def _line_item(grant: Grant, sourced_id: str, section: str) -> str:
    """Return the id of a lineItem the class has; raises the standard's 404 for any other."""
    source = joined(sources_of(grant, "lineItem"))
    sql = f'{source.select("q.id")} AND q.deleted_at IS NULL AND q."sourcedId" = %s AND q."class" = %s'
    with connection.cursor() as cursor:
        cursor.execute(sql, [*source.params, sourced_id, section])
        if cursor.fetchone() is None:
            raise unknown_object("lineItem", sourced_id)
    return sourced_id


def _resumed(grant: Grant, named: bytes, query: Query) -> "tuple[int, array[int]] | None":
    first, size = 1 + 8 * query.offset, 8 * (MOST_BYTES // 8 if query.limit is None else query.limit)
    if not query.offset or first > MOST_BYTES:
        return None
    found = statements.prepared(_GO_ON, [first, min(size, MOST_BYTES), grant.connection, named])
    return (found[0][0], _numbers(found[0][1])) if found else None


def _frozen(
    grant: Grant, endpoint: Endpoint, inside: Mapping[str, str], query: Query, named: bytes
) -> "tuple[int, array[int]]":
    """Evaluate the list; what has further pages is kept for them."""
    sql, params = _list_sql(grant, endpoint, inside, query)
    if endpoint.resource == "result" and not inside and query.where is None and not query.sort:
        # what is sent in one trip is one transaction
        _, [(ids, total)] = statements.together(Question(_ALL, [MANY]), Question(sql, params))
    else:
        [(ids, total)] = statements.rows(sql, params)
    ids = ids or b""
    if query.limit and total > query.limit:
        statements.rows(_STORE, [named, grant.connection, named, total, ids])
    end = None if query.limit is None else 8 * (query.offset + query.limit)
    return total, _numbers(ids[8 * query.offset : end])


def _list_sql(grant: Grant, endpoint: Endpoint, inside: Mapping[str, str], query: Query) -> tuple[str, list[Any]]:
    resource, version = endpoint.declaration, grant.version
    find, find_params = found_sql(touched(query.where, query.sort), resource, version)
    columns = f'q.id, q."sourcedId" AS sourced_id, q.status, least(q.modified, %s) AS modified, {find} AS find'
    source = _source(grant, endpoint.resource, query)
    rows, params = source.select(columns), [horizon(), *find_params, *source.params]
    if not asks_for_deleted(query.where):
        rows += " AND q.deleted_at IS NULL"
    for name, value in inside.items():
        rows += f' AND q."{name}" = %s' if name else _OFFERED
        params.append(value)
    for test in certain(query.where):
        narrowed = _narrowed(test.path, test.op, source.keys)
        if narrowed:
            rows += narrowed
            params.append(test.value)
    sql, order, order_params = f"SELECT r.id FROM ({rows}) r", "r.sourced_id", list[Any]()
    if query.where is not None:
        text, values = where_sql(query.where, resource, version)
        sql += f" WHERE {text}"
        params += values
    if query.sort:
        key, order_params = sort_sql(query.sort, resource, version)
        order = f"{key}{' DESC NULLS LAST' if query.descending else ' ASC NULLS LAST'}, {order}"
    text = f"SELECT string_agg(int8send(x.id), ''::bytea), count(*) FROM ({sql} ORDER BY {order}) x"
    return text, [*params, *order_params]


def _source(grant: Grant, kind: str, query: Query) -> Source:
    """Return where the rows of a list are; posted grades of a line item that is named are looked for in its section."""
    own, *others = sources_of(grant, kind)
    for test in certain(query.where):
        if (test.path, test.op) == ("lineItem.sourcedId", "="):
            found = parsed(test.value)
            others = [each.within(found[1]) for each in others] if found else []
    return joined([own, *others])


_OFFERED = """ AND EXISTS (
    SELECT 1 FROM gradebook_category_sections l JOIN roster_section o ON o.id = l.section_id
    WHERE l.category_id = q.id AND o.sourced_id = %s)"""


def _narrowed(path: str, op: str, keys: Sequence[str]) -> str:
    """Return a test on a column with an index that follows from a comparison; blank: none does."""
    name, _, part = path.partition(".")
    if op == "=" and part == "sourcedId" and name in keys:
        return f' AND q."{name}" = %s'
    if path == "dateLastModified" and op in (">", ">="):
        return f" AND q.modified {op} %s::timestamptz"
    return ""


def _numbers(stored: bytes) -> "array[int]":
    ids = array("q", stored)
    ids.byteswap()
    return ids
