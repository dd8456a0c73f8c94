"""The drafts of every kind of wire object, in the order they are published."""

from collections.abc import Iterator

from roster.publishing.classes import Structure, classes, courses, enrollments, orgs, resources, sessions
from roster.publishing.draft import Draft, Setting
from roster.publishing.people import People, demographics, users

KINDS = ("org", "academicSession", "course", "class", "resource", "user", "demographics", "enrollment")


def drafts(setting: Setting) -> Iterator[tuple[str, Iterator[Draft]]]:
    """Yield (wire object name, its drafts), one kind after the other."""
    structure = Structure.read(setting)
    people = People.read(setting)
    kinds = (
        orgs(structure), sessions(structure), courses(structure), classes(structure), resources(structure, people),
        users(people), demographics(people), enrollments(structure),
    )  # fmt: skip
    yield from zip(KINDS, kinds, strict=True)
