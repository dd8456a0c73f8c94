"""What differs between the drafts of one kind and what is published of it, told without rendering them all."""

from collections.abc import Collection, Iterable
from hashlib import blake2b

import orjson

from roster.publishing.draft import Draft
from roster.publishing.rendering import Candidate
from roster.publishing.store import live_sources


def source_of(draft: Draft) -> int:
    """Return a number that stands for everything a record is rendered from."""
    return int.from_bytes(blake2b(orjson.dumps(draft[1:]), digest_size=8).digest(), "big", signed=True)


class Comparison:
    """Compares drafts of one kind with what is published under these sourcedIds, or with all of the kind.

    `gone` are the sourcedIds of what is published without a draft so far.
    """

    def __init__(self, version: int, kind: str, names: Collection[str] | None, *, everything: bool) -> None:
        self._published = live_sources(version, kind, names)
        self._everything = everything

    def differing(self, drafts: Iterable[Draft]) -> tuple[list[Candidate], list[str]]:
        """Return the drafts made from other facts than what is published (or all), and which of them are published.

        They are in the order in which they lie together: by home school.
        """
        unknown, found, known = object(), list[Candidate](), list[str]()
        for draft in drafts:
            source, old = source_of(draft), self._published.pop(draft.sourced_id, unknown)
            if old == source and not self._everything:
                continue
            found.append((draft, source))
            if old is not unknown:
                known.append(draft.sourced_id)
        found.sort(key=lambda candidate: (candidate[0].schools[:1], candidate[0].sourced_id))
        return found, known

    @property
    def gone(self) -> list[str]:
        return sorted(self._published)
