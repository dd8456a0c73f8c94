"""A vendor's own categories and score scales."""

from gradebook import rules
from gradebook.receiving.batch import Batch, remark
from gradebook.receiving.references import classes
from gradebook.services import categories, scales
from gradebook.services.act import Act
from gradebook.services.results import Done


def put_category(batch: Batch, act: Act) -> Done:
    """Put a category."""
    remark(batch)
    [sent] = batch.sent
    draft = categories.Draft(
        sent.sourced_id, sent.values["title"], sent.values.get("weight"), sent.values.get("metadata")
    )
    return categories.put_category(act, batch.owner, draft, batch.notes)


def put_score_scale(batch: Batch, act: Act) -> Done:
    """Put a score scale of a class."""
    remark(batch)
    [sent] = batch.sent
    values = sent.values
    taught = classes(batch.grant, [values["class"]]).get(values["class"])
    if taught is None:
        batch.note(0, rules.CLASS_UNKNOWN, "class", id=values["class"])
        batch.notes.check()
        return Done()
    batch.places[0] = taught.id
    lines = [(line["itemValueLHS"], line["itemValueRHS"]) for line in values["scoreScaleValue"]]
    if not lines:
        batch.note(0, rules.UNREADABLE, "scoreScaleValue", told="it is empty.")
    draft = scales.Draft(sent.sourced_id, taught.id, values["title"], values["type"], lines, values.get("metadata"))
    return scales.put_scale(act, batch.owner, draft, batch.notes)
