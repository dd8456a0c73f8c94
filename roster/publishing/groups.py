"""Refreshing one half of the graph: structure (`class`) or people (`student`), and what its new records point to.

A record is published only when all it names is published. So a refresh of one group takes along records of the other
that its own new records name and that nobody has yet, and those that name what it ended. What is protected always goes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from roster.publishing.draft import ENDED
from roster.publishing.references import Name, names
from roster.publishing.store import Fresh, Live

Group = Literal["class", "student"]
GROUPS: tuple[Group, ...] = ("class", "student")
STUDENT_KINDS = {"user", "demographics"}


def group_of(kind: str, find: dict[str, Any]) -> Group:
    """Return the group of a record; an enrollment goes with the one it enrolls."""
    if kind == "enrollment":
        return "student" if find.get("role") == "student" else "class"
    return "student" if kind in STUDENT_KINDS else "class"


@dataclass
class Change:
    """What a refresh could do to one object: write `fresh`, or bury `live` when there is none."""

    version: int
    kind: str
    sourced_id: str
    fresh: Fresh | None
    live: Live | None
    before: dict[str, Any]
    """The `find` of the live record."""
    hidden: bool = False

    @property
    def ends(self) -> bool:
        """Whether the object is a tombstone afterwards."""
        return self.fresh is None or self.fresh.status == ENDED

    @property
    def is_new(self) -> bool:
        """Whether nobody has the object now, or only as a tombstone."""
        return self.live is None or self.live.status == ENDED


@dataclass
class Selection:
    """Chooses among all changes those a refresh of one group makes."""

    group: Group
    changes: dict[Name, Change]
    taken: set[Name] = field(default_factory=set)

    def choose(self) -> set[Name]:
        """Return the objects to write: the group's own, then what they need, until nothing is missing."""
        namers: dict[Name, list[Name]] = {}
        for key, change in self.changes.items():
            for name in names(change.version, change.kind, change.before):
                namers.setdefault(name, []).append(key)
        waiting = [key for key, change in self.changes.items() if self._is_own(change)]
        while waiting:
            key = waiting.pop()
            if key in self.taken:
                continue
            self.taken.add(key)
            change = self.changes[key]
            if change.ends:
                waiting.extend(namers.get(key, ()))
            if change.fresh:
                waiting.extend(self._needed(names(change.version, change.kind, change.fresh.find)))
        return self.taken

    def _is_own(self, change: Change) -> bool:
        find = change.fresh.find if change.fresh else change.before
        return change.hidden or group_of(change.kind, find) == self.group

    def _needed(self, named: Iterable[Name]) -> list[Name]:
        return [name for name in named if name in self.changes and self.changes[name].is_new]
