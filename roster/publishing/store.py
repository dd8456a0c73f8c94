"""Reading what is published, and dropping what nobody can ask for any more."""

import contextlib
import datetime
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import orjson
from django.db import OperationalError, connection

from roster.publishing.arrays import array
from roster.publishing.draft import MIXED, tokens
from roster.reading.mirror import renew

KEPT = datetime.timedelta(days=30)
REST, BETWEEN = "2ms", 400
"""While PostgreSQL clears indexes it rests so long after so much work, of which a page it writes counts for 20."""
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


def live_sources(version: int, wire_object: str, names: Collection[str]) -> dict[str, tuple[int, int | None]]:
    """Return of the live records of one kind with these sourcedIds the number and what they were rendered from."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sourced_id, id, source FROM roster_record WHERE {LIVE} AND sourced_id = ANY(%s)",
            [version, wire_object, array(names)],
        )
        return {sourced_id: (number, source) for sourced_id, number, source in cursor}


def unseen(version: int, wire_object: str, names: Collection[str] | None, seen: Iterable[int], start: int) -> list[str]:
    """Return the sourcedIds of one kind, among these names (None: all), whose live records are not among the seen.

    Records numbered from `start` on are new.
    """
    among, values = ("", []) if names is None else (" AND sourced_id = ANY(%s)", [array(names)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sourced_id FROM roster_record WHERE {LIVE} AND id < %s AND id <> ALL(%s){among} ORDER BY 1",
            [version, wire_object, start, array(seen), *values],
        )
        return [sourced_id for (sourced_id,) in cursor]


def count_before(version: int, wire_object: str, start: int, at: datetime.datetime, enough: int | None) -> int:
    """Return how many active records one kind had before the publication dated `at`, whose ids begin with `start`.

    Who has counted `enough` (None: all there are) counts no further.
    """
    if enough == 0:
        return 0
    kept = "SELECT 1 FROM roster_record WHERE version = %s AND object = %s AND status = 'active' AND id < %s AND"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({kept} retired_at IS NULL UNION ALL {kept} retired_at = %s LIMIT %s) AS counted",
            [version, wire_object, start, version, wire_object, start, at, enough],
        )
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
            [version, wire_object, array(sourced_ids)],
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
            "SELECT id, doc, find::text FROM roster_body JOIN roster_record USING (id) WHERE id = ANY(%s)", [array(ids)]
        )
        return {row[0]: (orjson.loads(bytes(row[1])), orjson.loads(row[2])) for row in cursor}


def finds(ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return the find of these records."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, find::text FROM roster_record WHERE id = ANY(%s)", [array(ids)])
        return {row[0]: orjson.loads(row[1]) for row in cursor.fetchall()}


def settle(*, clear: bool) -> None:
    """Let PostgreSQL mark the pages everybody may see, outside of any transaction; `clear` indexes of dead rows too.

    Otherwise the next list of a vendor would look up each record it names, and mark them one by one. Indexes are read
    as a whole to be cleared, which would take longer than to publish a few records. New values of `find` are put in
    their places all at once; until then whoever looks for one reads them too. Where it fails, nothing is lost.

    Nobody waits for indexes to be cleared, so that goes at a pace, on one core: vendors do.
    """
    how, rest = ("PARALLEL 0", REST) if clear else ("INDEX_CLEANUP OFF", "0")
    with contextlib.suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('record_live_find')")
        cursor.execute(
            "SELECT set_config('vacuum_cost_delay', %s, false), set_config('vacuum_cost_limit', %s, false)",
            [rest, str(BETWEEN)],
        )
        cursor.execute(f"VACUUM ({how}) roster_record")


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
        if pruned := int(cursor.rowcount):
            renew(unless_within=datetime.timedelta(days=1))
        return pruned
