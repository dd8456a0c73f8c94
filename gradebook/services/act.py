"""One act on the grade book: a transaction with one date, its history and its marks.

`dateLastModified` has to be such that a delta misses nothing. Every act holds a shared lock from before it takes its
date until its end; readers tell no date later than the beginning of the oldest act under way (gradebook/reading/
horizon.py), so nothing that commits later can be dated before what was told already.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.db import transaction

from interop import statements
from interop.statements import Question, Rows

LOCK = 0x67726164
"""The advisory lock of acts, in the class of two 32-bit keys; the second is LIVE."""
LIVE = 1
# The date is a full millisecond after the clock: later than whatever readers have told until now. What one thing needs
# is planned once; PostgreSQL would plan for each list of one anew, because it believes that others have ten.
_BEGIN = """
    WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s::int, %s::int)::text AS lock),
    alone AS MATERIALIZED (
        SELECT held.lock, pg_advisory_xact_lock(hashtextextended(name, 0))::text AS own,
            CASE WHEN name IS NOT NULL THEN set_config('plan_cache_mode', 'force_generic_plan', true) END AS planned
        FROM held LEFT JOIN (SELECT %s::text AS name) n ON n.name IS NOT NULL
    )
    SELECT date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond', vendor.id, vendor.name,
        alone.own, alone.planned
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
Check = Callable[[list[tuple[Any, ...]]], None]


class Part(NamedTuple):
    """A statement that ends in RETURNING, its values, and who looks at the rows it returned."""

    sql: str
    values: Sequence[Any]
    check: Check | None = None


@dataclass
class Act:
    """What is being done: by whom, its date, whose rows it makes, what changed so far and whose grades that touches."""

    actor: str
    at: dt.datetime
    owner: int | None = None
    noted: list[dict[str, Any]] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)
    answers: Sequence[tuple[Question, Rows]] = ()

    def ask(self, *questions: Question) -> list[Rows]:
        """Return the rows of statements; those that were asked when the act began have their answers already."""
        known = [rows for each in questions for asked, rows in self.answers if asked == each]
        return known if len(known) == len(questions) else statements.together(*questions)

    def last(self, part: Part) -> None:
        """Have something written when the act is settled: it needs nothing that is written then, and is not read."""
        if part.check and any(each.check for each in self.parts):
            self.settle()
        self.parts.append(part)

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

    def settle(self) -> None:
        """Write what was left for the end, the history and the marks, as one statement: each that is sent alone costs
        more than what it does. Raises what those raise who look at the rows.
        """
        parts = sorted(self.parts, key=lambda part: part.check is None)
        if self.noted:
            noted = orjson.dumps(self.noted, default=str).decode()
            parts.append(Part(_CHANGES, [self.at, self.actor, noted]))
        if self.sections:
            parts.append(Part(_MARKS, [self.at, sorted(self.sections)]))
        self.parts, self.noted, self.sections = [], [], set()
        if not parts:
            return
        named = ", ".join(f"w{at} AS ({part.sql})" for at, part in enumerate(parts))
        rows = statements.prepared(f"WITH {named} SELECT * FROM w0", [value for part in parts for value in part.values])
        if check := parts[0].check:
            check(rows)


@contextmanager
def acting(
    actor: str, *, connection: int | None = None, alone: str | None = None, asks: Sequence[Question] = ()
) -> Iterator[Act]:
    """Do one act in one transaction; what was left for the end, its history and marks are written at that of the block.

    With `connection` a vendor acts: under its application's name, for its own rows. Acts that name the same thing as
    `alone` wait for each other. What the act will ask first is asked on the way, behind the locks.
    """
    with transaction.atomic():
        begin = Question(_BEGIN, [LOCK, LIVE, alone, connection])
        [(at, owner, vendor, *_)], *found = statements.together(begin, *asks)
        act = Act(vendor or actor, at, owner, answers=tuple(zip(asks, found, strict=True)))
        yield act
        act.settle()
