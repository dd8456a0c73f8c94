"""Deleting what the vendor made; it is gone for reading and still told to deltas."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from gradebook import rules
from gradebook.models import Assignment, PostedGrade
from gradebook.receiving import posted
from gradebook.receiving.batch import DELETED, Batch
from gradebook.receiving.references import reaches
from gradebook.services import posted as posting
from gradebook.services import receipts
from gradebook.services.act import Act
from gradebook.services.assignments import ASSIGNMENTS, delete_assignment
from gradebook.services.categories import CATEGORIES, delete_category
from gradebook.services.receipts import Told
from gradebook.services.results import Done
from gradebook.services.rows import Table
from gradebook.services.scales import SCALES, delete_scale
from gradebook.services.scores import SCORES, delete_score
from interop.dates import district_day
from interop.oneroster.errors import unknown_object

Row = Mapping[str, Any]
TABLES: dict[str, Table] = {
    "category": CATEGORIES, "lineItem": ASSIGNMENTS, "result": SCORES, "scoreScale": SCALES,
}  # fmt: skip


def delete(batch: Batch, act: Act) -> Done:
    """Delete the batch's only object; the standard's 404 when there is none, 403 when somebody else made it."""
    [sent] = batch.sent
    kind = batch.resource.object
    row = TABLES[kind].locked([sent.sourced_id]).get(sent.sourced_id)
    if row is None and kind == "result":
        return _posted_grade(batch, act)
    if row is None and kind == "lineItem" and posted.known(batch.grant, sent.sourced_id):
        batch.note(0, rules.OWNER_OTHER, "sourcedId", id=sent.sourced_id)
        batch.notes.check()
    if row is None or row["deleted_at"] is not None:
        raise unknown_object(kind, sent.sourced_id)
    if row["owner_id"] != batch.owner:
        batch.note(0, rules.OWNER_OTHER, "sourcedId", id=sent.sourced_id)
        batch.notes.check()
    section = _section(kind, row)
    if section is not None and not reaches(batch.grant, section):
        raise unknown_object(kind, sent.sourced_id)
    ACTS[kind](batch, act, row, section)
    _tell(batch, act, section)
    return Done()


def _posted_grade(batch: Batch, act: Act) -> Done:
    """Take a posted grade away that this vendor posted; as for scores otherwise."""
    sourced_id = batch.sent[0].sourced_id
    rows = PostedGrade.objects.select_for_update(no_key=True, of=("self",)).select_related("period__task")
    row = rows.filter(sourced_id=sourced_id, deleted_at=None).first()
    if row is None:
        raise unknown_object("result", sourced_id)
    if row.owner_id != batch.owner:
        batch.note(0, rules.OWNER_OTHER, "sourcedId", id=sourced_id)
        batch.notes.check()
    if not reaches(batch.grant, row.section_id):
        raise unknown_object("result", sourced_id)
    batch.places[0] = row.section_id
    posting.delete(act, row, batch.notes, district_day(timezone.now()))
    _tell(batch, act, row.section_id)
    return Done()


def _tell(batch: Batch, act: Act, section: int | None) -> None:
    told = Told(batch.sent[0].sourced_id, section, outcome=DELETED)
    act.last(receipts.written(batch.grant.connection, batch.resource.object, act.at, [told]))


def _section(kind: str, row: Row) -> int | None:
    if kind == "result":
        return Assignment.objects.values_list("section_id", flat=True).get(pk=row["assignment_id"])
    return row.get("section_id")


def _category(batch: Batch, act: Act, row: Row, _section: int | None) -> None:
    delete_category(act, row, batch.notes)


def _line_item(_batch: Batch, act: Act, row: Row, _section: int | None) -> None:
    delete_assignment(act, row)


def _result(_batch: Batch, act: Act, row: Row, section: int | None) -> None:
    delete_score(act, row, section or 0)


def _score_scale(_batch: Batch, act: Act, row: Row, _section: int | None) -> None:
    delete_scale(act, row)


ACTS: dict[str, Callable[[Batch, Act, Row, int | None], None]] = {
    "category": _category, "lineItem": _line_item, "result": _result, "scoreScale": _score_scale,
}  # fmt: skip
