"""The drafts of every kind of wire object, in the order they are published, for all versions at once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from interop.oneroster.resource import V1P1, V1P2
from roster.publishing.classes import Structure, classes, courses, orgs, resources, sessions
from roster.publishing.draft import Setting
from roster.publishing.people import People
from roster.publishing.pieces import Piece, Pieces, same
from roster.publishing.told import demographics, enrollments, users

KINDS = ("org", "academicSession", "course", "class", "resource", "user", "demographics", "enrollment")


class Kind(NamedTuple):
    """A wire object with its drafts, and the sourcedIds these are all of in a version (None: all there are)."""

    name: str
    pieces: Iterable[Pieces]
    names: Callable[[int], list[str] | None] = lambda _version: None


@dataclass
class Facts:
    """What all versions are made from, read once."""

    setting: Setting
    structure: Structure
    people: People

    @classmethod
    def read(cls, setting: Setting) -> "Facts":
        """Read the district's structure and who has which role; or what a part of the district needs of them."""
        return cls(setting, Structure.read(setting), People.read(setting))

    def kinds(self) -> Iterator[Kind]:
        """Yield each wire object that is compared; only people differ between the versions."""
        structure, people, part = self.structure, self.people, self.setting.part
        if part.structure:
            for name, made in (
                ("org", orgs), ("academicSession", sessions), ("course", courses), ("class", classes)
            ):  # fmt: skip
                yield Kind(name, [same(list(made(structure)))])
            yield Kind("resource", [_resources(structure, people)])
        yield Kind("user", users(people), people.names)
        yield Kind("demographics", demographics(people), people.names)
        entries = None if part.entries is None else list(part.entries)
        yield Kind("enrollment", enrollments(structure, people), lambda _version: entries)


def _resources(structure: Structure, people: People) -> Pieces:
    """Return the resources of each version; 1.1 has none of people."""
    of = {V1P2: people, V1P1: None}
    return {version: Piece.of(list(resources(structure, holders))) for version, holders in of.items()}
