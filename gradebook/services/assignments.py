"""Putting and deleting assignments as their owner."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gradebook import rules
from gradebook.alignment import BY, Aligned, Arrival, Own, Setup, align, moved
from gradebook.rules import Notes
from gradebook.services.act import Act
from gradebook.services.numbers import fitted
from gradebook.services.results import Done
from gradebook.services.rows import Table, difference
from gradebook.services.scores import bury_scores_of
from gradebook.structure import Session, Structure
from interop.dates import district_day

MOST_POINTS = 1_000_000
LONGEST_TITLE = 255
ASSIGNMENTS = Table(
    "gradebook_assignment",
    {
        "section_id": "bigint", "title": "text", "description": "text", "assigned_at": "timestamptz",
        "due_at": "timestamptz", "due_on": "date", "points": "int", "minimum": "numeric",
        "vendor_category_id": "bigint", "category_id": "bigint", "task_id": "bigint", "aligned_by": "text",
        "period_id": "bigint", "academic_session_id": "bigint", "scale_id": "bigint", "metadata": "jsonb",
        "objectives": "jsonb", "settled_at": "timestamptz",
    },
)  # fmt: skip
KEPT = (BY.TEACHER, BY.RULE, BY.DEFAULT, BY.MAPPING)
"""Alignment is the teacher's: whoever aligned by a teacher's word is not overruled by a resend."""


@dataclass(frozen=True)
class Draft:
    """An assignment as its owner wants it, its references found already. `place` is its place in the request."""

    place: int
    sourced_id: str
    section: int
    title: str
    description: str
    assigned_at: dt.datetime | None
    due_at: dt.datetime | None
    points: Decimal | None
    minimum: Decimal | None
    category: int | None = None
    own_category: int | None = None
    own: Own | None = None
    task: str | None = None
    period: str | None = None
    session: str | None = None
    scale: int | None = None
    metadata: Mapping[str, Any] | None = None
    objectives: Sequence[Any] | None = None


def put_assignments(act: Act, owner: int, drafts: Sequence[Draft], setups: Mapping[int, Setup], notes: Notes) -> Done:
    """Create or replace assignments, all or none. Raises Refused; Again when somebody else wrote one meanwhile."""
    [locked] = act.ask(ASSIGNMENTS.lock([draft.sourced_id for draft in drafts]))
    known = ASSIGNMENTS.those(locked)
    rows = []
    for draft in drafts:
        before = known.get(draft.sourced_id)
        if before is not None and before["owner_id"] != owner:
            notes.add(draft.place, rules.OWNER_OTHER, "sourcedId", id=draft.sourced_id)
        elif before is not None and before["section_id"] != draft.section:
            notes.add(draft.place, rules.SECTION_MOVED, "class")
        row = _row(draft, before, setups[draft.section], notes)
        if row is not None:
            rows.append(row)
    notes.check()
    return _store(act, owner, rows, known)


def delete_assignment(act: Act, row: Mapping[str, Any]) -> None:
    """Delete an assignment (a locked row) and its scores; the history keeps them, deltas tell them."""
    ASSIGNMENTS.bury(act, [row["id"]])
    bury_scores_of(act, row["id"])
    act.changed("assignment", row["id"], row["section_id"], before={"title": row["title"]}, after={"deleted": True})
    act.dirty(row["section_id"])


def _store(act: Act, owner: int, rows: list[dict[str, Any]], known: Mapping[str, dict[str, Any]]) -> Done:
    done, written = Done(), list[dict[str, Any]]()
    changes: dict[str, tuple[dict[str, Any] | None, dict[str, Any]]] = {}
    for row in rows:
        name, before = row["sourced_id"], known.get(row["sourced_id"])
        facts = {column: value for column, value in row.items() if column != "sourced_id"}
        if before is None or before["deleted_at"] is not None:
            done.created.add(name)
            changes[name] = (None, facts)
        else:
            changes[name] = difference(before, facts)
            if not changes[name][1]:
                continue
            done.changed.add(name)
        written.append(row)
    ASSIGNMENTS.write(act, owner, written, {row["sourced_id"] for row in written} - known.keys())
    for row in written:
        before_facts, after = changes[row["sourced_id"]]
        if row["sourced_id"] in known:
            key = known[row["sourced_id"]]["id"]
            act.changed("assignment", key, row["section_id"], before=before_facts or {}, after=after)
        act.dirty(row["section_id"])
    return done


def _row(draft: Draft, before: Mapping[str, Any] | None, setup: Setup, notes: Notes) -> dict[str, Any] | None:
    """Return the row a draft makes; None for one that is refused."""
    structure = setup.structure
    due_on = _due_on(draft, structure, notes)
    points, minimum = _points(draft, notes), fitted(draft.minimum, draft.place, "resultValueMin", notes)
    title = _title(draft, notes)
    period, session = (_session(draft, name, structure, notes) for name in ("period", "session"))
    if due_on is None or notes.refused(draft.place):
        return None
    derived = period or structure.period_of(due_on)
    terms = tuple(each.id for each in (period, session) if each)
    arrival = Arrival(title, due_on, draft.category, draft.own, draft.task, terms)
    aligned = _aligned(draft, arrival, before, derived, setup)
    for note in aligned.notes:
        notes.add(draft.place, note.rule, note.field, **note.facts)
    return {
        "sourced_id": draft.sourced_id, "section_id": draft.section, "title": title,
        "description": draft.description, "due_at": draft.due_at, "due_on": due_on, "points": points,
        "assigned_at": draft.assigned_at or (before and before["assigned_at"]) or draft.due_at,
        "minimum": minimum, "vendor_category_id": draft.own_category, "category_id": aligned.category,
        "task_id": aligned.task, "aligned_by": str(aligned.by), "period_id": derived.id if derived else None,
        "academic_session_id": session.id if session else None, "scale_id": draft.scale,
        "metadata": draft.metadata, "objectives": draft.objectives, "settled_at": None,
    }  # fmt: skip


def _aligned(
    draft: Draft, arrival: Arrival, before: Mapping[str, Any] | None, period: Session | None, setup: Setup
) -> Aligned:
    """Return where the assignment goes: where a teacher's word has put it, else where it goes now."""
    if before is not None and before["aligned_by"] in KEPT:
        same = before["vendor_category_id"] == draft.own_category
        if same or before["aligned_by"] == BY.TEACHER:
            task = before["task_id"]
            if task is not None:
                task = moved(setup.structure, task, before["period_id"], period.id if period else None)
            return Aligned(before["category_id"], task, before["aligned_by"])
    return align(setup, arrival)


