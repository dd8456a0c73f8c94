"""Putting and deleting scores as their owner."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from gradebook import rules
from gradebook.rules import Notes
from gradebook.services.act import Act
from gradebook.services.numbers import fitted
from gradebook.services.results import Done
from gradebook.services.rows import Table, difference

LONGEST_TEXT = 255
SCORES = Table(
    "gradebook_score",
    {
        "assignment_id": "bigint", "person_id": "bigint", "score": "numeric", "text_score": "text",
        "score_date": "date", "status": "text", "late": "bool", "missing": "bool", "exempt": "bool",
        "incomplete": "bool", "turned_in": "bool", "in_progress": "bool", "comment": "text", "scale_id": "bigint",
        "metadata": "jsonb", "objectives": "jsonb",
    },
)  # fmt: skip


class Draft(NamedTuple):
    """A score as its owner wants it, its references found already. `place` is its place in the request.

    `before` is the row of this sourcedId as it was read, `other` the live score the student has in the assignment.
    """

    place: int
    sourced_id: str
    assignment: int
    section: int
    person: int
    student: str
    score: Decimal | None
    score_date: dt.date | None
    status: str
    flags: Mapping[str, bool]
    text_score: str = ""
    in_progress: bool | None = None
    comment: str = ""
    scale: int | None = None
    metadata: Mapping[str, Any] | None = None
    objectives: Sequence[Any] | None = None
    before: Mapping[str, Any] | None = None
    other: "Other | None" = None


class Other(NamedTuple):
    """A live score: its key, sourcedId and owner."""

    id: int
    sourced_id: str
    owner: int | None


def put_scores(act: Act, owner: int, drafts: Sequence[Draft], notes: Notes, today: dt.date) -> Done:
    """Create or replace scores, all or none. Raises Refused; Again when somebody else wrote one meanwhile.

    What a teacher entered for the student before gives way to the vendor's, which is the source of truth.
    """
    replaced: dict[int, Draft] = {}
    rows = []
    for draft in drafts:
        _check(draft, owner, notes)
        if draft.other is not None and draft.other.sourced_id != draft.sourced_id:
            replaced[draft.other.id] = draft
        rows.append(_row(draft, notes, today))
    notes.check()
    if replaced:
        SCORES.bury(act, list(replaced))
        for key, draft in replaced.items():
            act.changed("score", key, draft.section, after={"deleted": True, "replaced_by": draft.sourced_id})
    return _store(act, owner, drafts, rows)


def delete_score(act: Act, row: Mapping[str, Any], section: int) -> None:
    """Delete a score (a locked row); the history keeps it, deltas tell it."""
    SCORES.bury(act, [row["id"]])
    act.changed("score", row["id"], section, before={"score": row["score"]}, after={"deleted": True})
    act.dirty(section)


def bury_scores_of(act: Act, assignment: int) -> None:
    """Delete the scores of an assignment that is deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM gradebook_score WHERE assignment_id = %s AND deleted_at IS NULL", [assignment])
        SCORES.bury(act, [row[0] for row in cursor.fetchall()])


def _section_of(assignment: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT section_id FROM gradebook_assignment WHERE id = %s", [assignment])
        return int(cursor.fetchone()[0])


def _check(draft: Draft, owner: int, notes: Notes) -> None:
    other = draft.other
    if draft.before is not None and draft.before["owner_id"] != owner:
        notes.add(draft.place, rules.OWNER_OTHER, "sourcedId", id=draft.sourced_id)
    elif other is not None and other.sourced_id != draft.sourced_id and other.owner is not None:
        notes.add(draft.place, rules.RESULT_SECOND, "student", id=draft.student, other=other.sourced_id)


def _row(draft: Draft, notes: Notes, today: dt.date) -> dict[str, Any]:
    before = draft.before
    if len(draft.text_score) > LONGEST_TEXT:
        notes.add(draft.place, rules.TITLE_CUT, "textScore", most=LONGEST_TEXT)
    return {
        "sourced_id": draft.sourced_id, "assignment_id": draft.assignment, "person_id": draft.person,
        "score": fitted(draft.score, draft.place, "score", notes), "text_score": draft.text_score[:LONGEST_TEXT],
        "score_date": draft.score_date or (before["score_date"] if before else today), "status": draft.status,
        **draft.flags, "in_progress": draft.in_progress, "comment": draft.comment, "scale_id": draft.scale,
        "metadata": draft.metadata, "objectives": draft.objectives,
    }  # fmt: skip


def _store(act: Act, owner: int, drafts: Sequence[Draft], rows: list[dict[str, Any]]) -> Done:
    done, written, new = Done(), list[dict[str, Any]](), set[str]()
    for draft, row in zip(drafts, rows, strict=True):
        before = draft.before
        if before is None:
            new.add(draft.sourced_id)
        if before is None or before["deleted_at"] is not None:
            done.created.add(draft.sourced_id)
        else:
            old, changed = difference(before, row)
            if not changed:
                continue
            act.changed("score", before["id"], draft.section, before=old, after=changed)
            if "assignment_id" in old:
                act.dirty(_section_of(old["assignment_id"]))
            done.changed.add(draft.sourced_id)
        written.append(row)
        act.dirty(draft.section)
    SCORES.write(act, owner, written, new)
    return done
