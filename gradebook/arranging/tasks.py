"""Making and changing grading tasks: what grades are given for, in which terms, and on which days they are posted."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

from django.utils.translation import gettext as _

from gradebook.arranging.courses import sections_of
from gradebook.models import Assignment, GradingTask, PostedGrade, TaskPeriod
from gradebook.services.act import Act, acting
from interop import audit
from roster.models import Course, School, SchoolYear

FIELDS = ("title", "kind", "sequence", "credits", "report_card", "transcript", "external_lms_exclude")


class Refused(Exception):
    """It is not done; the sentence says why."""


class Window(NamedTuple):
    """A grading task in a term: the days its grades are posted on, and the composite grade it is a part of."""

    opens: dt.date | None = None
    closes: dt.date | None = None
    parent_id: int | None = None
    parent_weight: Decimal | None = None


def save(actor: str, course: Course, facts: Mapping[str, Any], task: GradingTask | None = None) -> GradingTask:
    """Make or change a grading task of a course; vendors read the change as one of its line items."""
    with acting(actor) as act:
        row = task or GradingTask(course=course)
        before = {name: getattr(row, name) for name in FIELDS} if task else None
        after = {name: facts[name] for name in FIELDS}
        if before == after:
            return row
        for name, value in after.items():
            setattr(row, name, value)
        row.save()
        row.periods.update(modified=act.at)
        _note(act, row, "changed a grading task" if task else "made a grading task", before, after)
    return row


def place(actor: str, task: GradingTask, wanted: Mapping[int, Window]) -> int:
    """Have a task in these terms, by term, and in no other; return how many changed. Raises Refused.

    A term is taken away only while nothing is aligned to the task there and no grade is posted.
    """
    with acting(actor) as act:
        there = {row.term_id: row for row in TaskPeriod.objects.select_for_update().filter(task=task).order_by("pk")}
        changed = 0
        for term, window in wanted.items():
            _check(window)
            row = there.get(term)
            before = Window(row.opens, row.closes, row.parent_id, row.parent_weight) if row else None
            if before == window:
                continue
            row = row or TaskPeriod(task=task, term_id=term, sourced_id=str(uuid4()))
            row.opens, row.closes, row.parent_id, row.parent_weight = window
            row.modified = act.at
            row.save()
            _note(act, row, "changed a grading window", before and before._asdict(), window._asdict())
            changed += 1
        for term in there.keys() - wanted.keys():
            _remove(act, there[term])
            changed += 1
    return changed


def delete(actor: str, task: GradingTask) -> None:
    """Delete a task nothing is aligned to and no grade is posted for. Raises Refused."""
    with acting(actor) as act:
        for row in task.periods.select_for_update():
            _remove(act, row)
        _note(act, task, "deleted a grading task", {name: getattr(task, name) for name in FIELDS}, None)
        task.delete()


def open_windows(actor: str, title: str, school: School | None, opens: dt.date | None, closes: dt.date | None) -> int:
    """Set the window of every grading task in the active year's terms of this title; return how many changed.

    With a school only of its courses. Raises Refused.
    """
    window = Window(opens, closes)
    _check(window)
    with acting(actor) as act:
        rows = TaskPeriod.objects.filter(term__title=title, term__ended_at=None, term__school_year__active=True)
        if school:
            rows = rows.filter(task__course__sections__calendar__school=school).distinct()
        keys = rows.exclude(opens=opens, closes=closes) if opens and closes else rows.exclude(opens=None, closes=None)
        changed = TaskPeriod.objects.filter(pk__in=list(keys.values_list("pk", flat=True)))
        number = changed.update(opens=opens, closes=closes, modified=act.at)
        if number:
            told = {"term": title, "school": school and school.name, "opens": opens, "closes": closes, "tasks": number}
            audit.record(actor, "set grading windows", school or SchoolYear.objects.get(active=True), after=told)
    return number


def terms() -> list[tuple[str, dt.date, dt.date, int]]:
    """Return the titles of the active year's terms that have grading tasks: with first and last day, and how many."""
    found: dict[str, tuple[dt.date, dt.date, int]] = {}
    rows = TaskPeriod.objects.filter(term__ended_at=None, term__school_year__active=True)
    for title, first, last in rows.values_list("term__title", "term__start_date", "term__end_date"):
        known = found.get(title, (first, last, 0))
        found[title] = (min(known[0], first), max(known[1], last), known[2] + 1)
    return [(title, *facts) for title, facts in sorted(found.items(), key=lambda each: (each[1][0], each[0]))]


def _check(window: Window) -> None:
    if bool(window.opens) != bool(window.closes):
        raise Refused(_("Give a window its first and its last day, or neither."))
    if window.opens and window.closes and window.opens > window.closes:
        raise Refused(_("The last day of a window is not before its first."))


def _remove(act: Act, row: TaskPeriod) -> None:
    if Assignment.objects.filter(task=row).exists() or PostedGrade.objects.filter(period=row).exists():
        live = Assignment.objects.filter(task=row, deleted_at=None).count()
        told = _("%(term)s cannot be taken away: %(number)d assignments are aligned to it, or grades were posted.")
        raise Refused(told % {"term": row.term.title, "number": live})
    _note(act, row, "took a grading task out of a term", {"term": row.term.title}, None)
    row.delete()


def _note(act: Act, row: Any, told: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """Keep a change in history and audit trail, and have the grades of the course's sections computed again."""
    task = row.task if isinstance(row, TaskPeriod) else row
    act.changed(type(row).__name__.lower(), row.pk or 0, None, before=before, after=after)
    act.dirty(*_sections(task))
    audit.record(act.actor, told, row, before=before, after=after)


def _sections(task: GradingTask) -> Iterable[int]:
    return [task.section_id] if task.section_id else sections_of(task.course_id)
