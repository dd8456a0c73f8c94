"""A write of a vendor that may have to wait: what it needs, and who does it one after the other."""

from dataclasses import dataclass

from assessments.rules import awaited
from gradebook.receiving.batch import Batch
from gradebook.rules import UNREADABLE, Rule
from interop.oneroster.writing import LONGEST_ID

LINE_ITEM, RESULT = "assessmentLineItem", "assessmentResult"


def lock_name(kind: str, sourced_id: str) -> str:
    """Return what those wait for who write one object, and who keep what waits for it."""
    return repr((kind, sourced_id))


def lacks(batch: Batch, place: int, rule: Rule, field: str, name: str) -> None:
    """Note that what a field names is missing; for an id that nothing can have, nothing waits."""
    if len(name) > LONGEST_ID:
        batch.note(place, UNREADABLE, field, told=f"use 1 to {LONGEST_ID} characters.")
    else:
        batch.note(place, rule, field, id=name)


@dataclass
class Waiting(Batch):
    """Objects of assessments; those that came before and wait are read again as several of them."""

    @property
    def alone(self) -> str | None:
        """Writes of one object are done one after the other; what is read again meets none of its own."""
        return lock_name(self.resource.object, self.sent[0].sourced_id) if len(self.sent) == 1 else None

    @property
    def missing(self) -> tuple[str, str] | None:
        """What the only object waits for; None: nothing, or more is wrong with it."""
        return awaited(self.notes.of(0))
