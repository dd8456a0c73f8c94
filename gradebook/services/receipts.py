"""Sync receipts: what became of each thing a connection sent, the last time that changed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gradebook.models import Receipt
from gradebook.rules import CHANGES, Note
from gradebook.services.act import Part
from interop import statements

_WRITE = """
    INSERT INTO gradebook_receipt AS t
        (connection_id, kind, sourced_id, section_id, outcome, came, notes, first_at, last_at)
    SELECT DISTINCT ON (n.sourced_id)
        c.connection, c.kind, n.sourced_id, n.section, n.outcome, n.came, n.notes, c.at, c.at
    FROM (SELECT %s::bigint AS connection, %s::text AS kind, %s::timestamptz AS at) c,
        json_to_recordset(%s::json) AS n(sourced_id text, section bigint, outcome text, came jsonb, notes jsonb)
    ORDER BY n.sourced_id
    ON CONFLICT (connection_id, kind, sourced_id) DO UPDATE
    SET outcome = EXCLUDED.outcome, came = EXCLUDED.came, notes = EXCLUDED.notes, last_at = EXCLUDED.last_at,
        section_id = coalesce(EXCLUDED.section_id, t.section_id), times = t.times + 1
    RETURNING id
"""


UNSHOWN = frozenset({"metadata", "learningObjectiveSet"})


@dataclass(slots=True)
class Told:
    """One line: the thing, its section when known, what was sent (for what was refused or changed) and the notes."""

    sourced_id: str
    section: int | None
    notes: Sequence[Note] = ()
    came: Mapping[str, Any] | None = None
    outcome: str = field(default="")

    @property
    def stored(self) -> dict[str, Any]:
        """The line as a row."""
        outcome = self.outcome or outcome_of(self.notes)
        kept = outcome in (Receipt.Outcome.REFUSED, Receipt.Outcome.CHANGED)
        return {
            "sourced_id": self.sourced_id[:255],
            "section": self.section,
            "outcome": outcome,
            "came": shown(self.came) if kept and self.came is not None else None,
            "notes": [note.stored for note in self.notes] or None,
        }


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a thing that was sent a receipt keeps."""
    return {name: value for name, value in values.items() if name not in UNSHOWN}


def outcome_of(notes: Sequence[Note]) -> str:
    """Return what the notes amount to."""
    if not notes:
        return Receipt.Outcome.STORED
    if any(note.rule.refuses for note in notes):
        return Receipt.Outcome.REFUSED
    return Receipt.Outcome.CHANGED if any(note.rule.name in CHANGES for note in notes) else Receipt.Outcome.STORED


def write(connection_id: int, kind: str, at: dt.datetime, lines: Sequence[Told]) -> None:
    """Keep the receipts; of the same thing the newest is kept."""
    if lines:
        part = written(connection_id, kind, at, lines)
        statements.prepared(part.sql, part.values)


def written(connection_id: int, kind: str, at: dt.datetime, lines: Sequence[Told]) -> Part:
    """Return what keeps the receipts, for an act to write last."""
    rows = orjson.dumps([line.stored for line in lines], default=str).decode()
    return Part(_WRITE, [connection_id, kind, at, rows])
