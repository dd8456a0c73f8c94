"""Reading what is published and writing what changed: rows go in by COPY, in batches."""

import contextlib
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.db import connection
from psycopg.types.json import Jsonb

from roster.models import Record

VERSION = 12
BATCH = 5_000
RECORD_TYPES = (
    "int8", "int2", "text", "text", "text", "timestamptz", "int8", "int8[]", "int8[]", "text", "bytea", "jsonb",
)  # fmt: skip
RECORD_COLUMNS = "id, version, object, sourced_id, status, modified, school, others, former, audience, digest, find"


class Live(NamedTuple):
    """What is published of one object now, without its body."""

    id: int
    status: str
    schools: tuple[int, ...]
    former: tuple[int, ...]
    audience: str
    digest: bytes


class Fresh(NamedTuple):
    """A record to write, and the id of the live record it replaces."""

    object: str
    sourced_id: str
    status: str
    schools: tuple[int, ...]
    former: tuple[int, ...]
    audience: str
    digest: bytes
    find: dict[str, Any]
    doc: bytes
    replaces: int | None


def live_records(wire_object: str) -> dict[str, Live]:
    """Return the live records of one kind by sourcedId."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sourced_id, id, status, school, others, former, audience, digest FROM roster_record"
            " WHERE version = %s AND object = %s AND retired_at IS NULL",
            [VERSION, wire_object],
        )
        return {
            row[0]: Live(
                row[1],
                row[2],
                () if row[3] is None else (row[3], *(row[4] or ())),
                tuple(row[5] or ()),
                row[6],
                bytes(row[7]),
            )
            for row in cursor
        }


def bodies(ids: list[int]) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """Return document and find of these records."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, doc, find::text FROM roster_body JOIN roster_record USING (id) WHERE id = ANY(%s)", [ids]
        )
        return {row[0]: (orjson.loads(bytes(row[1])), orjson.loads(row[2])) for row in cursor}


@dataclass
class Writer:
    """Gives out record ids and writes in batches: first the replaced records are retired, then the new ones copied."""

    at: datetime.datetime
    next_id: int = 0
    pending: list[Fresh] = field(default_factory=list)

    def __post_init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT greatest((SELECT max(id) FROM roster_record), (SELECT max(id) FROM roster_body), 0)")
            self.next_id = cursor.fetchone()[0] + 1

    def add(self, fresh: Fresh) -> None:
        """Queue one record."""
        self.pending.append(fresh)
        if len(self.pending) >= BATCH:
            self.flush()

    def retire(self, ids: Iterable[int]) -> None:
        """Mark live records as replaced or gone."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE roster_record SET retired_at = %s WHERE id = ANY(%s)", [self.at, list(ids)])

    def flush(self) -> None:
        """Write what is queued."""
        if not self.pending:
            return
        if replaced := [fresh.replaces for fresh in self.pending if fresh.replaces is not None]:
            self.retire(replaced)
        numbered = list(enumerate(self.pending, self.next_id))
        with connection.cursor() as cursor:
            with cursor.copy("COPY roster_body (id, doc) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int8", "bytea"])
                for number, fresh in numbered:
                    copy.write_row((number, fresh.doc))
            with cursor.copy(f"COPY roster_record ({RECORD_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(RECORD_TYPES)
                for number, fresh in numbered:
                    copy.write_row(self._row(number, fresh))
        self.next_id += len(numbered)
        self.pending.clear()

    def _row(self, number: int, fresh: Fresh) -> tuple[Any, ...]:
        schools = fresh.schools
        return (
            number, VERSION, fresh.object, fresh.sourced_id, fresh.status, self.at,
            schools[0] if schools else None, list(schools[1:]) or None, list(fresh.former) or None,
            fresh.audience, fresh.digest, Jsonb(fresh.find, dumps=orjson.dumps),
        )  # fmt: skip


@contextlib.contextmanager
def indexed_afterwards(*, first: bool) -> Iterator[None]:
    """Fill an empty table without its indexes and build them at the end; later publications never touch them."""
    indexes = Record._meta.indexes if first else []
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(Record, index)
    yield
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(Record, index)


def prune(now: datetime.datetime) -> int:
    """Drop frozen lists over an hour old, and records retired over two hours ago that no frozen list can name."""
    hour = datetime.timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM roster_pull WHERE frozen_id IN (SELECT id FROM roster_frozen WHERE made_at < %s)", [now - hour]
        )
        cursor.execute("DELETE FROM roster_frozen WHERE made_at < %s", [now - hour])
        cursor.execute("SELECT min(made_at) FROM roster_frozen")
        oldest = cursor.fetchone()[0]
        until = min(now - 2 * hour, oldest) if oldest else now - 2 * hour
        cursor.execute(
            "WITH gone AS (DELETE FROM roster_record WHERE retired_at < %s RETURNING id)"
            " DELETE FROM roster_body USING gone WHERE roster_body.id = gone.id",
            [until],
        )
        return int(cursor.rowcount)
