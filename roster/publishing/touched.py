"""What was touched since the last publication, as the database's triggers noted it with every change.

A note is removed by the publication that took account of it, in the same transaction; so whatever dies or is held,
nothing touched is ever forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection

from roster.models import Touched
from roster.publishing.arrays import array
from roster.visibility import (
    CALENDAR,
    CONTACT,
    COURSE,
    ROSTER_ENTRY,
    SCHOOL,
    SECTION,
    SECTION_STAFF,
    STAFF,
    STUDENT,
    TERM,
    Moment,
    Rule,
    flipping,
)

Note = tuple[str, str]
"""Kind and key, as Notes describes them."""
DATED: tuple[tuple[Sequence[Rule], str, str], ...] = (
    (STUDENT, "person", "person_id"),
    (STAFF, "person", "person_id"),
    (CONTACT, "person", "student_id"),
    (ROSTER_ENTRY, "entry", "sourced_id"),
    (SECTION_STAFF, "entry", "sourced_id"),
    *((rules, "everything", "pk") for rules in (SCHOOL, CALENDAR, TERM, COURSE, SECTION)),
)
"""What is noted of a row whose rules answer differently on another day; who is related to a noted person follows."""


def flips(before: Moment, after: Moment) -> Iterator[Note]:
    """Yield notes of the rows that other dates hide or show though nobody touched them."""
    if before.today != after.today:
        for rules, kind, field_name in DATED:
            for key in flipping(rules, before, after).values_list(field_name, flat=True).distinct():
                yield kind, str(key)


@dataclass
class Notes:
    """Rows by kind of note. What each kind means:

    `everything`: a school, a calendar, a setting … that may change any record, or too many rows to note each.
    `structure`: terms, and what hangs on classes and courses. `master`, `course`, `section`, `resource`: such a row.
    `person`: somebody's places or relationships, or what others depend on; `self`: facts of nobody but this person.
    `entry`: the sourcedId of a line of a section's people.
    """

    numbers: list[int] = field(default_factory=list)
    keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls) -> "Notes":
        """Return all notes there are."""
        notes = cls()
        rows = Touched.objects.order_by().values_list("pk", "kind", "key")
        for number, kind, key in rows:
            notes.numbers.append(number)
            notes.keys[kind].add(key)
        return notes

    def add(self, notes: Iterable[Note]) -> None:
        """Take account of more."""
        for kind, key in notes:
            self.keys[kind].add(key)

    def __bool__(self) -> bool:
        return bool(self.numbers)

    def rows(self, kind: str) -> set[int]:
        """Return the keys of the rows of one kind."""
        return {int(key) for key in self.keys.get(kind, ())}

    def forget(self) -> None:
        """Remove these notes; those that were made meanwhile stay."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM roster_touched WHERE id = ANY(%s)", [array(self.numbers)])
