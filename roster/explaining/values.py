"""The values a rule looked at, read from the rule's own condition: what decides and what is shown cannot differ."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Field, Model, Q
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop.dates import district_day
from roster import models
from roster.visibility import Moment, Rule

MOST = 5
"""So many rows are shown of what a rule finds in another table."""
NAMED_BY: Mapping[type[Model], tuple[str, ...]] = {
    models.School: ("name",),
    models.SchoolYear: ("title",),
    models.Person: ("given_name", "family_name"),
    models.Course: ("title", "number"),
    models.CourseMaster: ("title",),
    models.Section: ("title", "number"),
    models.GradeLevel: ("local_grade",),
    models.ScheduleStructure: ("name",),
}
"""The fields whose values name a record to people."""
LABELS = {
    "external_lms_exclude": gettext_lazy("External LMS Exclude"),
    "ended_at": gettext_lazy("Student information system"),
    "no_show": gettext_lazy("No Show"),
    "teacher": gettext_lazy("Teacher"),
    "roles": gettext_lazy("Other roles"),
    "administrative_role": gettext_lazy("Administrative role"),
    "portal": gettext_lazy("Portal"),
    "guardian": gettext_lazy("Guardian"),
    "kind": gettext_lazy("In Section Staff History"),
}
"""What the office calls a field; every other goes by its own name."""


class Looked(NamedTuple):
    """A field a condition looks at: the path to it, the table that holds it, its name there; whether rows are many."""

    path: str
    model: type[Model]
    field: str
    many: bool = False

    @property
    def is_name(self) -> bool:
        """Whether it is what people call the row."""
        return self.field in NAMED_BY.get(self.model, ())

    @property
    def holder(self) -> str:
        """Return the path to the number of the row that holds it."""
        return f"{self.path.rpartition('__')[0]}__pk".removeprefix("__")


@dataclass(frozen=True)
class Seen:
    """What one rule saw of one record: the values in words, and the row each stands in (None: there is no row)."""

    words: str
    looked: Sequence[Looked]
    holders: Sequence[int | None]


def looked_at(rule: Rule, moment: Moment) -> list[Looked]:
    """Return the fields the rule's condition compares, in its order, then those it is declared to show."""
    paths = dict.fromkeys([*_compared(rule.condition(moment)), *rule.shows])
    found = (_looked(rule.applies_to, path) for path in paths)
    return list(dict.fromkeys(each for each in found if each))


def seen_by(rules: Sequence[Rule], record: Model, moment: Moment) -> list[Seen]:
    """Return what each rule saw of the record; one statement, and one for each rule that looks through a table."""
    looked = [looked_at(rule, moment) for rule in rules]
    single = {path for each in looked if not _is_many(each) for one in each for path in _needed(one)}
    [row] = _rows(record, single) if single else [{}]
    return [
        _seen_in_rows(rule, each, record) if _is_many(each) else _seen(rule, each, row, moment)
        for rule, each in zip(rules, looked, strict=True)
    ]


def _seen(rule: Rule, looked: Sequence[Looked], row: Mapping[str, Any], moment: Moment) -> Seen:
    names = " ".join(str(row[each.path] or "") for each in looked if each.is_name)
    told = [each for each in looked if not each.is_name]
    words = [names, *(_said(each, row, alone=len(told) == 1) for each in told), *_measured_by(rule, moment)]
    return Seen(" · ".join(word for word in words if word), looked, [row.get(each.holder) for each in looked])


def _seen_in_rows(rule: Rule, looked: Sequence[Looked], record: Model) -> Seen:
    """Return what a rule that looks through a table found there, as far as it is declared to show it."""
    shown = [each for each in looked if each.path in rule.shows]
    found = _rows(record, {each.path for each in shown})
    rows = [row for row in found if any(value is not None for value in row.values())]
    told = [", ".join(_said(each, row, alone=False) for each in shown) for row in rows[:MOST]]
    more = [_("and %d more") % (len(rows) - MOST)] if len(rows) > MOST else []
    return Seen("; ".join([*told, *more]) or _("none"), looked, ())


