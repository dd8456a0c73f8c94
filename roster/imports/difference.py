"""What an import did, by kind and by school, and why a person should look at it first."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Alarm:
    """One reason to hold an import. `key` names it apart from its figures; `kind` is the kind of record concerned."""

    key: str
    text: str
    kind: str = ""

    def __str__(self) -> str:
        return self.text


class AtSchool(NamedTuple):
    """One kind of record at one school."""

    school: int
    kind: str


@dataclass
class Census:
    """The living rows of each kind, and of each kind at each school (by its number)."""

    kinds: dict[str, int] = field(default_factory=dict)
    schools: Counter[AtSchool] = field(default_factory=Counter)
    open: frozenset[int] = frozenset()


@dataclass
class Difference:
    """What an import did: for each kind (new, changed, ended), and why a person should look at it first.

    `before` says how many lived of each kind that can end; `known` that this package, with this SHA-256 `digest`, is
    the one applied last. `schools` and `samples` are what pages show (see `roster/imports/places.py` and `samples.py`).
    """

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    known: bool = False
    digest: bytes = b""
    schools: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(any(part.values()) for part in (self.new, self.changed, self.ended))

    def counts(self) -> dict[str, dict[str, int]]:
        """Return before, new, changed and ended of each kind that has any, in order."""
        names = [
            name for name in {**self.before, **self.new, **self.ended} if any(self._row(name)) or name in self.before
        ]
        return {
            name: dict(
                zip(("before", "new", "changed", "ended"), (self.before.get(name, 0), *self._row(name)), strict=True)
            )
            for name in names
        }

    def lines(self) -> list[str]:
        """Say the difference as a table, one line for each kind that has one."""
        names = [name for name in {**self.new, **self.ended} if any(self._row(name))]
        head = "{:<22}{:>12}{:>10}{:>10}{:>10}".format("", "before", "new", "changed", "ended")
        return [head] * bool(names) + [self._line(name) for name in names]

    def _row(self, name: str) -> tuple[int, int, int]:
        return self.new.get(name, 0), self.changed.get(name, 0), self.ended.get(name, 0)

    def _line(self, name: str) -> str:
        before = f"{self.before[name]:,}" if name in self.before else ""
        return "{:<22}{:>12}{:>10,}{:>10,}{:>10,}".format(name, before, *self._row(name))
