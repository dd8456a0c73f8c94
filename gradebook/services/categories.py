"""Putting and deleting a vendor's own categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gradebook import rules
from gradebook.models import Assignment
from gradebook.rules import Notes
from gradebook.services.act import Act
from gradebook.services.numbers import fitted
from gradebook.services.results import Done
from gradebook.services.rows import Table, difference

LONGEST_TITLE = 255
STEP = Decimal("0.001")
CATEGORIES = Table("gradebook_category", {"title": "text", "weight": "numeric", "metadata": "jsonb"})


@dataclass(frozen=True)
class Draft:
    """A category as its owner wants it."""

    sourced_id: str
    title: str
    weight: Decimal | None
    metadata: Mapping[str, Any] | None


def put_category(act: Act, owner: int, draft: Draft, notes: Notes) -> Done:
    """Create or replace a category. Raises Refused; Again when somebody else wrote it meanwhile."""
    known = CATEGORIES.locked([draft.sourced_id])
    before = known.get(draft.sourced_id)
    if before is not None and before["owner_id"] != owner:
        notes.add(0, rules.OWNER_OTHER, "sourcedId", id=draft.sourced_id)
    if not draft.title.strip():
        notes.add(0, rules.TITLE_BLANK, "title")
    if len(draft.title) > LONGEST_TITLE:
        notes.add(0, rules.TITLE_CUT, "title", most=LONGEST_TITLE)
    weight = fitted(draft.weight, 0, "weight", notes)
    if weight is not None:
        weight = weight.quantize(STEP)
        if abs(weight) >= MOST_WEIGHT:
            notes.add(0, rules.NUMBER_RANGE, "weight", most=f"{MOST_WEIGHT:,}")
    notes.check()
    facts = {"title": draft.title[:LONGEST_TITLE], "weight": weight, "metadata": draft.metadata}
    if before is not None and before["deleted_at"] is None:
        old, new = difference(before, facts)
        if not new:
            return Done()
        act.changed("category", before["id"], None, before=old, after=new)
    CATEGORIES.write(act, owner, [{"sourced_id": draft.sourced_id, **facts}], {draft.sourced_id} - known.keys())
    fresh = before is None or before["deleted_at"] is not None
    return Done({draft.sourced_id}, set()) if fresh else Done(set(), {draft.sourced_id})


def delete_category(act: Act, row: Mapping[str, Any], notes: Notes) -> None:
    """Delete a category (a locked row) that no assignment has. Raises Refused."""
    if Assignment.objects.filter(vendor_category=row["id"], deleted_at=None).exists():
        notes.add(0, rules.CATEGORY_USED, "category")
    notes.check()
    CATEGORIES.bury(act, [row["id"]])
    act.changed("category", row["id"], None, before={"title": row["title"]}, after={"deleted": True})


MOST_WEIGHT = 1_000_000
