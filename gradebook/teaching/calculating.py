"""Grade calculation options of a section: for each grading task and term; what the course mandates is read-only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gradebook import plans
from gradebook.models import GradeOptions, GradingScale
from gradebook.plans import TaskInTerm
from gradebook.services.act import Act, acting
from gradebook.services.scales import use_scale
from gradebook.teaching.access import Teacher
from interop import audit
from roster.models import Section, Term

FIELDS = ("calculation", "weight_categories", "use_percent", "limit_last", "scale_id", "cumulative_from_id", "portal")


@dataclass(frozen=True)
class Choice:
    """The options of one grading task in its term."""

    calculation: str = GradeOptions.Calculation.IN_PROGRESS
    weight_categories: bool = False
    use_percent: bool = False
    limit_last: int | None = None
    scale_id: int | None = None
    cumulative_from_id: int | None = None
    portal: bool = True


@dataclass(frozen=True)
class Row:
    """A grading task in its term with its options; `since` are the terms cumulative grading may start in."""

    period: TaskInTerm
    choice: Choice
    mandated: bool
    since: list[tuple[int, str]]


def rows(section: Section) -> list[Row]:
    """Return the options of each grading task of a section, in its order."""
    book = plans.books([section.pk])[section.pk]
    found = GradeOptions.objects.filter(period__in=list(book.periods), section=section)
    own = {row.period_id: row for row in found}
    mandated = {row.period_id: row for row in GradeOptions.objects.filter(period__in=list(book.periods), section=None)}
    return [
        Row(
            period, choice_of(mandated.get(key) or own.get(key)), key in mandated, offered_since(book.periods, period)
        )
        for key, period in book.periods.items()
    ]  # fmt: skip


def offered_since(periods: Mapping[int, TaskInTerm], period: TaskInTerm) -> list[tuple[int, str]]:
    """Return the terms cumulative grading may start in: those of the same task before this one."""
    return [
        (each.term, each.term_title)
        for each in periods.values()
        if each.task == period.task and each.first < period.first and each.last <= period.last
    ]


def scales() -> list[tuple[int, str]]:
    """Return the district's grading scales."""
    return list(GradingScale.objects.filter(owner=None).order_by("title", "pk").values_list("pk", "title"))


def save(teacher: Teacher, section: Section, wanted: dict[int, Choice]) -> int:
    """Save the options of grading tasks of a section, by TaskPeriod; return how many changed. What is mandated stays.

    Raises GradingScale.DoesNotExist or Term.DoesNotExist for what is not offered.
    """
    offered = {row.period.key: row for row in rows(section) if not row.mandated}
    known = dict(scales())
    with acting(teacher.name) as act:
        changed = 0
        for key, choice in wanted.items():
            row = offered.get(key)
            if row is None or row.choice == choice:
                continue
            if choice.scale_id and choice.scale_id not in known:
                raise GradingScale.DoesNotExist
            if choice.cumulative_from_id and choice.cumulative_from_id not in dict(row.since):
                raise Term.DoesNotExist
            _save(act, section, row, choice)
            changed += 1
        if changed:
            act.dirty(section.pk)
    return changed


def summary(choice: Choice, names: Iterable[tuple[int, str]]) -> str:
    """Return options in a sentence, for those that are read-only."""
    if choice.calculation == GradeOptions.Calculation.NONE:
        return _("No calculation.")
    told = [
        _("In-progress grade"),
        *([_("weighted categories")] if choice.weight_categories else []),
        *([_("each score’s percentage")] if choice.use_percent else []),
        *([_("the last %d assignments") % choice.limit_last] if choice.limit_last else []),
        *([_("cumulative")] if choice.cumulative_from_id else []),
        dict(names).get(choice.scale_id or 0, _("no grading scale")),
        *([] if choice.portal else [_("not shown to students and parents")]),
    ]
    return ", ".join(told) + "."


def choice_of(row: GradeOptions | None) -> Choice:
    """Return the options of a row, or what holds without one."""
    return Choice(**{name: getattr(row, name) for name in FIELDS}) if row else Choice()


def _save(act: Act, section: Section, row: Row, choice: Choice) -> None:
    values: dict[str, Any] = {name: getattr(choice, name) for name in FIELDS}
    stored, _made = GradeOptions.objects.update_or_create(period_id=row.period.key, section=section, defaults=values)
    if stored.scale:
        use_scale(act, stored.scale, section.pk)
    was = {name: getattr(row.choice, name) for name in FIELDS}
    act.changed("gradeoptions", stored.pk, section.pk, before=was, after=values)
    audit.record(act.actor, "changed grade calculation options", stored, before=was, after=values)
