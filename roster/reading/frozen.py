"""Frozen lists as they are stored, and the walks of connections through them.

A frozen list is known by its edition, the query and the grant's scope, in this order (`Selection.key`), so connections
with equal choices share it. A pull is known by its connection, that connection's revision and the query: once the
connection is changed, its pulls are not found any more. Ids are eight bytes each; a negative one must be looked at
again before it is shown to the grant that froze it.
"""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from hashlib import blake2b
from typing import NamedTuple

from django.db import transaction
from psycopg.adapt import PyFormat

from connections.access import Caller
from connections.grants import BEARER, LIMITS, SCOPE_KEY_BYTES, Grant, bearer_live
from connections.limits import Limits
from connections.secret import sha256
from interop.oneroster.endpoints import Endpoint, full_names
from interop.oneroster.query import Query
from interop.statements import Failed, Question, Rows, Statement, prepared, rows, together
from roster.reading.bodies import STANDING, Standing

MOST_BYTES = 2**31 - 1
_CURRENT = "(SELECT coalesce(max(number), 0) FROM roster_edition)"
_AN_HOUR_AGO = "now() - interval '1 hour'"
# Offset 0 starts on the current edition and becomes this connection's newest pull of the query.
_START = f"""
    WITH hit AS (
        SELECT id, total, substr(ids, 1, %s::int4) AS ids FROM roster_frozen
        WHERE key = int8send({_CURRENT}) || %s::bytea
    ), begun AS (
        INSERT INTO roster_pull (connection, query, frozen_id, began_at) SELECT %s::int8, %s::bytea, id, now() FROM hit
        ON CONFLICT (connection, query) DO UPDATE SET frozen_id = EXCLUDED.frozen_id, began_at = EXCLUDED.began_at
    )
    SELECT total, ids, {_CURRENT} FROM hit
"""
_GO_ON = f"""
    SELECT f.total, substr(f.ids, %s::int4, %s::int4), f.edition
    FROM roster_pull p JOIN roster_frozen f ON f.id = p.frozen_id
    WHERE p.connection = %s AND p.query = %s::bytea AND p.began_at > {_AN_HOUR_AGO}
"""
_KEEP = """
    INSERT INTO roster_frozen (key, edition, total, ids, made_at)
    VALUES (int8send(%s::int8) || %s::bytea, %s::int8, %s::int4, %s::bytea, now())
    ON CONFLICT (key) DO UPDATE SET total = EXCLUDED.total RETURNING id
"""
_STORE = f"""
    WITH kept AS ({_KEEP})
    INSERT INTO roster_pull (connection, query, frozen_id, began_at) SELECT %s::int8, %s::bytea, id, now() FROM kept
    ON CONFLICT (connection, query) DO UPDATE SET frozen_id = EXCLUDED.frozen_id, began_at = EXCLUDED.began_at
    RETURNING id
"""
# The whole of a page that is already frozen: token, connection and credential as of now, its limits, and the slice.
# Asked for every page, so nothing stands here that most have no need of: a pull begun again is told so apart.
_PAGE = Statement(
    "frozen_page",
    f"""
    SELECT f.total, substr(f.ids, $4::int4, $5::int4), f.edition, f.key, c.id, c.revision::int8, k.id, {LIMITS},
           CASE WHEN $4::int4 = 1 AND p.began_at < now() - interval '5 minutes' THEN p.id END, {STANDING}
    FROM {BEARER}
    JOIN roster_pull p ON p.connection = c.id AND p.query = $2::bytea || int4send(c.revision)
    JOIN roster_frozen f ON f.id = p.frozen_id
    WHERE t.token_sha256 = $1::bytea AND {bearer_live("$7")} AND c.version = $3::int4
      AND string_to_array(t.scope, ' ') && $6::text[] AND p.began_at > {_AN_HOUR_AGO}
      AND ($4::int4 > 1 OR f.edition = {_CURRENT})
    """,
)
_BEGIN_AGAIN = "UPDATE roster_pull SET began_at = now() WHERE id = %s::int8 RETURNING id"
_FORMATS = [PyFormat.BINARY] * 2 + [PyFormat.TEXT] * 5


class Slice:
    """A part of a frozen list as it is stored, int8 big-endian; how long the whole is, and of which edition.

    `is_plain` says that all its records look the same to everybody: no id is negative, so each begins with a zero byte.
    """

    __slots__ = ("edition", "ids", "is_plain", "stored", "total")

    def __init__(self, total: int, stored: bytes, edition: int) -> None:
        self.total, self.stored, self.edition = total, stored, edition
        self.ids = array("q", stored)
        self.ids.byteswap()
        self.is_plain = stored[::8].count(0) == len(self.ids)


