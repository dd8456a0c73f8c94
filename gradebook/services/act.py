"""One act on the grade book: a transaction with one date, its history and its marks.

`dateLastModified` has to be such that a delta misses nothing. Every act holds a shared lock from before it takes its
date until its end; readers tell no date later than the beginning of the oldest act under way (gradebook/reading/
horizon.py), so nothing that commits later can be dated before what was told already.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import transaction

from interop import statements

LOCK = 0x67726164
"""The advisory lock of acts, in the class of two 32-bit keys; the second is LIVE."""
LIVE = 1
# The date is a full millisecond after the clock: later than whatever readers have told until now.
_BEGIN = """
    WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s::int, %s::int)::text AS lock),
    alone AS MATERIALIZED (
        SELECT held.lock, pg_advisory_xact_lock(hashtextextended(name, 0))::text AS own
        FROM held LEFT JOIN (SELECT %s::text AS name) n ON n.name IS NOT NULL
    )
    SELECT date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond', vendor.id, vendor.name, alone.own
    FROM alone LEFT JOIN (
        SELECT a.id, a.name FROM connections_connection c JOIN connections_application a ON a.id = c.application_id
        WHERE c.id = %s::bigint
    ) vendor ON true
"""
_CHANGES = """
    INSERT INTO gradebook_change (kind, key, section_id, at, actor, before, after)
    SELECT c.kind, c.key, c.section, %s::timestamptz, %s::text, c.before, c.after
    FROM json_to_recordset(%s::json) AS c(kind text, key bigint, section bigint, before jsonb, after jsonb)
    RETURNING id
"""
_MARKS = """
    INSERT INTO gradebook_dirtymark (section_id, at)
    SELECT section, %s::timestamptz FROM unnest(%s::bigint[]) AS m(section) RETURNING id
"""


@dataclass
class Act:
    """What is being done: by whom, its date, whose rows it makes, what changed so far and whose grades that touches."""

    actor: str
    at: dt.datetime
    owner: int | None = None
    noted: list[dict[str, Any]] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)

    def changed(
        self,
        kind: str,
        key: int,
        section: int | None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep a change in the history: `kind` is the model's name in small letters; before None: it was created."""
        self.noted.append({"kind": kind, "key": key, "section": section, "before": before, "after": after})

    def dirty(self, *sections: int) -> None:
        """Have the grades of these sections computed again."""
        self.sections.update(sections)


@contextmanager
def acting(actor: str, *, connection: int | None = None, alone: str | None = None) -> Iterator[Act]:
    """Do one act in one transaction; its history and marks are written at the end of the block.

    With `connection` a vendor acts: under its application's name, for its own rows. Acts that name the same thing as
    `alone` wait for each other.
    """
    with transaction.atomic():
        [(at, owner, vendor, _)] = statements.prepared(_BEGIN, [LOCK, LIVE, alone, connection])
        act = Act(vendor or actor, at, owner)
        yield act
        if act.noted:
            noted = orjson.dumps(act.noted, default=str).decode()
            statements.prepared(_CHANGES, [act.at, act.actor, noted])
        if act.sections:
            statements.prepared(_MARKS, [act.at, sorted(act.sections)])
