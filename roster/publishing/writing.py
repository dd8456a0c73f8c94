"""Writing what changed: rows go in by COPY, in batches made ahead, perhaps by a process beside."""

import contextlib
import datetime
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from django.db import connection

from roster import statistics
from roster.models import Record
from roster.models.published import BLOCK
from roster.publishing import rows
from roster.publishing.arrays import array
from roster.publishing.beside import Beside
from roster.publishing.store import Fresh

T = TypeVar("T")
BATCH = 5_000
AT_ONCE = 300
"""As many records are sent at once: the driver's copy of them stays in the processor's cache."""
BESIDE = 2
"""Pieces that are made while another one is written."""
FEW = 2_000
"""As many records are made sooner than a process for them."""


class Batch(NamedTuple):
    """What is written at once: ids of replaced records, (id, source) to note, and rows for COPY, many in each text."""

    replaced: list[int]
    resourced: list[tuple[int, int]]
    records: list[bytes]
    bodies: list[bytes]


def batch(fresh: Iterable[Fresh], resourced: list[tuple[int, int]], number: int, at: datetime.datetime) -> Batch:
    """Return the records, numbered from `number` on, as COPY takes them.

    Each becomes bytes as soon as it comes: thousands of them as objects would not fit into the processor's memory.
    """
    modified, written = rows.moment(at), Batch([], resourced, [], [])
    numbered = enumerate(fresh, number)
    while some := list(islice(_rows(numbered, modified, written.replaced), AT_ONCE)):
        for whole, parts in zip((written.records, written.bodies), zip(*some, strict=True), strict=True):
            whole.append(b"".join(parts))
    return written


def _rows(numbered: Iterable[tuple[int, Fresh]], modified: int, replaced: list[int]) -> Iterator[tuple[bytes, bytes]]:
    """Yield both rows of each record, and note what it replaces."""
    for each, new in numbered:
        names = (new.object, new.status, new.audience)
        record = rows.record_row(
            each, new.source, new.digest, new.version, modified, names, new.sourced_id, new.schools, new.former,
            new.find,
        )  # fmt: skip
        if new.replaces is not None:
            replaced.append(new.replaces)
        yield record, rows.body_row(each, new.doc)


@dataclass
class Writer:
    """Gives out record ids and writes in batches: first the replaced records are retired, then the new ones copied.

    The `first` ever are written into tables that are emptied before (see indexed_afterwards). What was published
    before has ids below `start`.
    """

    at: datetime.datetime
    first: bool = False
    start: int = 0
    next_id: int = 0
    pending: list[Fresh] = field(default_factory=list)

    def __post_init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT greatest((SELECT max(id) FROM roster_record), (SELECT max(id) FROM roster_body), 0)")
            newest = cursor.fetchone()[0]
        self.first = newest == 0
        self.start = self.next_id = (newest // BLOCK + 1) * BLOCK

    @property
    def given_out(self) -> int:
        """The first id nobody has yet."""
        return self.next_id + len(self.pending)

    def numbers(self, many: int) -> int:
        """Give out as many ids; return the first of them."""
        self.next_id += many
        return self.next_id - many

    def add(self, fresh: Fresh) -> None:
        """Queue one record."""
        self.pending.append(fresh)
        if len(self.pending) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is queued."""
        self.write(batch(self.pending, [], self.numbers(len(self.pending)), self.at))
        self.pending = []

    def retire(self, ids: Iterable[int]) -> None:
        """Mark live records as replaced or gone."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE roster_record SET retired_at = %s WHERE id = ANY(%s)", [self.at, array(ids)])

    def write(self, made: Batch) -> None:
        """Write a batch."""
        if made.resourced:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE roster_record SET source = new.source FROM unnest(%s::bigint[], %s::bigint[])"
                    " AS new(id, source) WHERE roster_record.id = new.id",
                    [array(part) for part in zip(*made.resourced, strict=True)],
                )
        if made.replaced:
            self.retire(made.replaced)
        if made.records:
            # rows of a table emptied in this transaction need no mark of who may see them yet
            how = "FORMAT BINARY, FREEZE" if self.first else "FORMAT BINARY"
            _copy(f"roster_record ({rows.RECORD_COLUMNS}) FROM STDIN ({how})", made.records)
            _copy(f"roster_body ({rows.BODY_COLUMNS}) FROM STDIN ({how})", made.bodies)


def _copy(what: str, data: Iterable[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {what}") as copy:
        link = cursor.connection.pgconn
        link.nonblocking = 0  # what is written is sent before the call returns
        try:
            for part in (rows.BEGIN, *data, rows.END):
                copy.write(part)
        finally:
            link.nonblocking = 1


Piece = tuple[Beside[T], Callable[[T], None]]


class Relay(Generic[T]):
    """Makes pieces beside this process, two at a time, while `take` writes the one before and the next is asked for."""

    def __init__(self) -> None:
        self._waiting: deque[Piece[T]] = deque()

    def hand(self, work: Callable[[], T], take: Callable[[T], None], *, size: int) -> None:
        """Have a piece of so many records made; what comes of it is taken now or later."""
        if size <= FEW:
            take(work())
            return
        self._waiting.append((Beside(work), take))
        if len(self._waiting) > BESIDE:
            self._take_oldest()

    def finish(self) -> None:
        """Take what is still being made."""
        while self._waiting:
            self._take_oldest()

    def close(self) -> None:
        """Let go of what is still being made; after `finish` there is nothing."""
        while self._waiting:
            self._waiting.popleft()[0].abandon()

    def _take_oldest(self) -> None:
        begun, take = self._waiting.popleft()
        take(begun.result())


@contextlib.contextmanager
def indexed_afterwards(*, first: bool) -> Iterator[None]:
    """Fill an empty table without its indexes and build them at the end; later publications never touch them.

    A table emptied in the transaction that fills it is not logged row by row where wal_level is minimal.
    """
    indexes, constraints = (Record._meta.indexes, Record._meta.constraints) if first else ((), ())
    if first:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE roster_record, roster_body")
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(Record, index)
        for constraint in constraints:
            editor.remove_constraint(Record, constraint)
    yield
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.add_constraint(Record, constraint)
        for index in indexes:
            editor.add_index(Record, index)
    if first:  # without statistics the first lists would be planned for an empty table
        statistics.gather(["roster_record"])