class Hit(NamedTuple):
    """A page that is frozen, for which scope, what its reader may ask, and what held of bodies then."""

    slice: Slice
    scope_key: bytes
    caller: Caller
    revision: int
    limits: Limits
    standing: Standing


def pull_key(endpoint: Endpoint, parents: tuple[str, ...], query: Query) -> bytes:
    """Return what names a query of a connection, whatever its scope is at the time."""
    return _pull_key(endpoint.operation, parents, query.canonical)


@lru_cache(maxsize=1024)
def _pull_key(operation: str, parents: tuple[str, ...], canonical: bytes) -> bytes:
    hashed = blake2b(repr((operation, parents)).encode(), digest_size=24)
    hashed.update(canonical)
    return hashed.digest()


def frozen_page(endpoint: Endpoint, version: int, query: Query, token: str, *, address: str) -> Hit | None:
    """Return the slice of the bearer's own pull; None: everything else, to be asked step by step.

    Only for lists without parents in the path, which have to be judged anew each time.
    """
    place = _place(query)
    if place is None:
        return None
    scopes = _as_array(endpoint.scopes, version)
    values = (sha256(token), pull_key(endpoint, (), query), version, *place, scopes, address or None)
    try:
        found = _PAGE.ask(values, _FORMATS)
    except Failed:
        return None
    if not found:
        return None
    total, stored, edition, key, number, revision, credential, bucket, refill, at_once, begun_again, *standing = found
    if begun_again:
        prepared(_BEGIN_AGAIN, [begun_again])
    caller = Caller(number, credential, version)
    limits = Limits(bucket, refill, at_once)
    page, scope_key = Slice(total, stored, edition), key[-SCOPE_KEY_BYTES:]
    return Hit(page, scope_key, caller, revision, limits, Standing.of(*standing))


@cache
def _as_array(scopes: tuple[str, ...], version: int) -> str:
    """Return the full names of an endpoint's scopes as PostgreSQL reads an array."""
    return "{" + ",".join(full_names(scopes, version)) + "}"


def resumed(grant: Grant, key: bytes, pull: bytes, query: Query) -> Slice | None:
    """Return the slice of a list that is frozen already: at offset 0 of the current edition, else of this pull."""
    asked = _resuming(grant, key, pull, query)
    return _sliced(prepared(*asked)) if asked else None


def _sliced(found: Rows) -> Slice | None:
    return Slice(*found[0]) if found else None


def _resuming(grant: Grant, key: bytes, pull: bytes, query: Query) -> Question | None:
    place = _place(query)
    if place is None:
        return None
    named = pull_of(grant, pull)
    if query.offset:
        return Question(_GO_ON, [*place, grant.connection, named])
    return Question(_START, [place[1], key, grant.connection, named])


def pull_of(grant: Grant, pull: bytes) -> bytes:
    """Return what names a query of the connection as long as the connection is not changed."""
    return pull + grant.changed.to_bytes(4, "big")


def store(grant: Grant, key: bytes, pull: bytes, *, edition: int, total: int, ids: bytes) -> None:
    """Keep a frozen list and make it this connection's newest pull of the query."""
    # sent as it is: a cursor of Django would write a list of megabytes out as text
    rows(_STORE, [edition, key, edition, total, ids, grant.connection, pull_of(grant, pull)])


def keep(key: bytes, *, edition: int, total: int, ids: bytes) -> None:
    """Keep a frozen list for whoever begins a pull of it."""
    rows(_KEEP, [edition, key, edition, total, ids])


def open_pulls() -> frozenset[tuple[int, bytes]]:
    """Return connection and `pull_of` of each pull that may go on."""
    found = rows(f"SELECT connection, query FROM roster_pull WHERE began_at > {_AN_HOUR_AGO}", [])
    return frozenset((number, bytes(query)) for number, query in found)


@contextmanager
def one_at_a_time(grant: Grant, key: bytes, pull: bytes, query: Query) -> Iterator[Slice | None]:
    """Let one of many vendors that ask for the same list freeze it: yield None to it, and the slice to who waited."""
    lock = Question("SELECT pg_advisory_xact_lock(%s::int8)", [int.from_bytes(key[:8], "big", signed=True)])
    asked = _resuming(grant, key, pull, query)
    with transaction.atomic():
        _, *found = together(lock, asked) if asked else together(lock)
        yield _sliced(found[0]) if found else None


def _place(query: Query) -> tuple[int, int] | None:
    """Return first byte (from 1) and number of bytes of the page; None beyond what a list can hold."""
    first = 1 + 8 * query.offset
    most = MOST_BYTES // 8
    size = 8 * min(most if query.limit is None else query.limit, most)
    return None if first > MOST_BYTES else (first, size)
