"""Categories of a section: making, changing, sharing with other sections, copying, taking away."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from django.utils.translation import gettext as _

from gradebook.models import Assignment, Category
from gradebook.services.act import Act, acting
from gradebook.teaching.access import Teacher
from interop import audit
from roster.models import Section

LONGEST = 50
"""Characters of a category's name (campus rules 6.4)."""


class Refused(Exception):
    """It cannot be done; the sentence says why."""


@dataclass(frozen=True)
class Facts:
    """What a category is. `sections` are those of the teacher that have it."""

    title: str
    weight: Decimal | None
    drop_lowest: int
    sequence: int
    sections: frozenset[int]


def listed(section: Section) -> list[Category]:
    """Return the categories of a section, in order."""
    found = Category.objects.filter(sections=section, owner=None, deleted_at=None)
    return list(found.prefetch_related("sections").order_by("sequence", "pk"))


def is_mine(teacher: Teacher, category: Category) -> bool:
    """Return whether every section that has it is one the teacher teaches today: only then it may be changed."""
    return {section.pk for section in category.sections.all()} <= teacher.sections.keys()


def save(teacher: Teacher, wanted: Facts, key: int | None = None) -> Category:
    """Make a category, or change the one of this key. Raises Refused, Category.DoesNotExist."""
    if not wanted.sections or not wanted.sections <= teacher.sections.keys():
        raise Refused(_("Choose at least one of your sections."))
    with acting(teacher.name) as act:
        if key is None:
            row, before = Category(sourced_id=str(uuid4())), None
        else:
            row = _locked(teacher, key)
            before = facts(row)
            for section in before.sections - wanted.sections:
                _check_unused(row, section)
        if before == wanted:
            return row
        _check_name(wanted, key)
        for name in ("title", "weight", "drop_lowest", "sequence"):
            setattr(row, name, getattr(wanted, name))
        row.modified = act.at
        row.save()
        row.sections.set(wanted.sections)
        _note(act, row, before, wanted)
    return row


def copy(teacher: Teacher, source: int, target: int) -> int:
    """Copy the categories of one section to another that lacks their names; return how many were copied."""
    with acting(teacher.name) as act:
        here = {row.title.casefold() for row in listed(teacher.sections[target])}
        number = 0
        for row in listed(teacher.sections[source]):
            if row.title.casefold() in here:
                continue
            made = Category.objects.create(
                sourced_id=str(uuid4()), title=row.title, weight=row.weight, drop_lowest=row.drop_lowest,
                sequence=row.sequence, modified=act.at,
            )  # fmt: skip
            made.sections.add(target)
            _note(act, made, None, facts(made))
            number += 1
    return number


def remove(teacher: Teacher, key: int, section: int) -> str:
    """Take a category away from a section, and altogether when no other has it. Raises Refused, DoesNotExist."""
    with acting(teacher.name) as act:
        row = _locked(teacher, key)
        before = facts(row)
        _check_unused(row, section)
        row.sections.remove(section)
        row.modified = act.at
        if not row.sections.exists():
            row.deleted_at = act.at
        row.save()
        _note(act, row, before, facts(row))
    return row.title


def facts(row: Category) -> Facts:
    """Return a category as the form shows it."""
    sections = frozenset(row.sections.values_list("pk", flat=True))
    return Facts(row.title, row.weight, row.drop_lowest, row.sequence, sections)


def _locked(teacher: Teacher, key: int) -> Category:
    row = Category.objects.select_for_update(no_key=True).get(pk=key, owner=None, deleted_at=None)
    if not row.sections.exists() or not is_mine(teacher, row):
        raise Category.DoesNotExist
    return row


def _check_unused(row: Category, section: int) -> None:
    """A category that holds an assignment stays with its section (campus rules 6.4)."""
    if Assignment.objects.filter(category=row, section=section, deleted_at=None).exists():
        raise Refused(_("“%s” has assignments in this section. Move them to another category first.") % row.title)


def _check_name(wanted: Facts, key: int | None) -> None:
    """Names are unique in a section: rules, defaults and vendors mean a category by its name."""
    same = Category.objects.filter(
        title__iexact=wanted.title, sections__in=wanted.sections, owner=None, deleted_at=None
    ).exclude(pk=key or 0)
    if same.exists():
        raise Refused(_("One of these sections has a category named “%s”.") % wanted.title)


def _note(act: Act, row: Category, before: Facts | None, after: Facts) -> None:
    was, told = (_plain(before) if before else None), _plain(after)
    act.changed("category", row.pk, None, before=was, after=told)
    act.dirty(*after.sections, *(before.sections if before else ()))
    audit.record(act.actor, "changed a category" if before else "made a category", row, before=was, after=told)


def _plain(each: Facts) -> dict[str, object]:
    weight = None if each.weight is None else str(each.weight)
    return {**each.__dict__, "weight": weight, "sections": sorted(each.sections)}
