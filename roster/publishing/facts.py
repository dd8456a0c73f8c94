"""The drafts of every kind of wire object, in the order they are published."""

from collections.abc import Callable, Iterator

from roster.publishing.classes import Structure, classes, courses, enrollments, orgs, resources, sessions
from roster.publishing.draft import Draft, Setting
from roster.publishing.people import People, demographics, users


def drafts(setting: Setting) -> Iterator[tuple[str, list[Draft]]]:
    """Yield (wire object name, its drafts sorted by home school and sourcedId), one kind after the other."""
    structure = Structure.read(setting)
    people = People.read(setting)
    kinds: dict[str, Callable[[], Iterator[Draft]]] = {
        "org": lambda: orgs(structure),
        "academicSession": lambda: sessions(structure),
        "course": lambda: courses(structure),
        "class": lambda: classes(structure),
        "resource": lambda: resources(structure, people),
        "user": lambda: users(people),
        "demographics": lambda: demographics(people),
        "enrollment": lambda: enrollments(structure),
    }
    for name, read in kinds.items():
        yield name, sorted(read(), key=lambda draft: (draft.schools[:1], draft.sourced_id))
