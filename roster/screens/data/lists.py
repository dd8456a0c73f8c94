"""A list of one kind of record: searched, narrowed, a page at a time, and the rows to change ticked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import ForeignKey, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.models import School, SchoolYear
from roster.screens.data.kinds import BY_NAME, Column, Kind
from roster.screens.data.words import in_words
from roster.searching import bearing

ROWS = 50
LIVING, ENDED, ALL = "", "ended", "all"
STATES = ((LIVING, gettext_lazy("Sent by the feed")), (ENDED, gettext_lazy("Ended")), (ALL, gettext_lazy("All")))


class Narrow(forms.Form):
    """What the list is narrowed by: words, state, a box that is marked, school, school year."""

    q = forms.CharField(max_length=100, required=False, label=gettext_lazy("Find"))

    def __init__(self, kind: Kind, data: Any) -> None:
        super().__init__(data)
        if kind.ends:
            self._choice("state", _("State"), STATES)
        if kind.boxes:
            boxes = [(name, kind.label(name)) for name in kind.boxes]
            self._choice("marked", _("Marked"), [("", _("Marked or not")), *boxes])
        if kind.school:
            self._choice("school", _("School"), [("", _("All schools")), *_named(School, "name")])
        if kind.year:
            self._choice("year", _("School year"), [("", _("All years")), *_named(SchoolYear, "title")])
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}

    def _choice(self, name: str, label: str, choices: Sequence[tuple[Any, Any]]) -> None:
        self.fields[name] = forms.ChoiceField(choices=choices, required=False, label=label)


@dataclass(frozen=True)
class Row:
    """One record: what it is called, its other columns in words, and whether it can be changed here."""

    pk: int
    title: str
    url: str
    cells: Sequence[str]
    ended: bool = False


@dataclass(frozen=True)
class Act:
    """One thing to do with ticked rows; `value` says which field, and what it becomes."""

    value: str
    title: str


def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of the list; words to find people by come by POST, because names of people belong in no address."""
    kind = BY_NAME[request.__dict__["screen"].path.split("/")[1]]
    asked = request.POST if request.method == "POST" else request.GET
    form = Narrow(kind, asked)
    links = {name: int(asked[name]) for name in _links(kind) if asked.get(name, "").isdecimal()}
    found = narrowed(kind, form.cleaned_data if form.is_valid() else {}, links)
    after = asked.get("after", "")
    shown = list(_after(kind, found, int(after) if after.isdecimal() and len(after) < 19 else None)[: ROWS + 1])
    may_change = bool(kind.kept) and bool(roles_of(request.user) & EDITORS)
    return page(
        request, "roster/data/list.html", str(kind.title), opening=str(kind.told),
        trail=[(_("School data"), reverse("admin:data"))],
        kind=kind, form=form, links=links, only=_only(kind, links),
        rows=rows_of(kind, shown[:ROWS], kind.columns), heads=[column.title for column in kind.columns],
        more=shown[ROWS - 1].pk if len(shown) > ROWS else None, later=bool(after),
        narrowed=bool(links) or any(asked.get(name) for name in form.fields),
        acts=acts(kind) if may_change else [],
    )  # fmt: skip


def narrowed(kind: Kind, asked: Mapping[str, str], links: Mapping[str, int]) -> QuerySet[Any]:
    """Return the records that fit, in the list's order."""
    found = kind.model._default_manager.filter(**links)
    if kind.ends and not links and asked.get("state", LIVING) != ALL:
        found = found.filter(ended_at__isnull=asked.get("state", LIVING) == LIVING)
    if asked.get("marked"):
        found = found.filter(**{asked["marked"]: True})
    for name, path in (("school", kind.school), ("year", kind.year)):
        if asked.get(name):
            found = found.filter(**{path: asked[name]})
    for word in asked.get("q", "").split():
        found = found.filter(bearing(kind.model, kind.search, word))
    return found.select_related(*kind.joins).order_by(*kind.order)


def rows_of(kind: Kind, found: Sequence[Any], columns: Sequence[Column]) -> list[Row]:
    """Return records as rows of a table with these columns of their kind."""
    return [
        Row(
            each.pk, kind.name_of(each, columns), kind.record_url(each.pk),
            [_cell(column.of(each)) for column in columns[1:]], getattr(each, "ended_at", None) is not None,
        )
        for each in found
    ]  # fmt: skip


def acts(kind: Kind) -> list[Act]:
    """Return what can be done with many records of the kind."""
    found = []
    for name in kind.kept:
        if name in kind.boxes:
            found += [
                Act(f"{name}:on", _("Mark %s") % kind.label(name)),
                Act(f"{name}:off", _("Unmark %s") % kind.label(name)),
            ]
        elif not kind.field(name).unique and name != "username":
            found.append(Act(name, _("Set %s…") % kind.label(name)))
    return found


def _after(kind: Kind, found: QuerySet[Any], pk: int | None) -> QuerySet[Any]:
    """Return what stands behind the record with this number in the order; no row before it is counted."""
    last = found.model._default_manager.filter(pk=pk).values_list(*kind.order).first() if pk is not None else None
    if last is None:
        return found
    behind, equal = Q(), Q()
    for name, value in zip(kind.order, last, strict=True):
        behind |= equal & Q(**{f"{name}__gt": value})
        equal &= Q(**{name: value})
    return found.filter(behind)


def _links(kind: Kind) -> list[str]:
    return [field.name for field in kind.model._meta.fields if isinstance(field, ForeignKey)]


def _only(kind: Kind, links: Mapping[str, int]) -> str:
    """Return in words which one record the list is narrowed to."""
    return ", ".join(str(kind.label(name)) for name in links)


def _named(model: Any, name: str) -> list[tuple[str, str]]:
    return [
        (str(pk), title) for pk, title in model.objects.filter(ended_at=None).order_by(name).values_list("pk", name)
    ]


def _cell(value: Any) -> str:
    """Return a cell; what is not marked stays blank, so that marks are seen."""
    return "" if value is False else in_words(value)
