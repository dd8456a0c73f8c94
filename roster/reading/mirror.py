"""Published bodies in files on this machine, in blocks of numbers, so that a page costs little more than sending it.

A number names one body for good (docs/decisions/0008), so what is here is never wrong, only absent: a block is copied
from PostgreSQL when a page first wants much of it, or at the end of the refresh that wrote it. Nothing here decides who
may have what; lists, grants and withheld records are asked of the database for each page, as always.

The folder's name bears the database, the boot of this machine and the database's `epoch`. So after a power cut, which
may have kept half of what was written, everything is copied anew; and when bodies were deleted, the epoch is another,
and the first page of each host removes the files that still have them. See docs/decisions/0015.
"""

import contextlib
import datetime
import fcntl
import mmap
import os
import shutil
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import accumulate, compress, count, pairwise, repeat
from operator import ne, sub
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from interop.oneroster.answers import Joined, Piece
from interop.statements import Failed, Statement, int8
from roster.models.published import BLOCK

MUCH = 64
"""As many of its records have to be wanted at once for a block to be copied."""
LEAST_FREE = 2**30
"""Bytes of the disk that are left alone."""
MOST_KNOWN = 2048
"""Blocks whose tables a process keeps (8 KB each)."""
MOST_PLACED, A_PIECE = 2**24, 200
"""Bytes in which a process keeps where the bodies of pages lie, and what a piece of a page takes of them."""
BINARY = 1
_BOOT = Path("/proc/sys/kernel/random/boot_id")
# Every publication begins a block of its own, so a block that can be seen is whole.
_BLOCK = Statement(
    "bodies_block", "SELECT b.id, b.doc FROM roster_body b WHERE b.id BETWEEN $1::int8 AND $2::int8 ORDER BY b.id"
)


