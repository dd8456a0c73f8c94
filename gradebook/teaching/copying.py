"""A teacher's assignment copied to other sections of theirs; what was put into it goes along."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.utils.module_loading import import_string

from gradebook.alignment import Arrival, Setup, align, setups
from gradebook.models import Assignment
from gradebook.structure import Structure
from gradebook.teaching import assigning
from gradebook.teaching.access import Teacher
from gradebook.teaching.assigning import Facts
from roster.models import Section

COPIED = ("lti.choosing.copy_link",)
"""What is told of each copy: source, copy, and who made it. The apps stand above this one."""


def copy(teacher: Teacher, section: Section, key: int, targets: Collection[int]) -> list[Assignment]:
    """Copy an assignment that was made here to other sections of the teacher, all or none.

    Each copy goes into the category of the same name and the grading task of its due date; where there is none it
    waits. Raises Assignment.DoesNotExist, KeyError for a section that is not theirs.
    """
    source = Assignment.objects.get(pk=key, section=section, owner=None, deleted_at=None)
    facts, found, made = assigning.facts(source), setups(targets, teacher.today), []
    title = source.category.title if source.category else ""
    with transaction.atomic():
        for target in targets:
            wanted = _placed(facts, title, found[target])
            row = assigning.save(teacher, teacher.sections[target], wanted)
            for name in COPIED:
                import_string(name)(source, row, actor=teacher.name)
            made.append(row)
    return made


def _placed(facts: Facts, category: str, setup: Setup) -> Facts:
    """Return the facts of the copy: its days within the section, its category and its task there."""
    due_on = _within(setup.structure, facts)
    found = facts.category_id if facts.category_id in setup.categories else setup.category_named(category)
    place = align(setup, Arrival(facts.title, due_on, category=found))
    task = place.task
    if facts.task_id in {each.id for each in setup.structure.tasks} and due_on == facts.due_on:
        task = facts.task_id
    return replace(
        facts, due_on=due_on, assigned_on=min(facts.assigned_on, due_on), category_id=place.category, task_id=task
    )  # fmt: skip


def _within(structure: Structure, facts: Facts) -> dt.date:
    return min(max(facts.due_on, structure.first), structure.last)
