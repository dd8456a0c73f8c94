"""Deleting what the vendor made; it is gone for reading and still told to deltas. What only waits is forgotten."""

from collections.abc import Mapping
from typing import Any

from assessments.models import Test
from assessments.receiving.batch import LINE_ITEM
from assessments.receiving.references import reached
from assessments.receiving.unmatched import forget
from assessments.services.rows import SCORES
from assessments.services.scores import delete_score
from assessments.services.tests import TESTS, delete_test
from gradebook.receiving.batch import DELETED, Batch
from gradebook.rules import OWNER_OTHER
from gradebook.services import receipts
from gradebook.services.act import Act
from gradebook.services.receipts import Told
from gradebook.services.results import Done
from interop.oneroster.errors import unknown_object


def delete(batch: Batch, act: Act) -> Done:
    """Delete the batch's only object; the standard's 404 when there is none, 403 when somebody else made it."""
    [sent] = batch.sent
    kind = batch.resource.object
    table = TESTS if kind == LINE_ITEM else SCORES
    row = table.locked([sent.sourced_id]).get(sent.sourced_id)
    waited = forget(batch.owner, kind, [sent.sourced_id])
    if row is None or row["deleted_at"] is not None:
        if not waited:
            raise unknown_object(kind, sent.sourced_id)
    else:
        if row["owner_id"] != batch.owner:
            batch.note(0, OWNER_OTHER, "sourcedId", id=sent.sourced_id)
            batch.notes.check()
        if not reached(batch.grant, _section(kind, row)):
            raise unknown_object(kind, sent.sourced_id)
        if kind == LINE_ITEM:
            delete_test(act, batch.owner, row, batch.notes)
        else:
            delete_score(act, row)
    act.last(receipts.written(batch.grant.connection, kind, act.at, [Told(sent.sourced_id, None, outcome=DELETED)]))
    return Done()


def _section(kind: str, row: Mapping[str, Any]) -> int | None:
    if kind == LINE_ITEM:
        section: int | None = row["section_id"]
        return section
    return Test.objects.values_list("section_id", flat=True).get(pk=row["test_id"])
