"""Writing what changed: rows go in by COPY, in batches made ahead, perhaps by a process beside."""

import contextlib
import datetime
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection

from roster import statistics
from roster.models import Record
from roster.models.published import BLOCK
from roster.publishing import rows
from roster.publishing.arrays import array
from roster.publishing.beside import Beside, Buffer, Texts
from roster.publishing.store import Fresh

T = TypeVar("T")
BATCH = 5_000
AT_ONCE = 300
"""As many records are sent at once: the driver's copy of them stays in the processor's cache."""
BESIDE = 2
"""So many pieces are made while another one is written."""
PIECE = 20_000
"""As many records are made by one process."""
FEW = 2_000
"""As many are made sooner than a process for them."""


class Batch(NamedTuple):
    """What is written at once: ids of replaced records, (id, source) to note, and rows for COPY, many in each part."""

    replaced: list[int]
    resourced: list[tuple[int, int]]
    records: Iterable[Buffer]
    bodies: Iterable[Buffer]


def batch(fresh: Iterable[Fresh], resourced: list[tuple[int, int]], number: int, at: datetime.datetime) -> Batch:
    """Return the records, numbered from `number` on, as COPY takes them.

    Each becomes bytes as soon as it comes: thousands of them as objects would not fit into the processor's memory.
    """
    modified, replaced, records, bodies = rows.moment(at), list[int](), list[Buffer](), list[Buffer]()
    numbered = enumerate(fresh, number)
    while some := list(islice(_rows(numbered, modified, replaced), AT_ONCE)):
        for whole, parts in zip((records, bodies), zip(*some, strict=True), strict=True):
            whole.append(b"".join(parts))
    return Batch(replaced, resourced, records, bodies)


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


def _copy(what: str, data: Iterable[Buffer]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {what}") as copy:
        link = cursor.connection.pgconn
        link.nonblocking = 0  # what is written is sent before the call returns
        try:
            for part in chain([rows.BEGIN], data, [rows.END]):
                copy.write(part)
        finally:
            link.nonblocking = 1


class Work(NamedTuple, Generic[T]):
    """At most so many records, what makes them and what is to be noted of them, and what notes that when it is time."""

    size: int
    make: Callable[[], tuple[Batch, T]]
    note: Callable[[T], None]


class Relay(Generic[T]):
    """Has records made beside this process, two pieces at a time, while it asks for more and writes what is made."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._gathered: deque[Work[T]] = deque()
        self._size = 0
        self._begun: deque[tuple[Beside[Any], list[Callable[[T], None]]]] = deque()

    def hand(self, work: Work[T]) -> None:
        """Have this made and written, now or later."""
        if work.size:
            self._gathered.append(work)
            self._size += work.size
        if self._size >= PIECE:
            self._begin()

    def finish(self) -> None:
        """Have everything written that was handed over so far."""
        if self._size <= FEW:
            for work in self._gathered:
                made, noted = work.make()
                self._writer.write(made)
                work.note(noted)
        else:
            self._begin()
        while self._begun:
            self._write_oldest()

    def close(self) -> None:
        """Let go of what is still being made; after `finish` there is nothing."""
        for begun, _ in self._begun:
            begun.close()

    def _begin(self) -> None:
        """Have a process make what was gathered; only what is to be noted is kept here."""
        notes = [work.note for work in self._gathered]
        self._begun.append((Beside(partial(_made, self._gathered)), notes))
        self._gathered, self._size = deque(), 0
        if len(self._begun) > BESIDE:
            self._write_oldest()

    def _write_oldest(self) -> None:
        begun, notes = self._begun[0]
        (noted, *known), texts = begun.result()
        self._writer.write(Batch(*known, *texts))
        for note, found in zip(notes, noted, strict=True):
            note(found)
        begun.close()
        self._begun.popleft()


def _made(works: deque[Work[T]]) -> tuple[Any, Texts]:
    """Make everything, letting go of each work: what it was made from makes room for the next."""
    noted, replaced, resourced = list[T](), list[int](), list[tuple[int, int]]()
    records, bodies = list[Buffer](), list[Buffer]()
    while works:
        made, note = works.popleft().make()
        noted.append(note)
        replaced += made.replaced
        resourced += made.resourced
        records += made.records
        bodies += made.bodies
    return (noted, replaced, resourced), (records, bodies)


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
