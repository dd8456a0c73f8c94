"""The drafts of every kind of wire object in each version, in the order they are published."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from interop.oneroster.resource import V1P1
from roster.publishing import older
from roster.publishing.classes import Structure, classes, courses, enrollments, orgs, resources, sessions
from roster.publishing.demographics import demographics
from roster.publishing.draft import Draft, Setting
from roster.publishing.people import People, users
from roster.publishing.pieces import Piece

KINDS = ("org", "academicSession", "course", "class", "resource", "user", "demographics", "enrollment")


class Kind(NamedTuple):
    """A wire object with what gives its drafts in a version, and the sourcedIds these are all of (None: all)."""

    name: str
    pieces: Callable[[int], Iterable[Piece]]
    names: Callable[[int], list[str] | None] = lambda _version: None


@dataclass
class Facts:
    """What both versions are made from, read once."""

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
                yield Kind(name, _same(list(made(structure))))
            yield Kind(
                "resource", lambda version: [Piece.of(list(resources(structure, None if version == V1P1 else people)))]
            )
        yield Kind("user", lambda version: (older.users if version == V1P1 else users)(people), people.names)
        yield Kind(
            "demographics",
            lambda version: (older.demographics if version == V1P1 else demographics)(people),
            people.names,
        )
        yield Kind(
            "enrollment",
            lambda version: (
                older.enrollment_pieces(enrollments(structure), people) if version == V1P1 else enrollments(structure)
            ),
            lambda _version: None if part.entries is None else list(part.entries),
        )


def _same(drafts: list[Draft]) -> Callable[[int], list[Piece]]:
    return lambda _version: [Piece.of(drafts)]