def _due_on(draft: Draft, structure: Structure, notes: Notes) -> dt.date | None:
    """The due date's day in the district's time zone is within the section's terms, both ends included."""
    first, last = structure.first.isoformat(), structure.last.isoformat()
    if draft.due_at is None:
        notes.add(draft.place, rules.DUE_MISSING, "dueDate", first=first, last=last)
        return None
    day = district_day(draft.due_at)
    if not structure.first <= day <= structure.last:
        notes.add(draft.place, rules.DUE_OUTSIDE, "dueDate", day=day.isoformat(), first=first, last=last)
        return None
    return day


def _points(draft: Draft, notes: Notes) -> int | None:
    """Points possible are whole: decimals are rounded down; 0 is stored."""
    if draft.points is None:
        notes.add(draft.place, rules.POINTS_NONE, "resultValueMax")
        return None
    if not 0 <= draft.points <= MOST_POINTS:
        notes.add(draft.place, rules.POINTS_RANGE, "resultValueMax", most=f"{MOST_POINTS:,}")
        return None
    whole = int(draft.points)
    if whole != draft.points:
        notes.add(draft.place, rules.POINTS_ROUNDED, "resultValueMax", sent=str(draft.points), stored=whole)
    return whole


def _title(draft: Draft, notes: Notes) -> str:
    if not draft.title.strip():
        notes.add(draft.place, rules.TITLE_BLANK, "title")
    if len(draft.title) > LONGEST_TITLE:
        notes.add(draft.place, rules.TITLE_CUT, "title", most=LONGEST_TITLE)
    return draft.title[:LONGEST_TITLE]


def _session(draft: Draft, name: str, structure: Structure, notes: Notes) -> Session | None:
    wanted = draft.period if name == "period" else draft.session
    found = next((each for each in structure.sessions if each.sourced_id == wanted), None)
    if wanted and found is None:
        field_name = "gradingPeriod" if name == "period" else "academicSession"
        notes.add(draft.place, rules.PERIOD_OTHER, field_name, id=wanted)
    return found
