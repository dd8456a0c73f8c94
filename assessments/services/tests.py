"""Putting and deleting tests as their owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from assessments import rules
from assessments.services.rows import TREE, bury_scores, received
from gradebook.rules import OWNER_OTHER, TITLE_BLANK, TITLE_CUT, Notes
from gradebook.services.act import Act
from gradebook.services.numbers import fitted
from gradebook.services.results import Done
from gradebook.services.rows import Table, difference
from interop import statements

LEVELS = 3
LONGEST_TITLE = 255
TESTS = Table(
    "assessments_test",
    {
        "year_id": "bigint", "parent_id": "bigint", "title": "text", "description": "text", "section_id": "bigint",
        "scale_id": "bigint", "minimum": "numeric", "maximum": "numeric", "metadata": "jsonb", "objectives": "jsonb",
        "added_by_vendor": "bool", "created_at": "timestamptz", "connection_id": "bigint",
        "received_at": "timestamptz",
    },
    fixed=("year_id", "added_by_vendor", "created_at"),
)  # fmt: skip
SENT = ("parent_id", "title", "description", "section_id", "scale_id", "minimum", "maximum", "metadata", "objectives")
"""What of a test is its vendor's."""
_HEIGHT = """
    WITH RECURSIVE above AS (
        SELECT t.id, t.parent_id, 1 AS level FROM assessments_test t WHERE t.id = %s::bigint
        UNION ALL SELECT t.id, t.parent_id, a.level + 1 FROM above a JOIN assessments_test t ON t.id = a.parent_id
        WHERE a.level < 9
    ), below AS (
        SELECT t.id, 1 AS level FROM assessments_test t WHERE t.id = %s::bigint
        UNION ALL SELECT t.id, b.level + 1 FROM below b JOIN assessments_test t ON t.parent_id = b.id
        WHERE t.deleted_at IS NULL AND b.level < 9
    )
    SELECT coalesce((SELECT max(level) FROM above), 0) + coalesce((SELECT max(level) FROM below), 1),
        EXISTS (SELECT FROM above WHERE id = %s::bigint)
"""
_BELOW = """
    WITH RECURSIVE below AS (
        SELECT t.id, t.owner_id, t.title, 1 AS level FROM assessments_test t WHERE t.id = %s::bigint
        UNION ALL SELECT t.id, t.owner_id, t.title, b.level + 1 FROM below b JOIN assessments_test t
            ON t.parent_id = b.id AND t.deleted_at IS NULL WHERE b.level < 9
    )
    SELECT b.id, b.title, b.owner_id IS DISTINCT FROM %s::bigint OR EXISTS (
        SELECT FROM assessments_testscore r
        WHERE r.test_id = b.id AND r.deleted_at IS NULL AND r.owner_id IS DISTINCT FROM %s::bigint)
    FROM below b
"""


@dataclass(frozen=True)
class Draft:
    """A test as its owner wants it, its references found already; `year` is the school year of a new one."""

    sourced_id: str
    title: str
    year: int
    connection: int
    description: str = ""
    parent: int | None = None
    section: int | None = None
    scale: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    metadata: Mapping[str, Any] | None = None
    objectives: Sequence[Any] | None = None


def put_test(act: Act, owner: int, draft: Draft, before: Mapping[str, Any] | None, notes: Notes) -> Done:
    """Create or replace a test; `before` is its locked row. Raises Refused; Again when somebody wrote it meanwhile."""
    if before is not None and before["owner_id"] != owner:
        notes.add(0, OWNER_OTHER, "sourcedId", id=draft.sourced_id)
    row = _row(act, draft, notes)
    _check_tree(before, draft, notes)
    notes.check()
    fresh = before is None or before["deleted_at"] is not None
    if before is not None:
        old, new = difference(before, {name: row[name] for name in SENT})
        if not fresh and not new:
            received(act, TESTS, [before])
            return Done()
        act.changed("test", before["id"], None, before=None if fresh else old, after=new)
    TESTS.write(act, owner, [row], set() if before is not None else {draft.sourced_id})
    return Done({draft.sourced_id}, set()) if fresh else Done(set(), {draft.sourced_id})


def delete_test(act: Act, owner: int, row: Mapping[str, Any], notes: Notes) -> None:
    """Delete a test (a locked row) with all below it and the scores; the history keeps them, deltas tell them.

    Raises Refused when the district has something of its own in it.
    """
    below = statements.prepared(_BELOW, [row["id"], owner, owner])
    if any(local for _, _, local in below):
        notes.add(0, rules.LOCAL_PARTS, "sourcedId")
        notes.check()
    keys = [key for key, _, _ in below]
    bury_scores(act, keys)
    TESTS.bury(act, keys)
    for key, title, _ in below:
        act.changed("test", key, None, before={"title": title}, after={"deleted": True})


def height(parent: int, own: int | None) -> tuple[int, bool]:
    """Return how many levels a tree has when a test (None: a new one) is put below a parent, and whether that is below
    the test itself. Those who move tests wait for each other until their acts end.
    """
    if own is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [TREE])
    [(levels, itself)] = statements.prepared(_HEIGHT, [parent, own, own])
    return int(levels), bool(itself)


def _row(act: Act, draft: Draft, notes: Notes) -> dict[str, Any]:
    if not draft.title.strip():
        notes.add(0, TITLE_BLANK, "title")
    if len(draft.title) > LONGEST_TITLE:
        notes.add(0, TITLE_CUT, "title", most=LONGEST_TITLE)
    minimum = fitted(draft.minimum, 0, "resultValueMin", notes)
    maximum = fitted(draft.maximum, 0, "resultValueMax", notes)
    if minimum is not None and maximum is not None and minimum > maximum:
        notes.add(0, rules.BOUNDS_CROSSED, "resultValueMin", low=str(draft.minimum), high=str(draft.maximum))
    return {
        "sourced_id": draft.sourced_id, "year_id": draft.year, "parent_id": draft.parent,
        "title": draft.title[:LONGEST_TITLE], "description": draft.description, "section_id": draft.section,
        "scale_id": draft.scale, "minimum": minimum, "maximum": maximum, "metadata": draft.metadata,
        "objectives": draft.objectives, "added_by_vendor": True, "created_at": act.at,
        "connection_id": draft.connection, "received_at": act.at,
    }  # fmt: skip


def _check_tree(before: Mapping[str, Any] | None, draft: Draft, notes: Notes) -> None:
    """Levels are three, and nothing is below itself; tests that move to another parent do so one by one."""
    own = before["id"] if before is not None else None
    if draft.parent is None or (before is not None and before["parent_id"] == draft.parent):
        return
    levels, itself = height(draft.parent, own)
    if itself:
        notes.add(0, rules.BELOW_ITSELF, "parentAssessmentLineItem")
    elif levels > LEVELS:
        notes.add(0, rules.TOO_DEEP, "parentAssessmentLineItem")
