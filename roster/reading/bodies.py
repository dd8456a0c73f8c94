"""Published bodies by record id, as bytes. What is withheld is left out, whoever asks and whenever it was listed."""

from collections.abc import Sequence
from functools import cache

from django.db import connection
from psycopg.pq.abc import PGresult

from interop import replica
from interop.statements import Statement, int8, int8_array

BINARY = 1
_SENT = "NOT EXISTS (SELECT 1 FROM roster_withheld w WHERE w.id = b.id)"
_RANGE = Statement(
    "bodies_range",
    f"SELECT b.id, b.doc FROM roster_body b WHERE b.id BETWEEN $1::int8 AND $2::int8 AND {_SENT} ORDER BY b.id",
)
_PICKED = Statement("bodies_picked", f"SELECT b.id, b.doc FROM roster_body b WHERE b.id = ANY($1::int8[]) AND {_SENT}")
# What a replica is asked for; what is withheld, the primary says.
_COPIED = Statement("bodies_copied", "SELECT b.id, b.doc FROM roster_body b WHERE b.id = ANY($1::int8[])")
_WITHHELD = Statement("bodies_withheld", "SELECT w.id FROM roster_withheld w WHERE w.id = ANY($1::int8[])")


def bodies(ids: Sequence[int]) -> list[bytes]:
    """Return the documents in the order of the ids; a record that is withheld or gone is a gap."""
    if not ids:
        return []
    if replica.configured():
        known = bodies_by_id(ids)
        return [known[number] for number in ids if number in known]
    run = is_run(ids)
    result = _fetch(ids, run=run)
    if run and result.ntuples == len(ids):
        return [result.get_value(row, 1) or b"" for row in range(result.ntuples)]
    found = {result.get_value(row, 0): result.get_value(row, 1) or b"" for row in range(result.ntuples)}
    return [found[key] for key in map(int8, ids) if key in found]


def bodies_by_id(ids: Sequence[int]) -> dict[int, bytes]:
    """Return the documents by id; one that is withheld or gone is missing."""
    if not ids:
        return {}
    copied = replica.ask(_COPIED, (int8_array(ids),), (BINARY,)) if replica.configured() else None
    if copied is None:
        return _by_id(_fetch(ids, run=is_run(ids)))
    found = _by_id(copied)
    if missing := [number for number in ids if number not in found]:
        found |= _by_id(_fetch(missing, run=is_run(missing)))
    for number in withheld(ids):
        found.pop(number, None)
    return found


def withheld(ids: Sequence[int]) -> list[int]:
    """Return which of these records must not be sent any more."""
    result = _WITHHELD.run((int8_array(ids),), (BINARY,))
    return [int.from_bytes(result.get_value(row, 0) or b"", "big") for row in range(result.ntuples)]


@cache
def origin() -> bytes:
    """Return what no other database has: the moment this one was made. A number names a body in one database alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(applied)::text FROM django_migrations")
        return str(cursor.fetchone()[0]).encode()


def _by_id(result: PGresult) -> dict[int, bytes]:
    return {
        int.from_bytes(result.get_value(row, 0) or b"", "big"): result.get_value(row, 1) or b""
        for row in range(result.ntuples)
    }


def is_run(ids: Sequence[int]) -> bool:
    """Return whether the ids count up by one."""
    return ids[-1] - ids[0] == len(ids) - 1 and list(ids) == list(range(ids[0], ids[-1] + 1))


def _fetch(ids: Sequence[int], *, run: bool) -> PGresult:
    """Return id and document of each, in the order of the ids when they are a run."""
    if run:
        return _RANGE.run((int8(ids[0]), int8(ids[-1])), (BINARY, BINARY))
    return _PICKED.run((int8_array(ids),), (BINARY,))
