"""What differs between the drafts of one kind and what is published of it, told without rendering them all."""

from collections.abc import Iterable

from roster.publishing.draft import Draft, source_of


class Comparison:
    """Compares drafts of one kind with what is published: sourcedIds, and what their records were rendered from.

    With `everything` whatever is published may look different.
    """

    def __init__(self, published: dict[str, int | None], *, everything: bool) -> None:
        self._published = published
        self._everything = everything

    def differing(self, drafts: Iterable[Draft]) -> tuple[list[Draft], list[str]]:
        """Return the drafts made from other facts than what is published, and the sourcedIds of these that are."""
        published, found, known = self._published, list[Draft](), list[str]()
        for draft in drafts:
            if draft.sourced_id in published:
                old = published.pop(draft.sourced_id)
                if not self._everything and old == source_of(draft):
                    continue
                known.append(draft.sourced_id)
            found.append(draft)
        return found, known

    @property
    def gone(self) -> list[str]:
        """The sourcedIds of what is published and has had no draft so far."""
        return sorted(self._published)
