"""Keyword rules: what a rule would do now, saving it with that, and taking it away."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Max

from gradebook.alignment import Aligned, Setup, Wish, setups
from gradebook.alignment import align as place_of
from gradebook.models import Assignment, Category, GradingTask, KeywordRule
from gradebook.services.act import acting
from gradebook.teaching.access import Teacher, unaligned
from gradebook.teaching.aligning import Done, arrival, locked, put
from interop import audit


class Draft(NamedTuple):
    """A rule as the teacher writes it: category and task by their titles; section None: all of theirs."""

    kind: str
    text: str
    category: str
    task: str = ""
    section: int | None = None

    @property
    def wish(self) -> Wish:
        """The rule as alignment reads it."""
        return Wish("rule", self.kind, self.text.strip(), self.category, self.task or None)


@dataclass
class Preview:
    """What a rule would do now: `aligns` are those it would align, `leaves` those that are aligned already.

    `stuck` wait and fit, but their section lacks the category or a single task for them.
    """

    aligns: list[Assignment] = field(default_factory=list)
    stuck: list[Assignment] = field(default_factory=list)
    leaves: int = 0


def listed(teacher: Teacher) -> list[KeywordRule]:
    """Return the teacher's rules, the one that decides first at the top."""
    rules = KeywordRule.objects.filter(teacher=teacher.person)
    return list(rules.select_related("category", "task", "section"))


def preview(teacher: Teacher, draft: Draft) -> Preview:
    """Return what saving the rule would do now."""
    known = _known(teacher, draft)
    told = Preview()
    for row in unaligned(teacher.sections).filter(section__in=list(known)).order_by("section_id", "due_on", "pk"):
        if draft.wish.fits(row.title):
            found = _place(known, draft, row)
            (told.aligns if found.category and found.task else told.stuck).append(row)
    aligned = Assignment.objects.filter(
        section__in=list(known), deleted_at=None, category__isnull=False, task__isnull=False
    )
    told.leaves = sum(draft.wish.fits(title) for title in aligned.values_list("title", flat=True))
    return told


def save(teacher: Teacher, draft: Draft) -> tuple[KeywordRule, Done]:
    """Keep the rule for all that arrives from now on, and align what it fits now. Raises Category.DoesNotExist or
    GradingTask.DoesNotExist when none of the sections has what it names."""
    known = _known(teacher, draft)
    fitting = [row.pk for row in preview(teacher, draft).aligns]
    with acting(teacher.name) as act:
        last = KeywordRule.objects.filter(teacher=teacher.person).aggregate(Max("sequence"))["sequence__max"]
        rule = KeywordRule.objects.create(
            teacher=teacher.person, section_id=draft.section, kind=draft.kind, text=draft.text.strip(),
            category=category_named(list(known), draft.category), task=task_named(list(known), draft.task),
            sequence=0 if last is None else last + 1,
        )  # fmt: skip
        audit.record(teacher.name, "made a keyword rule", rule, after=facts(rule))
        done = put(act, locked(teacher, fitting), lambda row: _place(known, draft, row))
    return rule, done


def remove(teacher: Teacher, rule: int) -> str:
    """Take a rule of the teacher's away; what it aligned stays. Raises KeywordRule.DoesNotExist."""
    with acting(teacher.name):
        row = KeywordRule.objects.select_for_update().get(pk=rule, teacher=teacher.person)
        audit.record(teacher.name, "removed a keyword rule", row, before=facts(row))
        row.delete()
    return row.text


def first(teacher: Teacher, rule: int) -> None:
    """Have a rule of the teacher's decide before their others. Raises KeywordRule.DoesNotExist."""
    with acting(teacher.name):
        rows = list(KeywordRule.objects.select_for_update().filter(teacher=teacher.person))
        chosen = next((row for row in rows if row.pk == rule), None)
        if chosen is None:
            raise KeywordRule.DoesNotExist
        for at, row in enumerate([chosen, *(row for row in rows if row.pk != rule)]):
            row.sequence = at
        KeywordRule.objects.bulk_update(rows, ["sequence"])


def category_named(sections: Sequence[int], title: str) -> Category:
    """Return a category of this title in these sections. Raises Category.DoesNotExist."""
    found = Category.objects.filter(sections__in=sections, title__iexact=title, owner=None, deleted_at=None)
    if category := found.order_by("pk").first():
        return category
    raise Category.DoesNotExist


def task_named(sections: Sequence[int], title: str) -> GradingTask | None:
    """Return a grading task of this title in these sections; None for a blank title.

    Raises GradingTask.DoesNotExist.
    """
    if not title:
        return None
    if task := GradingTask.objects.filter(course__sections__in=sections, title=title).order_by("pk").first():
        return task
    raise GradingTask.DoesNotExist


def facts(rule: KeywordRule) -> dict[str, object]:
    """Return what a rule says, for the audit trail."""
    return {
        "kind": rule.kind, "text": rule.text, "category": rule.category.title,
        "task": rule.task.title if rule.task else "", "section": rule.section_id,
    }  # fmt: skip


def _known(teacher: Teacher, draft: Draft) -> dict[int, Setup]:
    chosen = [key for key in teacher.sections if draft.section in (None, key)]
    return setups(chosen, teacher.today)


def _place(known: dict[int, Setup], draft: Draft, row: Assignment) -> Aligned:
    """Return where the rule alone would put an assignment."""
    setup = known[row.section_id]
    return place_of(Setup(setup.structure, setup.categories, [draft.wish]), arrival(row))
