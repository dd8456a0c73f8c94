"""The work of one refresh: kind by kind, write what is new or changed and bury what vanished."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import roster.wire  # noqa: F401  (its declarations register themselves)
from interop.oneroster.resource import V1P2
from roster.protection import Protected
from roster.publishing import guard
from roster.publishing.compare import Comparison
from roster.publishing.draft import ENDED, Draft
from roster.publishing.facts import KINDS, Kind
from roster.publishing.groups import Change, Group, Selection
from roster.publishing.pieces import Piece
from roster.publishing.references import Name
from roster.publishing.rendering import Count, Noted, Rendering
from roster.publishing.store import Live, count_before, finds
from roster.publishing.tombstones import Burial
from roster.publishing.writing import Work, Writer
from roster.visibility import Moment

Advance = Callable[[str, int], None]


@dataclass
class Run:
    """One refresh of one version at work; afterwards `counts` of what changed, `reasons` why that is suspicious."""

    version: int
    writer: Writer
    moment: Moment
    protected: Callable[[], Protected]
    advance: Advance
    new_year: bool
    everything: bool
    group: Group | None
    counts: dict[str, Count] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    left_out: bool = False

    def __post_init__(self) -> None:
        self.burial = Burial(self.writer, self.protected, self.version)
        self.left: Counter[int] = Counter()
        self.changes: dict[Name, Change] = {}
        self.found: defaultdict[str, Count] = defaultdict(Count)
        self.touched: set[str] = set()

    def begin(self, compared: Kind) -> None:
        """Begin with one kind."""
        names = compared.names(self.version)
        start = self.writer.start
        self.comparison = Comparison(self.version, compared.name, names, start, everything=self.everything)

    def take(self, piece: Piece) -> Work[Noted]:
        """Compare some drafts with what is published of them; return what has to be done.

        With a group, only what could be done is noted, and nothing is left to do.
        """
        kind = self.comparison.kind
        self.advance(kind, piece.most)
        if self.writer.first and not self.group:  # nothing to compare with: whoever renders makes the drafts as well
            return self._work(kind, piece, {})
        drafts, live = self.comparison.differing(piece.drafts())
        if self.group:
            self.changes.update(self._possible(kind, drafts, live))
            drafts = []
        return self._work(kind, Piece.of(drafts), live)

    def end(self) -> None:
        """Bury what is published of the kind and has had no draft; with a group, note it."""
        if self.writer.first and not self.group:
            return
        kind, vanished = self.comparison.kind, self.comparison.gone()
        if self.group:
            self.changes.update(self._vanishing(kind, vanished))
        elif vanished:
            self._bury(kind, vanished)

    def finish(self) -> None:
        """Write what the group takes of all that could be done, and see whether the whole is suspicious."""
        if self.group is not None:
            self._write_chosen(self.group, self.changes)
        self.writer.flush()
        self.burial.close()
        for kind in sorted(self.touched, key=KINDS.index):
            name, count = kind if self.version == V1P2 else f"{kind} (1.1)", self.found[kind]
            self.counts[name] = count
            # a new address or a new version of the portal may change every record; that says nothing about the data
            changed = 0 if self.everything else count.changed
            counted = partial(count_before, self.version, kind, self.writer.start, self.writer.at)
            self.reasons += guard.suspicious(name, counted, changed, count.ended, self.moment)
        self.reasons += guard.emptied(self.left, self.moment)

    def _rendering(self, kind: str) -> Rendering:
        return Rendering(self.version, kind, self.writer.at)

    def _work(self, kind: str, piece: Piece, live: Mapping[str, Live]) -> Work[Noted]:
        """Return how records are made; their numbers lie together, with gaps for what says the same."""
        number = self.writer.numbers(piece.most)
        make = partial(self._rendering(kind).make, piece.drafts, live, number)
        return Work(piece.most, make, partial(self._note, kind))

    def _note(self, kind: str, noted: Noted) -> None:
        self.left.update(noted.left)
        if noted.count.written:
            self.found[kind].add(noted.count)
            self.touched.add(kind)

    def _bury(self, kind: str, vanished: dict[str, Live]) -> None:
        """Write tombstones for what vanished; a new year begins without the old ones."""
        if kind == "user" and self.version == V1P2:
            self.left.update(school for old in vanished.values() if old.status != ENDED for school in old.schools)
        old_graves = [record.id for record in vanished.values() if record.status == ENDED] if self.new_year else []
        if old_graves:
            self.writer.retire(old_graves)
            vanished = {sourced_id: record for sourced_id, record in vanished.items() if record.status != ENDED}
        count, start = self.found[kind], self.writer.given_out
        count.ended += self.burial.bury(kind, vanished)
        if old_graves or self.writer.given_out > start:
            self.touched.add(kind)

    def _possible(self, kind: str, drafts: Sequence[Draft], live: Mapping[str, Live]) -> Iterator[tuple[Name, Change]]:
        """Yield what could be written of one kind."""
        rendering = self._rendering(kind)
        before = finds([record.id for record in live.values()])
        for fresh in rendering.fresh(drafts, live):
            old = live.get(fresh.sourced_id)
            find = before[old.id] if old else {}
            yield (kind, fresh.sourced_id), Change(self.version, kind, fresh.sourced_id, fresh, old, find)
        self.writer.write(rendering.made([], live, 0)[0])

    def _vanishing(self, kind: str, vanished: Mapping[str, Live]) -> Iterator[tuple[Name, Change]]:
        """Yield what could be buried of one kind."""
        before = finds([record.id for record in vanished.values()])
        ended = {sourced_id: old for sourced_id, old in vanished.items() if old.status == ENDED}
        changed = {tombstone.sourced_id for tombstone, *_ in self.burial.tombstones(kind, ended)}
        for sourced_id, old in vanished.items():
            hidden = self.burial.is_hidden(kind, sourced_id, old, before[old.id])
            if hidden or old.status != ENDED or sourced_id in changed:
                yield (kind, sourced_id), Change(self.version, kind, sourced_id, None, old, before[old.id], hidden)

    def _write_chosen(self, group: Group, changes: dict[Name, Change]) -> None:
        """Write those of the changes that a refresh of this group makes."""
        taken = Selection(group, changes).choose()
        self.left_out = len(taken) < len(changes)
        chosen = [change for key, change in changes.items() if key in taken]
        for kind in KINDS:
            own = [change for change in chosen if change.kind == kind]
            if own:
                fresh = [change.fresh for change in own if change.fresh]
                live = {change.sourced_id: change.live for change in own if change.live}
                made, noted = self._rendering(kind).made(fresh, live, self.writer.numbers(len(fresh)))
                self.writer.write(made)
                self._note(kind, noted)
                gone = {change.sourced_id: change.live for change in own if change.live and not change.fresh}
                self._bury(kind, gone)
