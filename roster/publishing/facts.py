"""The drafts of every kind of wire object in each version, in the order they are published."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from interop.oneroster.resource import V1P1
from roster.publishing import older
from roster.publishing.classes import Structure, classes, courses, enrollments, orgs, resources, sessions
from roster.publishing.draft import Draft, Setting
from roster.publishing.people import People, demographics, users

KINDS = ("org", "academicSession", "course", "class", "resource", "user", "demographics", "enrollment")


@dataclass
class Facts:
    """What both versions are made from, read once."""

    setting: Setting
    structure: Structure
    people: People

    @classmethod
    def read(cls, setting: Setting) -> "Facts":
        """Read the district's structure and who has which role."""
        return cls(setting, Structure.read(setting), People.read(setting))

    def kinds(self) -> Iterator[tuple[str, Callable[[int], Iterable[Draft]]]]:
        """Yield each wire object with what gives its drafts in a version; only people differ between the versions."""
        structure, people = self.structure, self.people
        for kind, made in (
            ("org", orgs), ("academicSession", sessions), ("course", courses), ("class", classes)
        ):  # fmt: skip
            yield kind, _same(list(made(structure)))
        yield "resource", lambda version: resources(structure, None if version == V1P1 else people)
        yield "user", lambda version: (older.users if version == V1P1 else users)(people)
        yield "demographics", lambda version: (older.demographics if version == V1P1 else demographics)(people)
        enrolled = list(enrollments(structure))
        yield "enrollment", lambda version: older.enrollments(enrolled, people) if version == V1P1 else enrolled


def _same(drafts: list[Draft]) -> Callable[[int], list[Draft]]:
    return lambda _version: drafts
