"""The drafts of every kind of wire object in each version, in the order they are published."""

from collections.abc import Iterator
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

    def drafts(self, version: int) -> Iterator[tuple[str, Iterator[Draft]]]:
        """Yield (wire object name, its drafts), kind after kind; only people differ between the versions."""
        structure, people = self.structure, self.people
        if version == V1P1:
            found = resources(structure, None)
            persons = (older.users(people), older.demographics(people), older.enrollments(structure, people))
        else:
            found = resources(structure, people)
            persons = (users(people), demographics(people), enrollments(structure))
        kinds = (orgs(structure), sessions(structure), courses(structure), classes(structure), found, *persons)
        yield from zip(KINDS, kinds, strict=True)
