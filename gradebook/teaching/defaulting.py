"""Non-campus assignment defaults: the one category and task that new arrivals of a section, or of all, take."""

from dataclasses import dataclass

from gradebook.alignment import align as place_of
from gradebook.alignment import setups
from gradebook.models import DefaultAlignment
from gradebook.services.act import acting
from gradebook.teaching.access import Teacher, unaligned
from gradebook.teaching.aligning import Done, arrival, locked, put
from gradebook.teaching.ruling import category_named, task_named
from interop import audit
from roster.models import Section


@dataclass(frozen=True)
class Default:
    """What new arrivals take, by titles; `section` None: in all of the teacher's sections."""

    section: Section | None
    category: str = ""
    task: str = ""


def defaults(teacher: Teacher) -> list[Default]:
    """Return the default for all of the teacher's sections, then that of each."""
    rows = DefaultAlignment.objects.select_related("category", "task")
    by_section = {row.section_id: row for row in rows.filter(section__in=list(teacher.sections))}
    everywhere = _told(None, rows.filter(teacher=teacher.person).first())
    return [everywhere, *(_told(section, by_section.get(key)) for key, section in teacher.sections.items())]


def save(teacher: Teacher, wanted: Default, *, also_waiting: bool = False) -> Done:
    """Set a default, or with a blank category end it; `also_waiting` aligns by it what waits now.

    Raises Category.DoesNotExist or GradingTask.DoesNotExist when no section has what it names.
    """
    key = {"section": wanted.section} if wanted.section else {"teacher": teacher.person}
    scope = [wanted.section.pk] if wanted.section else list(teacher.sections)
    with acting(teacher.name) as act:
        row = DefaultAlignment.objects.select_for_update().filter(**key).first()
        before = _facts(row)
        if not wanted.category:
            if row:
                audit.record(teacher.name, "ended an assignment default", row, before=before)
                row.delete()
            return Done()
        values = {"category": category_named(scope, wanted.category), "task": task_named(scope, wanted.task)}
        row, _ = DefaultAlignment.objects.update_or_create(**key, defaults=values)
        if _facts(row) != before:
            audit.record(teacher.name, "set an assignment default", row, before=before, after=_facts(row))
        if not also_waiting:
            return Done()
        known = setups(scope, teacher.today)
        # what has a category of the vendor's own waits until that is mapped
        waits = unaligned(teacher.sections).filter(section__in=scope, vendor_category=None)
        rows = locked(teacher, list(waits.values_list("pk", flat=True)))
        return put(act, rows, lambda each: place_of(known[each.section_id], arrival(each)))


def _told(section: Section | None, row: DefaultAlignment | None) -> Default:
    return Default(section, row.category.title, row.task.title) if row else Default(section)


def _facts(row: DefaultAlignment | None) -> dict[str, str]:
    return {"category": row.category.title, "task": row.task.title} if row else {}
