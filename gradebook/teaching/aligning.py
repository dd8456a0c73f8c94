"""Uncategorized assignments: what waits, where it might go, aligning one or many at once, and taking that back."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from gradebook.alignment import BY, Aligned, Arrival, Setup, setups
from gradebook.models import Assignment
from gradebook.services.act import Act, acting
from gradebook.structure import Task
from gradebook.teaching.access import Teacher, unaligned

WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 3
"""Letters that the name of a category and an assignment must share to be a suggestion."""
Undoing = list[list[Any]]
"""What an act changed, each as [assignment, before, after], and those as (category, task, by whom)."""


@dataclass(frozen=True)
class TaskChoice:
    """A grading task by its names: the one of that title in that term, whichever course it is of."""

    title: str
    term: int
    told: str

    @property
    def value(self) -> str:
        """The choice as forms send it."""
        return f"{self.term}:{self.title}"


@dataclass
class Waiting:
    """An assignment that waits. `suggested` is a category's title; blank: none comes to mind."""

    assignment: Assignment
    scored: int
    suggested: str = ""


@dataclass
class Done:
    """What became of those that were to be aligned; the others are left because of their section's setup."""

    aligned: list[Assignment] = field(default_factory=list)
    left: list[Assignment] = field(default_factory=list)
    undoing: Undoing = field(default_factory=list)


def waiting(teacher: Teacher) -> list[Waiting]:
    """Return what waits in the teacher's sections, in their order, with the category that comes to mind."""
    places = {section: at for at, section in enumerate(teacher.sections)}
    counted = Count("scores", Q(scores__deleted_at=None) & Q(scores__score__isnull=False))
    rows = unaligned(teacher.sections).select_related("owner", "vendor_category").annotate(scored=counted)
    found = [Waiting(row, row.scored) for row in rows]
    found.sort(key=lambda each: (places[each.assignment.section_id], each.assignment.due_on, each.assignment.pk))
    _suggest(teacher, found)
    return found


def categories(known: Mapping[int, Setup]) -> list[str]:
    """Return the titles of the categories of these sections, each once."""
    return list({title.casefold(): title for setup in known.values() for title in setup.categories.values()}.values())


def tasks(known: Mapping[int, Setup]) -> list[TaskChoice]:
    """Return the grading tasks of these sections by title and term, each once, in order of the terms."""
    found = {}
    for setup in known.values():
        for task in setup.structure.tasks:
            term = setup.structure.by_id[task.term]
            choice = TaskChoice(task.title, task.term, f"{task.title}, {term.title}")
            found[choice.value] = (term.first, choice)
    return [choice for _, choice in sorted(found.values(), key=lambda each: (each[0], each[1].told))]


def align(teacher: Teacher, chosen: Collection[int], category: str, task: str) -> Done:
    """Align assignments to the category of this title and the task of this choice, each in its own section.

    A blank task is the section's only one of the due date's period. Whose section has no such category or task is
    left as it is. Assignments of others are passed over.
    """
    known = setups(teacher.sections, teacher.today)

    def place(row: Assignment) -> Aligned:
        setup = known[row.section_id]
        found = _task(setup, row, task)
        return Aligned(setup.category_named(category), found.id if found else None, BY.TEACHER)

    with acting(teacher.name) as act:
        return put(act, locked(teacher, chosen), place)


def locked(teacher: Teacher, chosen: Collection[int]) -> list[Assignment]:
    """Return these assignments of the teacher's sections and keep others from changing them until the act ends."""
    mine = Assignment.objects.filter(pk__in=chosen, section__in=list(teacher.sections), deleted_at=None)
    return list(mine.select_for_update(no_key=True).order_by("pk"))


def put(act: Act, rows: Iterable[Assignment], place: Callable[[Assignment], Aligned]) -> Done:
    """Align locked rows where `place` says; one for which it finds no category or task is left."""
    done = Done()
    for row in rows:
        wanted = place(row)
        if wanted.category is None or wanted.task is None:
            done.left.append(row)
            continue
        before, after = _where(row), (wanted.category, wanted.task, str(wanted.by))
        done.undoing.append([row.pk, before, after])
        _move(act, row, after)
        done.aligned.append(row)
    Assignment.objects.bulk_update(done.aligned, ["category", "task", "aligned_by", "modified"], batch_size=500)
    return done


def undo(teacher: Teacher, undoing: Undoing) -> int:
    """Put back what an act of aligning changed, where nothing else has happened to it since; return how many."""
    changed = {key: (tuple(before), tuple(after)) for key, before, after in undoing}
    with acting(teacher.name) as act:
        rows = [row for row in locked(teacher, changed) if _where(row) == changed[row.pk][1]]
        for row in rows:
            _move(act, row, changed[row.pk][0])
        Assignment.objects.bulk_update(rows, ["category", "task", "aligned_by", "modified"], batch_size=500)
    return len(rows)


def arrival(row: Assignment) -> Arrival:
    """Return what decides where an assignment that is there already would go if it came now."""
    terms = tuple(key for key in (row.period_id, row.academic_session_id) if key)
    return Arrival(row.title, row.due_on, terms=terms)


def _task(setup: Setup, row: Assignment, choice: str) -> Task | None:
    if not choice:
        fitting = setup.structure.tasks_on(row.due_on)
        return fitting[0] if len(fitting) == 1 else None
    term, _, title = choice.partition(":")
    return next((each for each in setup.structure.tasks if (str(each.term), each.title) == (term, title)), None)


def _where(row: Assignment) -> tuple[int | None, int | None, str]:
    return row.category_id, row.task_id, row.aligned_by


def _move(act: Act, row: Assignment, where: Sequence[Any]) -> None:
    names = ("category", "task", "aligned_by")
    before = dict(zip(names, _where(row), strict=True))
    row.category_id, row.task_id, row.aligned_by = where
    row.modified = act.at
    act.changed("assignment", row.pk, row.section_id, before=before, after=dict(zip(names, where, strict=True)))
    act.dirty(row.section_id)


def _suggest(teacher: Teacher, found: Sequence[Waiting]) -> None:
    """Suggest the category most often given to what begins with the same word, else one that is named alike."""
    if not found:
        return
    used: dict[str, Counter[str]] = defaultdict(Counter)
    titles: dict[int, set[str]] = defaultdict(set)
    aligned = Assignment.objects.filter(section__in=list(teacher.sections), deleted_at=None, category__isnull=False)
    for title, category in aligned.values_list("title", "category__title"):
        used[_first_word(title)][category] += 1
    for section, setup in setups(teacher.sections, teacher.today).items():
        titles[section] = set(setup.categories.values())
    for each in found:
        word = _first_word(each.assignment.title)
        here = titles[each.assignment.section_id]
        common = [title for title, _ in used[word].most_common() if title in here] if word else []
        alike = [title for title in sorted(here) if len(word) >= SHORTEST and title.casefold().startswith(word)]
        each.suggested = next(iter([*common, *alike]), "")


def _first_word(title: str) -> str:
    found = WORD.search(title)
    return found.group().casefold() if found else ""
