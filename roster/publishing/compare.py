"""What differs between the drafts of one kind and what is published of it, told without rendering them all."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

import orjson

from roster.publishing.draft import Draft
from roster.publishing.store import live_sources


@dataclass
class Candidates:
    """Drafts that may differ from what is published, each with its source, and what is published without a draft."""

    compared: int = 0
    drafts: list[tuple[Draft, int]] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.drafts or self.gone)


def source_of(draft: Draft) -> int:
    """Return a number that stands for everything a record is rendered from."""
    return int.from_bytes(blake2b(orjson.dumps(draft[1:]), digest_size=8).digest(), "big", signed=True)


def compare(
    version: int, kind: str, drafts: Iterable[Draft], names: Collection[str] | None, *, everything: bool
) -> Candidates:
    """Return the drafts made from other facts than what is published (all of them with `everything`), in order.

    They are compared with what is published under these sourcedIds, or with all of the kind.
    """
    found = Candidates()
    live = live_sources(version, kind, names)
    unknown = object()
    for draft in drafts:
        found.compared += 1
        source, old = source_of(draft), live.pop(draft.sourced_id, unknown)
        if old == source and not everything:
            continue
        found.drafts.append((draft, source))
        if old is not unknown:
            found.known.append(draft.sourced_id)
    found.drafts.sort(key=lambda pair: (pair[0].schools[:1], pair[0].sourced_id))
    found.gone = sorted(live)
    return found
