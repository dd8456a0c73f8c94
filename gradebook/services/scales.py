"""Putting and deleting a vendor's own score scales, and the district's scales as sections use them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from gradebook import rules
from gradebook.models import GradingScale, GradingScaleRange, SectionScale
from gradebook.rules import Notes
from gradebook.services.act import Act
from gradebook.services.results import Done
from gradebook.services.rows import Table

LONGEST = 255
SCALES = Table("gradebook_sectionscale", {"scale_id": "bigint", "section_id": "bigint", "metadata": "jsonb"})


@dataclass(frozen=True)
class Draft:
    """A score scale as its owner wants it; `values` are the left and right side of each line."""

    sourced_id: str
    section: int
    title: str
    type: str
    values: Sequence[tuple[str, str]]
    metadata: Mapping[str, Any] | None


def put_scale(act: Act, owner: int, draft: Draft, notes: Notes) -> Done:
    """Create or replace a scale. Raises Refused; Again when somebody else wrote it meanwhile."""
    known = SCALES.locked([draft.sourced_id])
    before = known.get(draft.sourced_id)
    if before is not None and before["owner_id"] != owner:
        notes.add(0, rules.OWNER_OTHER, "sourcedId", id=draft.sourced_id)
    elif before is not None and before["section_id"] != draft.section:
        notes.add(0, rules.SECTION_MOVED, "class")
    if not draft.title.strip():
        notes.add(0, rules.TITLE_BLANK, "title")
    notes.check()
    told = _told(draft)
    fresh = before is None or before["deleted_at"] is not None
    if before is not None and not fresh:
        was = _known(before)
        if was == told:
            return Done()
        act.changed("sectionscale", before["id"], draft.section, before=was, after=told)
    scale = _write_scale(before, owner, draft)
    row = {
        "sourced_id": draft.sourced_id, "scale_id": scale, "section_id": draft.section, "metadata": draft.metadata,
    }  # fmt: skip
    SCALES.write(act, owner, [row], {draft.sourced_id} - known.keys())
    return Done({draft.sourced_id}, set()) if fresh else Done(set(), {draft.sourced_id})


def delete_scale(act: Act, row: Mapping[str, Any]) -> None:
    """Delete a scale (a locked row); what named it is told without it."""
    SCALES.bury(act, [row["id"]])
    act.changed("sectionscale", row["id"], row["section_id"], before=_known(row), after={"deleted": True})


def use_scale(act: Act, scale: GradingScale, section: int) -> SectionScale:
    """Have a section use a scale of the district; vendors are offered it from then on."""
    found = SectionScale.objects.filter(scale=scale, section=section, deleted_at=None).first()
    return found or SectionScale.objects.create(
        sourced_id=str(uuid4()), scale=scale, section_id=section, modified=act.at
    )


def _told(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title[:LONGEST],
        "type": draft.type[:LONGEST],
        "values": [[left[:LONGEST], right[:LONGEST]] for left, right in draft.values],
        "metadata": draft.metadata,
    }


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    scale = GradingScale.objects.get(pk=row["scale_id"])
    values = [[each.left, each.score] for each in scale.ranges.all()]
    return {"title": scale.title, "type": scale.type, "values": values, "metadata": row["metadata"]}


def _write_scale(before: Mapping[str, Any] | None, owner: int, draft: Draft) -> int:
    told = _told(draft)
    if before is None:
        scale = GradingScale.objects.create(owner_id=owner, title=told["title"], type=told["type"])
    else:
        scale = GradingScale.objects.get(pk=before["scale_id"])
        scale.title, scale.type = told["title"], told["type"]
        scale.save()
        scale.ranges.all().delete()
    GradingScaleRange.objects.bulk_create(
        GradingScaleRange(scale=scale, sequence=at, left=left, score=right)
        for at, (left, right) in enumerate(told["values"])
    )
    return scale.pk
