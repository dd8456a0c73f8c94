"""From drafts to records ready to write: what differs from the live record is rendered, dated and counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from interop.dates import milliseconds
from interop.oneroster.render import encoder, stamp
from interop.oneroster.resource import REGISTRY, V1P2
from roster.publishing.draft import ENDED, MIXED, Draft, source_of, tokens
from roster.publishing.store import Fresh, Live
from roster.publishing.writing import Batch, batch


@dataclass
class Count:
    """What a publication did to one kind."""

    new: int = 0
    changed: int = 0
    ended: int = 0

    @property
    def written(self) -> int:
        """How many records were written."""
        return self.new + self.changed + self.ended

    def add(self, other: "Count") -> None:
        """Count what another part of the kind did."""
        self.new += other.new
        self.changed += other.changed
        self.ended += other.ended


@dataclass(frozen=True)
class Noted:
    """How many records were made, and of active users how many leave each school."""

    count: Count
    left: Counter[int]


@dataclass
class Rendering:
    """Renders records of one kind and version as of one moment. Uses no database.

    `same` gathers (id, source) of live records that say the same though they were made from other facts.
    """

    version: int
    kind: str
    at: datetime
    same: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._encode = encoder(REGISTRY[self.kind], self.version)
        self._stamp = stamp(self.at).encode()

    def make(self, drafts: Callable[[], Iterable[Draft]], live: Mapping[str, Live], number: int) -> tuple[Batch, Noted]:
        """Make the drafts and render those that differ from their live records, numbered from `number` on."""
        return self.made(self.fresh(drafts(), live), live, number)

    def made(self, fresh: Iterable[Fresh], live: Mapping[str, Live], number: int) -> tuple[Batch, Noted]:
        """Return these records ready to write, with what has been found to say the same, and what is to be noted."""
        count, left = Count(), Counter[int]()
        watched = self.kind == "user" and self.version == V1P2
        counted = (_count(record, live, count, left if watched else None) for record in fresh)
        return batch(counted, self.same, number, self.at), Noted(count, left)

    def fresh(self, drafts: Iterable[Draft], live: Mapping[str, Live]) -> Iterator[Fresh]:
        """Yield the records to write in the order in which they are to lie together: by home school."""
        for draft in sorted(drafts, key=_place):
            if record := self._render(draft, live.get(draft.sourced_id)):
                yield record

    def _render(self, draft: Draft, old: Live | None) -> Fresh | None:
        """Return the record to write, or None when the live one says the same."""
        source = source_of(draft)
        doc, digest, find = self._encode(draft.sourced_id, draft.status, self._stamp, draft.facts)
        beside = _beside(draft.schools, draft.audience, orjson.dumps(draft.hidden) if draft.hidden else b"")
        digest = (int.from_bytes(digest) ^ beside).to_bytes(16)
        if old and old.digest == digest:
            if source != old.source:
                self.same.append((old.id, source))
            return None
        find |= draft.hidden or {}
        if draft.person:
            find["_person"] = draft.person
        former: tuple[int, ...] = ()
        audience = draft.audience
        if old:
            former = tuple(sorted({*old.former, *old.schools} - {*draft.schools}))
            audience = remember(draft, old, find, milliseconds(self.at))
        return Fresh(
            self.version, self.kind, draft.sourced_id, draft.status, draft.schools, former, audience, digest, source,
            find, doc, old.id if old else None,
        )  # fmt: skip


def _place(draft: Draft) -> tuple[tuple[int, ...], str]:
    return draft.schools[:1], draft.sourced_id


def _count(record: Fresh, live: Mapping[str, Live], count: Count, left: Counter[int] | None) -> Fresh:
    """Count a record and hand it on; `left` counts of active people each school they leave.

    What comes back is new, so that nobody is held for putting a mistake right.
    """
    old = live.get(record.sourced_id)
    if old is None or old.status == ENDED != record.status:
        count.new += 1
    elif record.status == ENDED != old.status:
        count.ended += 1
    else:
        count.changed += 1
    if left is not None and old and old.status != ENDED:
        left.update(old.schools if record.status == ENDED else {*old.schools} - {*record.schools})
    return record


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
