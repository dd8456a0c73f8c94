"""Putting and deleting test scores as their owner."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.models import ScoreKind, TestScore
from assessments.services.rows import SCORES, received
from gradebook.rules import OWNER_OTHER, TITLE_CUT, Notes
from gradebook.services.act import Act
from gradebook.services.numbers import fitted
from gradebook.services.results import Done
from gradebook.services.rows import difference

LONGEST_LEVEL = 255
SENT = tuple(name for name in SCORES.columns if name not in ("connection_id", "received_at"))
NUMBERS: dict[ScoreKind, str] = {
    kind: column for kind, column in TestScore.COLUMNS.items() if kind is not ScoreKind.LEVEL
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A score as its owner wants it, its references found already; `numbers` by kind, with the wire's field for each.

    `place` is its place in the request, `before` the row of this sourcedId as it was read.
    """

    place: int
    sourced_id: str
    test: int
    person: int
    date: dt.date
    told: str
    numbers: Mapping[ScoreKind, tuple[str, Decimal]]
    connection: int
    level: str = ""
    status: str = ""
    flags: Mapping[str, bool | None] = ()  # type: ignore[assignment]
    comment: str = ""
    scale: int | None = None
    metadata: Mapping[str, Any] | None = None
    objectives: Sequence[Any] | None = None
    before: Mapping[str, Any] | None = None


def put_scores(act: Act, owner: int, drafts: Sequence[Draft], notes: Notes) -> Done:
    """Create or replace scores, all or none. Raises Refused; Again when somebody else wrote one meanwhile."""
    rows = []
    for draft in drafts:
        if draft.before is not None and draft.before["owner_id"] != owner:
            notes.add(draft.place, OWNER_OTHER, "sourcedId", id=draft.sourced_id)
        rows.append(_row(act, draft, notes))
    notes.check()
    done, written, again, new = Done(), list[dict[str, Any]](), list[Mapping[str, Any]](), set[str]()
    for draft, row in zip(drafts, rows, strict=True):
        before = draft.before
        if before is None:
            new.add(draft.sourced_id)
        if before is None or before["deleted_at"] is not None:
            done.created.add(draft.sourced_id)
        else:
            old, changed = difference(before, {name: row[name] for name in SENT})
            if not changed:
                again.append(before)
                continue
            act.changed("testscore", before["id"], None, before=old, after=changed)
            done.changed.add(draft.sourced_id)
        written.append(row)
    SCORES.write(act, owner, written, new)
    received(act, SCORES, again)
    return done


def delete_score(act: Act, row: Mapping[str, Any]) -> None:
    """Delete a score (a locked row); the history keeps it, deltas tell it."""
    SCORES.bury(act, [row["id"]])
    kept = {name: row[name] for name in (*NUMBERS.values(), "level") if row[name] not in (None, "")}
    act.changed("testscore", row["id"], None, before=kept, after={"deleted": True})


def _row(act: Act, draft: Draft, notes: Notes) -> dict[str, Any]:
    if len(draft.level) > LONGEST_LEVEL:
        notes.add(draft.place, TITLE_CUT, "textScore", most=LONGEST_LEVEL)
    numbers: dict[str, Decimal | None] = dict.fromkeys(NUMBERS.values())
    for kind, (field, number) in draft.numbers.items():
        numbers[NUMBERS[kind]] = fitted(number, draft.place, field, notes)
    return {
        "sourced_id": draft.sourced_id, "test_id": draft.test, "person_id": draft.person, "date": draft.date,
        **numbers, "level": draft.level[:LONGEST_LEVEL], "told": draft.told, "status": draft.status,
        **dict(draft.flags), "comment": draft.comment, "scale_id": draft.scale, "metadata": draft.metadata,
        "objectives": draft.objectives, "connection_id": draft.connection, "received_at": act.at,
    }  # fmt: skip
