"""How much may end or change before a named person must look: the district's limits, over our defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from roster.models import FeedLimit, FeedSettings

OTHERS = ""


class Limit(NamedTuple):
    """Percent of a kind that may end, and that may change."""

    ended: int
    changed: int


DEFAULTS = {OTHERS: Limit(10, 75), "people": Limit(5, 75)}
"""What holds until somebody chooses: as common services do, but half as many people, as everything hangs on them."""


@dataclass(frozen=True)
class Limits:
    """All limits; fewer than `least` rows are never too many."""

    least: int = 25
    known: Mapping[str, Limit] = field(default_factory=lambda: DEFAULTS)

    def of(self, kind: str) -> Limit:
        """Return the limit of one kind."""
        return self.known.get(kind) or self.known[OTHERS]

    def ends_too_many(self, kind: str, before: int, ended: int) -> bool:
        """Return whether so many of a kind that had `before` rows may not end unseen."""
        return ended >= self.least and ended * 100 > before * self.of(kind).ended

    def changes_too_many(self, kind: str, before: int, changed: int) -> bool:
        """Return whether so many of a kind that had `before` rows may not change unseen."""
        return before > 0 and changed >= self.least and changed * 100 > before * self.of(kind).changed

    def enough(self, kind: str, ended: int, changed: int) -> int | None:
        """Return of how many rows so many may end and change, so that nobody counts further; None: of no number."""
        limit = self.of(kind)
        shares = [
            (number, percent)
            for number, percent in ((ended, limit.ended), (changed, limit.changed))
            if number >= self.least
        ]
        if not all(percent for _, percent in shares):
            return None
        return max((-(-number * 100 // percent) for number, percent in shares), default=0)


def limits() -> Limits:
    """Return the limits that hold now; two statements."""
    chosen = {kind: Limit(ended, changed) for kind, ended, changed in _rows()}
    return Limits(FeedSettings.load().least, {OTHERS: DEFAULTS[OTHERS], **(chosen or DEFAULTS)})


def _rows() -> list[tuple[str, int, int]]:
    return list(FeedLimit.objects.values_list("kind", "ended", "changed"))
