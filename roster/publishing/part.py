"""Which part of the district a refresh has to look at: what was touched, and whatever is told of it elsewhere."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Lookup, QuerySet

from roster import statistics
from roster.models import Person, Relationship, RosterEntry, Section, SectionStaff
from roster.publishing.arrays import array
from roster.publishing.touched import Notes

SHARE = 0.2
FEW = 1_000
"""When more than this share of all records and more than a few are concerned, looking at everything is quicker."""
Narrowed = Collection[Any] | None


@dataclass(frozen=True)
class Part:
    """What is compared with what is published; all the rest is as it was. None stands for all there are.

    `structure` tells whether orgs, sessions, courses, classes and resources are compared: all of them or none.
    `people` are those whose user and demographics are compared, `entries` the sourcedIds of enrollments. To tell these
    right the roles of further people must be known: `known` have all their roles read, `read` at least their own.
    """

    structure: bool = True
    people: Narrowed = None
    known: Narrowed = None
    read: Narrowed = None
    entries: Narrowed = None
    sections: Narrowed = None

    @property
    def is_whole(self) -> bool:
        """Whether this is the whole district."""
        return self.people is None


WHOLE = Part()


class Among(Lookup):
    """Whether a column is among the values, which are sent as one: Django and the driver handle each of `__in`."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """Return the test and its parameters."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, array(self.rhs))


def narrowed(rows: QuerySet[Any], **tests: Narrowed) -> QuerySet[Any]:
    """Return those of the rows whose column is among the values; None leaves them as they are."""
    return rows.filter(*(Among(F(name), values) for name, values in tests.items() if values is not None))


def concerned(notes: Notes) -> Part:
    """Return the part of the district that what was touched can have changed; all of it when that is much.

    A user tells of their family: who is related, and in several schools also what those are there. So what touches
    somebody can change the users two steps away, whose own roles depend on people one step further.
    """
    if notes.keys.get("everything"):
        return WHOLE
    courses = [*_pks(Section, course__course_master=notes.rows("master")), *_pks(Section, course=notes.rows("course"))]
    touched = notes.rows("person") | {*_pks(Person, resources=notes.rows("resource"))}
    entries = [*_entries(person=touched), *_entries(section=notes.rows("section").union(courses))]
    entries += _entries(sourced_id=notes.keys.get("entry", set()))
    people = _family(touched, 2) | notes.rows("self")
    readers = _readers()
    structure = bool(notes.keys.keys() - {"person", "self", "entry"} or readers & people)
    known = _family(people, 1) | (readers if structure else set())
    part = Part(
        structure,
        people,
        known,
        _family(known, 1).union(person for _, person, _ in entries),
        {*notes.keys.get("entry", ()), *(sourced_id for sourced_id, _, _ in entries)},
        None if structure else {section for _, _, section in entries},
    )
    return WHOLE if _is_much(part) else part


def _pks(model: Any, **tests: Collection[Any]) -> Iterator[int]:
    if all(tests.values()):
        yield from narrowed(model.objects.order_by(), **tests).values_list("pk", flat=True)


def _entries(**tests: Collection[Any]) -> list[tuple[str, int, int]]:
    """Return sourcedId, person and section of those lines of sections' people."""
    if not all(tests.values()):
        return []
    return [
        entry
        for model in (RosterEntry, SectionStaff)
        for entry in narrowed(model._default_manager.order_by(), **tests).values_list(
            "sourced_id", "person_id", "section_id"
        )
    ]


def _family(people: Iterable[int], steps: int) -> set[int]:
    """Return the people and who is related to them, over so many steps."""
    found = {*people}
    edge = {*found}
    for _ in range(steps):
        rows = Relationship.objects.order_by()
        edge = {
            *narrowed(rows, student=edge).values_list("contact_id", flat=True),
            *narrowed(rows, contact=edge).values_list("student_id", flat=True),
        } - found
        found |= edge
    return found


def _readers() -> set[int]:
    """Return the people with resources of their own; a resource is shared where one of them is."""
    return set(Person.resources.through.objects.order_by().values_list("person_id", flat=True))


def _is_much(part: Part) -> bool:
    size = len(part.read or ()) + len(part.entries or ())
    return size > FEW and size > SHARE * statistics.rows_to_publish()