def _needed(looked: Looked) -> Iterator[str]:
    """Yield the paths to a value, to the row it stands in, and to that row's name when it is another's."""
    yield looked.path
    yield looked.holder
    if looked.holder != "pk":
        above = looked.holder.removesuffix("pk")
        yield from (above + name for name in NAMED_BY.get(looked.model, ()))


def _compared(condition: Any) -> Iterator[str]:
    """Yield the lookups of a condition and the columns it compares them with."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from _compared(child)
        elif isinstance(child, tuple):
            lookup, value = child
            yield lookup
            if isinstance(value, F):
                yield str(value.name)  # type: ignore[attr-defined]


def _looked(model: type[Model], lookup: str) -> Looked | None:
    """Return the field a lookup ends at; a link that is compared is shown by the name of what it leads to."""
    steps: list[str] = []
    owner, field, many = model, None, False
    for step in lookup.split("__"):
        try:
            field = owner._meta.get_field(step)
        except FieldDoesNotExist:
            break
        steps.append(step)
        if not field.is_relation:
            return Looked("__".join(steps), owner, step, many)
        many = many or bool(field.one_to_many or field.many_to_many)
        owner = field.related_model  # type: ignore[assignment]
    if field is None or lookup.endswith("isnull"):
        return None
    name = NAMED_BY[owner][0]
    return Looked("__".join([*steps, name]), owner, name, many)


def _is_many(looked: Iterable[Looked]) -> bool:
    return any(each.many for each in looked)


def _rows(record: Model, paths: Iterable[str]) -> list[dict[str, Any]]:
    wanted = sorted(paths)
    rows = type(record)._default_manager.filter(pk=record.pk).order_by(*wanted).values(*wanted).distinct()
    return list(rows)


def _said(looked: Looked, row: Mapping[str, Any], *, alone: bool) -> str:
    """Return one value with its name; alone, with the name of the row it stands in instead, when it is another's."""
    value = row.get(looked.path)
    if looked.is_name:
        return str(value or "")
    field = looked.model._meta.get_field(looked.field)
    if looked.field == "ended_at":
        said = _("last sent %s") % _date(value) if value else _("still sent")
    elif row.get(looked.holder, "here") is None:
        said = _("none")
    else:
        said = _value(field, value)
    above = looked.holder.removesuffix("pk")
    if alone or looked.field == "ended_at":
        names = [str(row.get(above + name) or "") for name in NAMED_BY.get(looked.model, ())] if above else []
        return ": ".join(word for word in (" ".join(filter(None, names)), said) if word)
    label = str(LABELS.get(looked.field) or field.verbose_name)  # type: ignore[union-attr]
    if above and not looked.many:
        label = f"{looked.model._meta.verbose_name} {label}"
    return f"{capfirst(label)}: {said}"


def _value(field: "Field[Any, Any] | Any", value: Any) -> str:
    if isinstance(value, bool):
        return _("marked") if value else _("not marked")
    if isinstance(value, dt.date):
        return _date(value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    choices = dict(getattr(field, "flatchoices", ()))
    return str(choices.get(value, value)) if value not in (None, "") else _("blank")


def _date(value: dt.date) -> str:
    return str(formats.date_format(district_day(value), "M j, Y"))


def _measured_by(rule: Rule, moment: Moment) -> Iterator[str]:
    """Yield what the values were measured by, when that is a date of the moment."""
    by = set(_constants(rule.condition(moment)))
    if moment.first_day in by and moment.last_day in by:
        days = (_date(moment.first_day), _date(moment.last_day))
        yield _("school year %s to %s") % days
    if moment.today in by:
        yield _("today is %s") % _date(moment.today)


def _constants(condition: Any) -> Iterator[Any]:
    for child in condition.children:
        if isinstance(child, Q):
            yield from _constants(child)
        elif isinstance(child, tuple) and isinstance(child[1], dt.date):
            yield child[1]
