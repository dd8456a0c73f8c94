"""Reading what is published and writing what changed: rows go in by COPY, in batches."""

import contextlib
import datetime
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from roster import statistics
from roster.models import Record
from roster.publishing import rows
from roster.publishing.draft import MIXED, tokens

BATCH = 5_000
KEPT = datetime.timedelta(days=30)
LIVE = "version = %s AND object = %s AND retired_at IS NULL"


class Live(NamedTuple):
    """What is published of one object now, without its body; `left` and `ended` as draft.py describes them."""

    id: int
    status: str
    schools: tuple[int, ...]
    former: tuple[int, ...]
    audience: str
    digest: bytes
    source: int | None
    seen: tuple[str, ...]
    left: dict[str, int]
    ended: int | None
    person: str | None


class Fresh(NamedTuple):
    """A record to write, and the id of the live record it replaces."""

    version: int
    object: str
    sourced_id: str
    status: str
    schools: tuple[int, ...]
    former: tuple[int, ...]
    audience: str
    digest: bytes
    source: int
    find: dict[str, Any]
    doc: bytes
    replaces: int | None


def live_sources(version: int, wire_object: str, names: Collection[str] | None) -> dict[str, int | None]:
    """Return what the live records of one kind with these sourcedIds (None: all) were rendered from."""
    where, values = (LIVE, []) if names is None else (f"{LIVE} AND sourced_id = ANY(%s)", [list(names)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sourced_id, source FROM roster_record WHERE {where}", [version, wire_object, *values])
        return dict(cursor.fetchall())


def count_active(version: int, wire_object: str) -> int:
    """Return how many live records of one kind are not tombstones."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM roster_record WHERE {LIVE} AND status = 'active'", [version, wire_object])
        return int(cursor.fetchone()[0])


def live_records(version: int, wire_object: str, sourced_ids: Collection[str]) -> dict[str, Live]:
    """Return the live records of one kind with these sourcedIds."""
    if not sourced_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sourced_id, id, status, school, others, former, audience, digest, source,"
            " CASE WHEN audience = 'mixed' OR former IS NOT NULL OR source = 0"
            " THEN jsonb_build_array(find->'_seen', find->'_left', find->'_ended')::text END,"
            " CASE WHEN version = 11 THEN find->>'_person' END"
            " FROM roster_record"
            f" WHERE {LIVE} AND sourced_id = ANY(%s)",
            [version, wire_object, list(sourced_ids)],
        )
        return {row[0]: _live(*row[1:]) for row in cursor.fetchall()}


def _live(
    number: int, status: str, school: int | None, others: list[int] | None, former: list[int] | None, audience: str,
    digest: Any, source: int | None, told: str | None, person: str | None,
) -> Live:  # fmt: skip
    schools = () if school is None else (school, *(others or ()))
    seen, left, ended = orjson.loads(told) if told else (None, None, None)
    if audience != MIXED:
        seen = tokens((each, audience) for each in schools)
    return Live(
        number, status, schools, tuple(former or ()), audience, bytes(digest), source,
        tuple(seen or ()), left or {}, ended, person,
    )  # fmt: skip


def bodies(ids: list[int]) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """Return document and find of these records."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, doc, find::text FROM roster_body JOIN roster_record USING (id) WHERE id = ANY(%s)", [ids]
        )
        return {row[0]: (orjson.loads(bytes(row[1])), orjson.loads(row[2])) for row in cursor}


def finds(ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return the find of these records."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, find::text FROM roster_record WHERE id = ANY(%s)", [ids])
        return {row[0]: orjson.loads(row[1]) for row in cursor.fetchall()}


@dataclass
class Writer:
    """Gives out record ids and writes in batches: first the replaced records are retired, then the new ones copied.

    The `first` ever are written into tables that are emptied before (see indexed_afterwards).
    """

    at: datetime.datetime
    first: bool = False
    next_id: int = 0
    pending: list[Fresh] = field(default_factory=list)
    resourced: list[tuple[int, int]] = field(default_factory=list)
    database: BaseDatabaseWrapper = field(default_factory=lambda: connections[DEFAULT_DB_ALIAS])

    def __post_init__(self) -> None:
        with self.database.cursor() as cursor:
            cursor.execute("SELECT greatest((SELECT max(id) FROM roster_record), (SELECT max(id) FROM roster_body), 0)")
            self.next_id = cursor.fetchone()[0] + 1
        self.first = self.next_id == 1

    @property
    def given_out(self) -> int:
        """The first id nobody has yet."""
        return self.next_id + len(self.pending)

    def add(self, fresh: Fresh) -> None:
        """Queue one record."""
        self.pending.append(fresh)
        if len(self.pending) >= BATCH:
            self.flush()

    def add_all(self, records: Iterable[Fresh]) -> None:
        """Queue many records; while PostgreSQL takes one batch, the next is made.

        Making them must not use the database: its connection is busy meanwhile.
        """
        self.database.inc_thread_sharing()
        try:
            with ThreadPoolExecutor(max_workers=1) as beside:
                writing: Future[None] | None = None
                for fresh in records:
                    self.pending.append(fresh)
                    if len(self.pending) >= BATCH:
                        if writing:
                            writing.result()
                        writing = beside.submit(self._write, self._taken())
                if writing:
                    writing.result()
        finally:
            self.database.dec_thread_sharing()

    def keep(self, live_id: int, source: int) -> None:
        """Queue the note that a live record says the same though it was made from other facts."""
        self.resourced.append((live_id, source))

    def retire(self, ids: Iterable[int]) -> None:
        """Mark live records as replaced or gone."""
        with self.database.cursor() as cursor:
            cursor.execute("UPDATE roster_record SET retired_at = %s WHERE id = ANY(%s)", [self.at, list(ids)])

    def flush(self) -> None:
        """Write what is queued."""
        self._write(self._taken())

    def _taken(self) -> "Batch":
        """Empty the queues into rows as COPY takes them."""
        numbered = list(enumerate(self.pending, self.next_id))
        modified = rows.moment(self.at)
        taken = Batch(
            [fresh.replaces for fresh in self.pending if fresh.replaces is not None],
            self.resourced,
            rows.stream(
                rows.record_row(
                    number, new.source, new.digest, new.version, modified,
                    (new.object, new.status, new.audience), new.sourced_id, new.schools, new.former, new.find,
                )
                for number, new in numbered
            ),
            rows.stream(rows.body_row(number, new.doc) for number, new in numbered),
        )  # fmt: skip
        self.next_id += len(numbered)
        self.pending, self.resourced = [], []
        return taken

    def _write(self, batch: "Batch") -> None:
        if batch.resourced:
            with self.database.cursor() as cursor:
                cursor.execute(
                    "UPDATE roster_record SET source = new.source FROM unnest(%s::bigint[], %s::bigint[])"
                    " AS new(id, source) WHERE roster_record.id = new.id",
                    [list(part) for part in zip(*batch.resourced, strict=True)],
                )
        if batch.replaced:
            self.retire(batch.replaced)
        if batch.records != rows.NOTHING:
            # rows of a table emptied in this transaction need no mark of who may see them yet
            how = "FORMAT BINARY, FREEZE" if self.first else "FORMAT BINARY"
            _copy(self.database, f"roster_record ({rows.RECORD_COLUMNS}) FROM STDIN ({how})", batch.records)
            _copy(self.database, f"roster_body ({rows.BODY_COLUMNS}) FROM STDIN ({how})", batch.bodies)


class Batch(NamedTuple):
    """What is written at once: ids of replaced records, (id, source) to note, and rows for COPY."""

    replaced: list[int]
    resourced: list[tuple[int, int]]
    records: bytes
    bodies: bytes


def _copy(database: BaseDatabaseWrapper, what: str, data: bytes) -> None:
    with database.cursor() as cursor, cursor.copy(f"COPY {what}") as copy:
        link = cursor.connection.pgconn
        link.nonblocking = 0  # sent in one call that leaves the interpreter to the thread that makes records
        try:
            copy.write(data)
        finally:
            link.nonblocking = 1


@contextlib.contextmanager
def indexed_afterwards(*, first: bool) -> Iterator[None]:
    """Fill an empty table without its indexes and build them at the end; later publications never touch them.

    A table emptied in the transaction that fills it is not logged row by row where wal_level is minimal.
    """
    indexes = Record._meta.indexes if first else []
    if first:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE roster_record, roster_body")
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(Record, index)
    yield
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(Record, index)
    if first:  # without statistics the first lists would be planned for an empty table
        statistics.gather(["roster_record"])


def settle() -> None:
    """Let PostgreSQL mark the pages everybody may see, outside of any transaction.

    Otherwise the next list of a vendor would look up each record it names, and mark them one by one. Where it fails,
    nothing but that is lost.
    """
    with contextlib.suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("VACUUM roster_record")


def prune(now: datetime.datetime) -> int:
    """Drop pulls begun over an hour ago, their frozen lists, and what was retired long ago and no list can name.

    Records that are live after a publication are right, so nothing live stays withheld. Older versions are kept for a
    while, because only they tell what a connection had whose scope is changed (see roster/reading/history.py). Of
    people it stays on record when and where they were published, to answer who received them (roster/received.py).
    """
    hour = datetime.timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM roster_pull WHERE began_at < %s", [now - hour])
        cursor.execute(
            "DELETE FROM roster_frozen f WHERE made_at < %s"
            " AND NOT EXISTS (SELECT 1 FROM roster_pull p WHERE p.frozen_id = f.id)",
            [now - hour],
        )
        cursor.execute("DELETE FROM roster_withheld w USING roster_record r WHERE r.id = w.id AND r.retired_at IS NULL")
        cursor.execute("SELECT min(made_at) FROM roster_frozen")
        oldest = cursor.fetchone()[0]
        until = min(now - KEPT, oldest) if oldest else now - KEPT
        cursor.execute(
            "WITH gone AS (DELETE FROM roster_record r WHERE retired_at < %s"
            " AND NOT EXISTS (SELECT 1 FROM roster_lost l WHERE l.record = r.id) RETURNING r.*),"
            " past AS (INSERT INTO roster_pastrecord (id, version, object, sourced_id, modified, retired_at, school,"
            " others, former, audience, find) SELECT id, version, object, sourced_id, modified, retired_at, school,"
            " others, former, audience, jsonb_strip_nulls(jsonb_build_object('roles.role', find->'roles.role',"
            " 'role', find->'role')) FROM gone WHERE object IN ('user', 'demographics') ON CONFLICT DO NOTHING),"
            " told AS (DELETE FROM roster_withheld USING gone WHERE roster_withheld.id = gone.id)"
            " DELETE FROM roster_body USING gone WHERE roster_body.id = gone.id",
            [until],
        )
        return int(cursor.rowcount)
