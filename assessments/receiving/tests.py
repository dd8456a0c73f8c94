"""What vendors send as assessmentLineItems becomes tests."""

from assessments import rules
from assessments.receiving.batch import LINE_ITEM, lacks
from assessments.receiving.references import reached, scales, year
from assessments.receiving.unmatched import forget
from assessments.services.tests import TESTS, Draft, put_test
from gradebook.receiving.batch import Batch, remark
from gradebook.receiving.references import classes
from gradebook.rules import CLASS_UNKNOWN, OWNER_OTHER
from gradebook.services.act import Act
from gradebook.services.results import Done
from interop import statements

# Nobody deletes the parent until this act ends.
_PARENT = """
    SELECT id, owner_id FROM assessments_test WHERE sourced_id = %s::text AND deleted_at IS NULL FOR SHARE
"""


def work(batch: Batch, act: Act) -> Done:
    """Put the batch's only test."""
    remark(batch)
    [sent] = batch.sent
    before = TESTS.locked([sent.sourced_id]).get(sent.sourced_id)
    live = before is not None and before["deleted_at"] is None
    if before is not None and live and before["owner_id"] == batch.owner and not reached(
        batch.grant, before["section_id"]
    ):  # fmt: skip
        batch.note(0, rules.ELSEWHERE, "sourcedId", id=sent.sourced_id)
    values = sent.values
    section = _class(batch, values.get("class"))
    draft = Draft(
        sourced_id=sent.sourced_id,
        title=values["title"],
        year=year(),
        connection=batch.grant.connection,
        description=values.get("description", ""),
        parent=_parent(batch, values.get("parentAssessmentLineItem")),
        section=section,
        scale=_scale(batch, values.get("scoreScale")),
        minimum=values.get("resultValueMin"),
        maximum=values.get("resultValueMax"),
        metadata=values.get("metadata"),
        objectives=values.get("learningObjectiveSet") or None,
    )
    done = put_test(act, batch.owner, draft, before, batch.notes)
    forget(batch.owner, LINE_ITEM, [sent.sourced_id])
    return done


def _class(batch: Batch, name: str | None) -> int | None:
    if name is None:
        return None
    found = classes(batch.grant, [name]).get(name)
    if found is None:
        batch.note(0, CLASS_UNKNOWN, "class", id=name)
    return found.id if found else None


def _scale(batch: Batch, name: str | None) -> int | None:
    if name is None:
        return None
    found = scales(batch.grant, batch.owner, [name])
    if not found:
        batch.note(0, rules.SCALE_UNKNOWN, "scoreScale", id=name)
    return found[0].id if found else None


def _parent(batch: Batch, name: str | None) -> int | None:
    if name is None:
        return None
    found = statements.prepared(_PARENT, [name])
    if not found:
        lacks(batch, 0, rules.PARENT_MISSING, "parentAssessmentLineItem", name)
        return None
    [(key, owner)] = found
    if owner != batch.owner:
        batch.note(0, OWNER_OTHER, "parentAssessmentLineItem", id=name)
    return int(key)
