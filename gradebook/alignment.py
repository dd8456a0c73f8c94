"""How an assignment finds its category and grading task (seeds/000: Aligning assignments to Categories and Tasks).

In this order: the category the vendor names; the one its own category is mapped to; the teachers' keyword rules; the
section's default, else its teacher's. The task: the one named; that of the rule or default; the section's only one in
the named grading period or academic session, else in the shortest period that holds the due date.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from gradebook import rules
from gradebook.models import Assignment, KeywordRule
from gradebook.rules import Note
from gradebook.structure import STATEMENTS, Structure, Task, asked, structures_in
from interop.statements import Question

BY = Assignment.AlignedBy
_CATEGORIES = """
    SELECT l.section_id, k.id, k.title
    FROM gradebook_category_sections l JOIN gradebook_category k ON k.id = l.category_id
    WHERE l.section_id = ANY(%s::bigint[]) AND k.owner_id IS NULL AND k.deleted_at IS NULL ORDER BY k.sequence, k.id
"""
_MAPPINGS = "SELECT vendor_category_id, category_id FROM gradebook_categorymapping WHERE vendor_category_id = ANY(%s)"
# Who teaches a section now, the primary teacher first; a substitute's dates are those of the line.
_TAUGHT = """
    SELECT t.section_id, t.person_id, (t.kind <> 'primary teacher')::int AS rank
    FROM asked JOIN roster_sectionstaff t ON t.section_id = ANY(asked.sections)
    WHERE t.ended_at IS NULL AND t.kind <> 'other' AND (t.end_date IS NULL OR t.end_date >= asked.today)
"""
_WISHES = f"""
    WITH asked AS (SELECT %s::bigint[] AS sections, %s::date AS today), taught AS ({_TAUGHT})
    SELECT x.section, x.source, x.kind, x.text, k.title, g.title FROM (
        SELECT t.section_id AS section, 'rule' AS source, r.kind, r.text, r.category_id, r.task_id,
               t.rank, r.sequence, r.id
        FROM taught t JOIN gradebook_keywordrule r
            ON r.teacher_id = t.person_id AND (r.section_id IS NULL OR r.section_id = t.section_id)
        UNION ALL
        SELECT d.section_id, 'default', '', '', d.category_id, d.task_id, 0, 0, d.id
        FROM asked JOIN gradebook_defaultalignment d ON d.section_id = ANY(asked.sections)
        UNION ALL
        SELECT t.section_id, 'default', '', '', d.category_id, d.task_id, 1 + t.rank, 0, d.id
        FROM taught t JOIN gradebook_defaultalignment d ON d.teacher_id = t.person_id
    ) x
    JOIN gradebook_category k ON k.id = x.category_id
    LEFT JOIN gradebook_gradingtask g ON g.id = x.task_id
    ORDER BY x.rank, x.sequence, x.id
"""  # noqa: S608 - constants only


@dataclass(frozen=True)
class Wish:
    """What a keyword rule or a default wants, by names; `text` blank: for every title."""

    by: str
    kind: str
    text: str
    category: str
    task: str | None

    def fits(self, title: str) -> bool:
        """Return whether it is for an assignment of this title."""
        heard, wanted = title.strip().casefold(), self.text.casefold()
        return wanted in heard if self.kind == KeywordRule.Kind.CONTAINS else heard.startswith(wanted)


@dataclass
class Setup:
    """Of one section: where assignments may go, and what rules and defaults want."""

    structure: Structure
    categories: dict[int, str] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)

    def category_named(self, title: str) -> int | None:
        """Return the section's category of this name."""
        return next((key for key, name in self.categories.items() if name.casefold() == title.casefold()), None)


@dataclass(frozen=True)
class Own:
    """A category of the vendor's own, and those of ours that teachers said it is."""

    title: str
    mapped: tuple[int, ...]


@dataclass(frozen=True)
class Arrival:
    """What decides where an assignment goes. `terms` are the sessions it names, the grading period first."""

    title: str
    due_on: dt.date
    category: int | None = None
    own: Own | None = None
    task: str | None = None
    terms: tuple[int, ...] = ()