class Block(NamedTuple):
    """Where a block lies: the file's place of each of its records, and of the end; a record without a body is empty."""

    first: int
    places: "array[int]"
    gaps: bool

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return where the records from number to number begin and end, the comma after the last left out."""
        begin, end = self.places[first - self.first], self.places[last - self.first + 1]
        return begin, max(begin, end - 1)

    def holds(self, first: int, last: int) -> int:
        """Return how many of these numbers have a body."""
        if not self.gaps:
            return last - first + 1
        return len(set(self.places[first - self.first : last - self.first + 2])) - 1


class Mirror:
    """The files of one epoch: bodies one block after the other, and an index of eight bytes a block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = os.open(folder / "bodies", os.O_RDWR | os.O_CREAT, 0o600)
        self.index = os.open(folder / "index", os.O_RDWR | os.O_CREAT, 0o600)
        self.known: dict[int, Block] = {}
        self.placed: dict[bytes, Joined] = {}
        self.room = MOST_PLACED
        self.mapped = memoryview(b"")

    def close(self) -> None:
        """Let go of the files."""
        os.close(self.data)
        os.close(self.index)

    def read(self, ids: "array[int]") -> Joined | None:
        """Return the bodies in the order of the ids; None when one of their blocks is neither here nor worth copying.

        A body that is gone is a gap. Where they lie stays the same for good, and the next vendor asks for the same.
        """
        name = ids.tobytes()
        found = self.placed.get(name)
        if found is None:
            found = self._gather(ids)
            if found:
                self._remember(name, found)
        return found

    def _remember(self, name: bytes, found: Joined) -> None:
        taken = len(name) + A_PIECE * len(found.pieces)
        if taken > self.room:
            self.placed.clear()
            self.room = MOST_PLACED
        self.placed[name] = found
        self.room -= taken

    def _gather(self, ids: "array[int]") -> Joined | None:
        pieces: list[Piece] = []
        many = 0
        for first, last in _runs(ids):
            block = self.block(first // BLOCK, wanted=len(ids))
            if block is None:
                return None
            begin, end = block.span(first, last)
            if begin < end:
                pieces.append(self._bytes(begin, end))
                many += block.holds(first, last)
        return Joined(pieces, many)

    def block(self, number: int, *, wanted: int) -> Block | None:
        """Return a block, copying it when it is not here and so many records make it worth that."""
        found = self.known.get(number) or self._find(number)
        if found is None and wanted >= MUCH:
            found = self._copy(number)
        return found

    def _find(self, number: int) -> Block | None:
        entry = os.pread(self.index, 8, 8 * number)
        place = int.from_bytes(entry, "little")
        if not place:
            return None
        places = array("q", os.pread(self.data, 8 * (BLOCK + 1), place))
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        block = self.known[number] = Block(number * BLOCK, places, _has_gaps(places))
        return block

    def _copy(self, number: int) -> Block | None:
        """Copy a block from the database; None when nothing of it is there, the disk is full, or another is at it."""
        if is_full(self.folder):
            return None
        first = number * BLOCK
        result = _BLOCK.run((int8(first), int8(first + BLOCK - 1)), (BINARY, BINARY))
        if not result.ntuples:
            return None
        docs = [result.get_value(row, 1) or b"" for row in range(result.ntuples)]
        if result.ntuples < BLOCK:
            at = [int.from_bytes(result.get_value(row, 0) or b"", "big") - first for row in range(result.ntuples)]
            docs = _spread(docs, at)
        with _alone(self.data) as is_alone:
            if is_alone and not os.pread(self.index, 8, 8 * number).strip(b"\0"):
                self._append(number, docs)
        return self._find(number)

    def _append(self, number: int, docs: Sequence[bytes]) -> None:
        """Write the block, then its entry; what is written without an entry is nowhere."""
        place = 1 + os.fstat(self.data).st_size  # place 0 is no place
        # whoever copies a block makes a vendor wait: no step of this is Python's own
        sizes = map(bool.__add__, map(bool, docs), map(len, docs))
        places = array("q", accumulate(sizes, initial=place + 8 * (BLOCK + 1)))
        with contextlib.suppress(OSError):  # a full disk
            _write(self.data, b"".join((places.tobytes(), b",".join(filter(None, docs)), b",")), place)
            _write(self.index, place.to_bytes(8, "little"), 8 * number)

    def _bytes(self, begin: int, end: int) -> memoryview:
        """Return what lies there, without copying it; the file stays as long as somebody looks at it."""
        if len(self.mapped) < end:
            # the file only grows, and holds whatever the index knows
            self.mapped = memoryview(mmap.mmap(self.data, 0, access=mmap.ACCESS_READ))
        return self.mapped[begin:end]


def mirrored(ids: "array[int]", epoch: int) -> Joined | None:
    """Return the bodies of these records from this machine's files; None when they have to be asked of the database.

    `epoch` is the database's at this moment. A body that is gone is a gap; what is withheld is not looked at here.
    """
    found = _open(epoch)
    return found.read(ids) if found and ids else None


def folder(epoch: int) -> Path | None:
    """Return where this machine keeps what was made of bodies, for as long as the epoch lasts; None: nowhere."""
    found = _open(epoch)
    return found.folder if found else None


def fill(numbers: range) -> None:
    """Copy the blocks of new numbers, where a web server of this machine keeps copies; the first vendor finds them."""
    if not numbers or not settings.BODY_MIRROR or not _BOOT.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(epoch), 0) FROM roster_mirrorepoch")
        epoch = cursor.fetchone()[0]
    if not (settings.BODY_MIRROR / _name(epoch)).exists() or (found := _open(epoch)) is None:
        return
    with contextlib.suppress(Failed):  # whoever reads copies what is missing
        for number in range(numbers.start // BLOCK, -(-numbers.stop // BLOCK)):
            found.block(number, wanted=BLOCK)
    close()


def is_full(path: Path) -> bool:
    """Return whether the disk has no room for copies."""
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize < LEAST_FREE


def renew(*, unless_within: datetime.timedelta = datetime.timedelta()) -> None:
    """Let every host forget its copies with the commit of this transaction: bodies were deleted.

    What was deleted for its age alone may wait until the copies are so old (`unless_within`).
    """
    with connection.cursor() as cursor:
        if unless_within:
            cursor.execute("SELECT 1 FROM roster_mirrorepoch WHERE at > now() - %s::interval", [str(unless_within)])
            if cursor.fetchone():
                return
        cursor.execute("DELETE FROM roster_mirrorepoch")
        cursor.execute("INSERT INTO roster_mirrorepoch (epoch, at) VALUES ((random() * 1e18)::int8, now())")


_current: dict[int, Mirror | None] = {}


def close() -> None:
    """Let go of the files; the next page opens them again."""
    for each in _current.values():
        if each is not None:
            each.close()
    _current.clear()


def _open(epoch: int) -> Mirror | None:
    """Return the mirror of an epoch, letting go of any other; None where there is none."""
    if epoch in _current:
        return _current[epoch]
    close()
    found = None
    if settings.BODY_MIRROR and _BOOT.exists():
        with contextlib.suppress(OSError):
            found = Mirror(_folder(settings.BODY_MIRROR, epoch))
    _current[epoch] = found
    return found


def _folder(root: Path, epoch: int) -> Path:
    """Return the folder of an epoch, made if need be; the other folders of this database are removed."""
    name = _name(epoch)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in root.glob(f"{name.partition('-')[0]}-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    (root / name).mkdir(mode=0o700, exist_ok=True)
    return root / name


def _name(epoch: int) -> str:
    return f"{blake2b(origin(), digest_size=8).hexdigest()}-{_BOOT.read_text().strip()}-{epoch}"


@cache
def origin() -> bytes:
    """Return what no other database has: the moment this one was made. A number names a body in one database alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied)::text FROM django_migrations")
        return str(cursor.fetchone()[0]).encode()


def _runs(ids: "array[int]") -> Iterator[tuple[int, int]]:
    """Yield first and last of the numbers that count up by one within a block."""
    breaks = compress(count(1), map(ne, map(sub, ids[1:], ids), repeat(1)))
    for begin, end in pairwise((0, *breaks, len(ids))):
        yield from _cut(ids[begin], ids[end - 1])


def _cut(first: int, last: int) -> Iterator[tuple[int, int]]:
    while first // BLOCK < last // BLOCK:
        end = first - first % BLOCK + BLOCK
        yield first, end - 1
        first = end
    yield first, last


def _has_gaps(places: "array[int]") -> bool:
    return len(set(places)) <= BLOCK


def _spread(docs: Sequence[bytes], places: Sequence[int]) -> list[bytes]:
    """Return a whole block's documents, empty where there is none."""
    found = [b""] * BLOCK
    for place, doc in zip(places, docs, strict=True):
        found[place] = doc
    return found


def _write(file: int, data: bytes, place: int) -> None:
    """Write all of it there; raises OSError when it does not fit."""
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, place)
        view, place = view[written:], place + written


@contextlib.contextmanager
def _alone(file: int) -> Iterator[bool]:
    """Yield whether no other process is copying."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
