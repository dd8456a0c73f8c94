"""Pages with records that look different to a connection: put together once, then read from files on this machine.

What such a page says follows from the scope, the edition of the pull, the edition that is current (it tells whether a
withheld version stands for a record that is still shared), what is withheld, and its numbers. All of that is part of
the file's name, so a file is never wrong, only absent; connections with equal choices read the same files. They lie
beside the copies of bodies, in the folder of the database's epoch, and go with it when people are deleted; those of an
edition go with the first file of another one. See docs/decisions/0015.
"""

import contextlib
import os
import shutil
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from connections.grants import Grant
from interop.oneroster.answers import Joined, digest_of
from roster.reading import mirror
from roster.reading.bodies import Standing, bodies_by_id, standing_now
from roster.reading.records import to_send

if TYPE_CHECKING:
    from array import array

FEW = 50
"""Shorter pages are put together each time: a file for each would cost more than it saves."""
MOST = 2**29
"""Bytes kept of one edition."""
FORM = b"2"
"""Stands for what a file consists of, so another form is another name: COUNT bytes that tell how many documents there
are, DIGEST bytes that `digest_of` says of them, and they themselves.
"""
COUNT, DIGEST = 4, 32


class Sight(NamedTuple):
    """How a connection sees records: the `scope_key` of its grant, and what tells the grant where a page needs it."""

    scope_key: bytes
    grant: Callable[[], Grant]

    @classmethod
    def of(cls, grant: Grant) -> "Sight":
        """Return the sight of a grant that is known."""
        return cls(grant.scope_key, lambda: grant)


def trimmed(sight: Sight, ids: "array[int]", edition: int, standing: Standing | None = None) -> Joined:
    """Return the documents of these records as a grant sees them in an edition, in order; withheld ones are gaps.

    Negative numbers are records that may look different to this grant. `standing` is what the database said of this
    moment, where it has been asked already.
    """
    if len(ids) < FEW:
        return _together(sight.grant(), ids, edition)
    standing = standing or standing_now()
    place = _place(sight.scope_key, ids, edition, standing)
    if place is None:
        return _together(sight.grant(), ids, edition)
    if (found := _read(place)) is None:
        found = _together(sight.grant(), ids, edition)
        found = found._replace(digest=digest_of(found))
        if standing_now() == standing:
            _keep(place, found)
    return found


def _together(grant: Grant, ids: "array[int]", edition: int) -> Joined:
    told = {
        -number: data for number, data in to_send(grant, [-number for number in ids if number < 0], edition).items()
    }
    told |= bodies_by_id([number for number in ids if number > 0])
    found = [told[number] for number in ids if number in told]
    return Joined(found, len(found))


def _place(scope_key: bytes, ids: "array[int]", edition: int, standing: Standing) -> Path | None:
    """Return where the page is or would be kept; None where pages are not, or too much is withheld to name it."""
    folder = mirror.folder(standing.epoch)
    if folder is None or standing.withheld is None:
        return None
    named = blake2b(scope_key, digest_size=24, person=FORM)
    named.update(repr((edition, sorted(standing.withheld))).encode())
    named.update(ids.tobytes())
    return folder / f"edition-{standing.edition}/{named.hexdigest()}"


def _read(place: Path) -> Joined | None:
    try:
        with place.open("rb", buffering=0) as file:
            head = file.read(COUNT + DIGEST)
            many, documents = int.from_bytes(head[:COUNT], "big"), file.readall()
            return Joined([documents] if many else [], many, head[COUNT:])
    except OSError:  # it is not there
        return None


def _keep(place: Path, page: Joined) -> None:
    """Write the page's file, whole or not at all; where that fails, the page is put together the next time too."""
    with contextlib.suppress(OSError):
        _make(place.parent)
        if mirror.is_full(place.parent) or sum(each.stat().st_size for each in place.parent.iterdir()) >= MOST:
            return
        with NamedTemporaryFile(dir=place.parent) as file:
            file.write(page.many.to_bytes(COUNT, "big") + page.digest + b",".join(page.pieces))
            file.flush()
            os.link(file.name, place)


def _make(folder: Path) -> None:
    """Make the folder of an edition and remove those of others, whose pages nobody asks for any more."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    for other in folder.parent.glob("edition-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
