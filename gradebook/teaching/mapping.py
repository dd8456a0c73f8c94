"""Saying once which of our categories a vendor's own one is: for what waits and for all that arrives later."""

from collections.abc import Sequence
from dataclasses import replace

from gradebook.alignment import BY, Aligned, setups
from gradebook.alignment import align as place_of
from gradebook.models import Assignment, Category, CategoryMapping
from gradebook.services.act import acting
from gradebook.teaching.access import Teacher, unaligned
from gradebook.teaching.aligning import Done, Waiting, arrival, locked, put
from interop import audit


def unmapped(found: Sequence[Waiting]) -> list[tuple[Category, int]]:
    """Return the vendors' own categories of what waits for one, each with how many those are."""
    counted: dict[Category, int] = {}
    for each in found:
        theirs = each.assignment.vendor_category
        if theirs and each.assignment.category_id is None:
            counted[theirs] = counted.get(theirs, 0) + 1
    return sorted(counted.items(), key=lambda pair: (pair[0].title.casefold(), pair[0].pk))


def save(teacher: Teacher, vendor_category: int, category: str) -> Done:
    """Map a vendor's category to those of this title in the teacher's sections and align what waits for it.

    Raises Category.DoesNotExist when nothing of the teacher's waits for it or no section has the title.
    """
    known = setups(teacher.sections, teacher.today)
    ours = {key for setup in known.values() if (key := setup.category_named(category))}
    waits = unaligned(teacher.sections).filter(vendor_category=vendor_category)
    chosen = list(waits.values_list("pk", flat=True))
    if not ours or not chosen:
        raise Category.DoesNotExist
    with acting(teacher.name) as act:
        theirs = Category.objects.get(pk=vendor_category)
        for key in sorted(ours):
            CategoryMapping.objects.get_or_create(
                vendor_category=theirs, category_id=key, defaults={"made_by": teacher.name}
            )
        audit.record(teacher.name, "mapped a vendor's category", theirs, after={"to": category})

        def place(row: Assignment) -> Aligned:
            setup = known[row.section_id]
            found = place_of(setup, replace(arrival(row), category=setup.category_named(category)))
            return Aligned(found.category, found.task, BY.MAPPING)

        return put(act, locked(teacher, chosen), place)
