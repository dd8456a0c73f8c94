"""What differs between the drafts of one kind and what is published of it, told without rendering them all."""

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from roster.publishing.draft import Draft, source_of
from roster.publishing.store import Live, live_records, live_sources, unseen


@dataclass
class Comparison:
    """Compares drafts of one kind with what was published before the record numbered `start`, some at a time.

    `names` are the sourcedIds all drafts are of (None: all there are). With `everything` whatever is published may look
    different. Of what it has seen it keeps the numbers alone.
    """

    version: int
    kind: str
    names: Collection[str] | None
    start: int
    everything: bool
    seen: "array[int]" = field(default_factory=lambda: array("q"))

    def differing(self, drafts: Iterable[Draft]) -> tuple[list[Draft], dict[str, Live]]:
        """Return the drafts made from other facts than what is published, and what is published instead of them."""
        drafts = list(drafts)
        names = [draft.sourced_id for draft in drafts]
        if self.everything:
            live = live_records(self.version, self.kind, names)
            self.seen.extend(old.id for old in live.values())
            return drafts, live
        published = live_sources(self.version, self.kind, names)
        self.seen.extend(number for number, _ in published.values())
        sources = {sourced_id: source for sourced_id, (_, source) in published.items()}
        drafts = [draft for draft in drafts if sources.get(draft.sourced_id) != source_of(draft)]
        known = [draft.sourced_id for draft in drafts if draft.sourced_id in published]
        return drafts, live_records(self.version, self.kind, known)

    def gone(self) -> dict[str, Live]:
        """Return what is published and has had no draft so far."""
        return live_records(self.version, self.kind, unseen(self.version, self.kind, self.names, self.seen, self.start))
