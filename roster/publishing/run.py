"""The work of one refresh: kind by kind, write what is new or changed and bury what vanished."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

import roster.wire  # noqa: F401  (its declarations register themselves)
from interop.dates import milliseconds
from interop.oneroster.render import encode
from interop.oneroster.resource import REGISTRY, V1P2
from roster.protection import Protected
from roster.publishing import guard
from roster.publishing.compare import Candidates, compare
from roster.publishing.draft import ENDED, MIXED, Draft, tokens
from roster.publishing.facts import KINDS, Kind
from roster.publishing.groups import Change, Group, Selection
from roster.publishing.references import Name
from roster.publishing.store import Fresh, Live, Writer, count_active, finds, live_records
from roster.publishing.tombstones import Burial
from roster.visibility import Moment

Advance = Callable[[str, int], None]
STEP = 1_000


@dataclass
class Count:
    """What a publication did to one kind; `before` is how many were active."""

    new: int = 0
    changed: int = 0
    ended: int = 0
    before: int = 0


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

    def take(self, compared: Kind) -> None:
        """Compare one kind with what is published of it, and write it; with a group, only note what could be done."""
        kind, names = compared.name, compared.names(self.version)
        drafts = self._watched(kind, compared.drafts(self.version))
        found = compare(self.version, kind, drafts, names, everything=self.everything)
        if not found:
            return
        live = live_records(self.version, kind, [*found.known, *found.gone])
        vanished = {sourced_id: live.pop(sourced_id) for sourced_id in found.gone}
        if self.group is None:
            self._write(kind, self._render_all(kind, found, live), live, vanished)
        else:
            self.changes.update(self._possible(kind, found, live, vanished))

    def finish(self) -> None:
        """Write what the group takes of all that could be done, and see whether the whole is suspicious."""
        if self.group is not None:
            self._write_chosen(self.group, self.changes)
        self.writer.flush()
        self.burial.close()
        self.reasons += guard.emptied(self.left, self.moment)

    def _watched(self, kind: str, wanted: Iterable[Draft]) -> Iterator[Draft]:
        """Yield the drafts and tell how far the work is."""
        number = 0
        for number, draft in enumerate(wanted, 1):
            yield draft
            if number % STEP == 0:
                self.advance(kind, STEP)
        self.advance(kind, number % STEP)

    def _render_all(self, kind: str, found: Candidates, live: dict[str, Live]) -> Iterator[Fresh]:
        for draft, source in found.drafts:
            if fresh := self._render(kind, draft, source, live.get(draft.sourced_id)):
                yield fresh

    def _possible(
        self, kind: str, found: Candidates, live: dict[str, Live], vanished: dict[str, Live]
    ) -> Iterator[tuple[Name, Change]]:
        """Yield what could be done to objects of one kind."""
        before = finds([record.id for record in (*live.values(), *vanished.values())])
        for fresh in self._render_all(kind, found, live):
            old = live.get(fresh.sourced_id)
            yield (
                (kind, fresh.sourced_id),
                Change(self.version, kind, fresh.sourced_id, fresh, old, before[old.id] if old else {}),
            )
        for sourced_id, old in vanished.items():
            hidden = self.burial.is_hidden(kind, sourced_id, old, before[old.id])
            if hidden or old.status != ENDED:
                yield (kind, sourced_id), Change(self.version, kind, sourced_id, None, old, before[old.id], hidden)

    def _write_chosen(self, group: Group, changes: dict[Name, Change]) -> None:
        """Write those of the changes that a refresh of this group makes."""
        taken = Selection(group, changes).choose()
        self.left_out = len(taken) < len(changes)
        chosen = [change for key, change in changes.items() if key in taken]
        for kind in KINDS:
            own = [change for change in chosen if change.kind == kind]
            if own:
                self._write(
                    kind,
                    [change.fresh for change in own if change.fresh],
                    {change.sourced_id: change.live for change in own if change.live},
                    {change.sourced_id: change.live for change in own if change.live and not change.fresh},
                )

    def _write(self, kind: str, fresh: Iterable[Fresh], live: dict[str, Live], vanished: dict[str, Live]) -> None:
        """Write what is new or changed of one kind and bury what vanished."""
        count, start = Count(before=count_active(self.version, kind)), self.writer.given_out
        if kind == "user" and self.version == V1P2:
            fresh = self._watch_schools(fresh, live, vanished)
        self.writer.add_all(_counted(fresh, live, count))
        old_graves = [record.id for record in vanished.values() if record.status == ENDED] if self.new_year else []
        if old_graves:
            self.writer.retire(old_graves)
            vanished = {sourced_id: record for sourced_id, record in vanished.items() if record.status != ENDED}
        count.ended += self.burial.bury(kind, vanished)
        if old_graves or self.writer.given_out > start:
            name = kind if self.version == V1P2 else f"{kind} (1.1)"
            self.counts[name] = count
            # a new address or a new version of the portal may change every record; that says nothing about the data
            changed = 0 if self.everything else count.changed
            self.reasons += guard.suspicious(name, count.before, changed, count.ended)

    def _watch_schools(
        self, fresh: Iterable[Fresh], live: dict[str, Live], vanished: dict[str, Live]
    ) -> Iterator[Fresh]:
        """Yield the users to write, and count by school the active ones who leave it."""
        for old in vanished.values():
            if old.status != ENDED:
                self.left.update(old.schools)
        for user in fresh:
            was = live.get(user.sourced_id)
            if was and was.status != ENDED:
                self.left.update(was.schools if user.status == ENDED else {*was.schools} - {*user.schools})
            yield user

    def _render(self, kind: str, draft: Draft, source: int, old: Live | None) -> Fresh | None:
        """Return the record to write, or None when the live one says the same."""
        facts = {**draft.facts, "sourcedId": draft.sourced_id, "status": draft.status}
        facts["dateLastModified"] = self.writer.at
        rendered = encode(REGISTRY[kind], self.version, facts)
        digest, find = rendered.digest, rendered.find
        beside = _beside(draft.schools, draft.audience, orjson.dumps(draft.hidden) if draft.hidden else b"")
        digest = (int.from_bytes(digest) ^ beside).to_bytes(16)
        if old and old.digest == digest:
            if source != old.source:
                self.writer.keep(old.id, source)
            return None
        find |= draft.hidden or {}
        if draft.person:
            find["_person"] = draft.person
        former: tuple[int, ...] = ()
        audience = draft.audience
        if old:
            former = tuple(sorted({*old.former, *old.schools} - {*draft.schools}))
            audience = remember(draft, old, find, milliseconds(self.writer.at))
        return Fresh(
            self.version, kind, draft.sourced_id, draft.status, draft.schools, former, audience, digest, source, find,
            rendered.doc, old.id if old else None,
        )  # fmt: skip


def _counted(fresh: Iterable[Fresh], live: dict[str, Live], count: Count) -> Iterator[Fresh]:
    for record in fresh:
        if record.replaces is None:
            count.new += 1
        elif record.status == ENDED and live[record.sourced_id].status != ENDED:
            count.ended += 1
        else:
            count.changed += 1
        yield record


@lru_cache(maxsize=4096)
def _beside(schools: tuple[int, ...], audience: str, hidden: bytes) -> int:
    """Return a number for what a record keeps beside its document; most have no more than their school."""
    return int.from_bytes(blake2b(orjson.dumps([schools, audience]) + hidden, digest_size=16).digest())


def remember(draft: Draft, old: Live, find: dict[str, Any], at: int) -> str:
    """Return the audience of a changed record, and note in `find` who had it once, and who has it where that changed.

    Who lost a record that ended and came back for others lost it when it ended.
    """
    seen = find.get("_seen") or tokens((school, draft.audience) for school in draft.schools)
    left = old.left | dict.fromkeys(old.seen, old.ended or at)
    if left := {token: moment for token, moment in left.items() if token not in seen}:
        find["_left"] = left
    if draft.audience == old.audience != MIXED:
        return draft.audience
    find["_seen"] = seen
    return MIXED