@dataclass
class Aligned:
    """Where it goes; what is None waits for a teacher."""

    category: int | None = None
    task: int | None = None
    by: str = BY.NOBODY
    notes: list[Note] = field(default_factory=list)


def setups(sections: Collection[int], today: dt.date) -> dict[int, Setup]:
    """Return what is set up for each section; five statements."""
    wanted = list(sections)
    *structure, categories, wishes = asked(
        sections,
        [
            *(Question(sql, [wanted]) for sql in STATEMENTS),
            Question(_CATEGORIES, [wanted]),
            Question(_WISHES, [wanted, today]),
        ],
    )
    found = {section: Setup(known) for section, known in structures_in(*structure).items()}
    for section, key, title in categories:
        found[section].categories[key] = title
    for section, *wish in wishes:
        found[section].wishes.append(Wish(*wish))
    return found


def mappings(vendor_categories: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return the categories of ours that each of a vendor's is mapped to."""
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_MAPPINGS, [list(vendor_categories)])
        for theirs, ours in cursor.fetchall():
            found[theirs].append(ours)
    return {theirs: tuple(ours) for theirs, ours in found.items()}


def align(setup: Setup, arrival: Arrival) -> Aligned:
    """Return where an assignment goes, with a note for each thing a teacher has to decide."""
    aligned, wish = _category(setup, arrival)
    if aligned.category is None:
        if not aligned.notes:
            aligned.notes.append(Note(rules.UNCATEGORIZED, "category"))
        return aligned
    found = _task(setup.structure, arrival, wish, aligned.notes)
    aligned.task = found.id if found else None
    return aligned


def moved(structure: Structure, task: int, before: int | None, after: int | None) -> int:
    """Return the task of an aligned assignment whose due date has moved to another period: the same task there."""
    current = next((each for each in structure.tasks if each.id == task), None)
    if current is None or after is None or before == after or current.term != before:
        return task
    return next((each.id for each in structure.tasks_in(after) if each.task == current.task), task)


def _category(setup: Setup, arrival: Arrival) -> tuple[Aligned, Wish | None]:
    aligned = Aligned()
    if arrival.category in setup.categories:
        return Aligned(arrival.category, by=BY.VENDOR), None
    if arrival.own is not None:
        ours = [key for key in arrival.own.mapped if key in setup.categories]
        if len(ours) == 1:
            return Aligned(ours[0], by=BY.MAPPING), None
        rule = rules.CATEGORY_TWICE if ours else rules.CATEGORY_UNMAPPED
        aligned.notes.append(Note(rule, "category", {"title": arrival.own.title}))
    for wish in setup.wishes:
        if wish.by == "rule" and not wish.fits(arrival.title):
            continue
        category = setup.category_named(wish.category)
        if category is not None and (arrival.own is None or wish.by == "rule"):
            return Aligned(category, by=BY.RULE if wish.by == "rule" else BY.DEFAULT), wish
    return aligned, None


def _task(structure: Structure, arrival: Arrival, wish: Wish | None, notes: list[Note]) -> Task | None:
    if arrival.task:
        named = next((task for task in structure.tasks if task.sourced_id == arrival.task), None)
        if named:
            return named
        notes.append(Note(rules.TASK_UNKNOWN, "metadata.gradingTask", {"id": arrival.task}))
    if wish and wish.task:
        for session in structure.holding(arrival.due_on):
            for task in structure.tasks_in(session.id):
                if task.title == wish.task:
                    return task
    candidates = _candidates(structure, arrival)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        facts: dict[str, Any] = {"titles": ", ".join(task.title for task in candidates)}
        notes.append(Note(rules.TASK_SEVERAL, "metadata.gradingTask", facts))
    else:
        notes.append(Note(rules.TASK_NONE, "dueDate"))
    return None


def _candidates(structure: Structure, arrival: Arrival) -> list[Task]:
    for term in arrival.terms:
        if found := structure.tasks_in(term):
            return found
    return structure.tasks_on(arrival.due_on)
