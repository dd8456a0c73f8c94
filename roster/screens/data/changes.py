"""Before you save: what a change of ticked records does, for whom, and then the change itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop.admin.pages import page
from roster import seen
from roster.editing import changing
from roster.screens.data.forms import KeptForm
from roster.screens.data.kinds import Kind
from roster.screens.data.records import kind_or_404
from roster.screens.data.words import in_words

AT_MOST = 200
NAMED = 12
PROTECTING = {"external_lms_exclude", "no_show"}
"""Boxes that act on the vendors' next request; what else is kept here is published within seconds."""


def change(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for the values when they are missing; say what they would do; with `act=save` do it."""
    known = kind_or_404(request, kind)
    told = request.POST
    names = [name for name in _names(told) if name in known.kept]
    picked = [int(each) for each in told.getlist("row")[:AT_MOST] if each.isdecimal() and len(each) < 19]
    found = _found(known, picked)
    rows = list(found.select_related(*known.joins)) if names else []
    if not rows:
        messages.warning(request, _("Nothing was changed: no record that can be changed here was ticked."))
        return redirect(known.url)
    form = KeptForm(known, names, data=_values(told, names), pks=[row.pk for row in rows])
    if told.get("act") == "save" and form.is_valid():
        return _saved(request, known, found, form.cleaned_data)
    return _asked(request, known, rows, form)


def _found(kind: Kind, picked: Sequence[int]) -> QuerySet[Any]:
    found = kind.model._default_manager.all()
    return changing.rows(found.filter(kind.editable) if kind.editable else found, picked)


def _names(told: QueryDict) -> list[str]:
    """Return the fields to change: those the form says, or the one of an act such as `no_show:on`."""
    do = str(told.get("do", ""))
    return [do.partition(":")[0]] if do else told.getlist("field")


def _values(told: QueryDict, names: Sequence[str]) -> Mapping[str, Any] | None:
    """Return what the fields become; None while that has not been asked."""
    do = str(told.get("do", ""))
    if not do:
        return told
    value = do.partition(":")[2]
    return {names[0]: value == "on"} if value and names else None


def _asked(request: HttpRequest, kind: Kind, rows: Sequence[Any], form: KeptForm) -> HttpResponse:
    effect, differences = None, list[Difference]()
    if form.is_bound and form.is_valid():
        effect = changing.effect(_found(kind, [row.pk for row in rows]), form.cleaned_data, timezone.now())
        differences = _differences(kind, rows, form.cleaned_data)
    number = len(rows)
    title = kind.name_of(rows[0]) if number == 1 else _("%(number)d records of %(kind)s") % {
        "number": number, "kind": str(kind.title).lower(),
    }  # fmt: skip
    return page(
        request, "roster/data/change.html", title if effect is None else _("Before you save: %s") % title,
        trail=[(_("School data"), reverse("admin:data")), (str(kind.title), kind.url)],
        kind=kind, form=form, rows=rows, effect=effect, differences=differences,
        named=[kind.name_of(row) for row in rows[:NAMED]], unnamed=max(0, number - NAMED),
        hides=_counted(effect.hides) if effect else [], shows=_counted(effect.shows) if effect else [],
        back=kind.record_url(rows[0].pk) if number == 1 else kind.url,
        protecting=any(each.field in PROTECTING for each in differences),
        later=any(each.field not in PROTECTING for each in differences),
    )  # fmt: skip


def _counted(numbers: Mapping[str, int]) -> list[tuple[Any, int]]:
    return [(seen.OBJECTS[name], number) for name, number in numbers.items()]


@dataclass(frozen=True)
class Difference:
    """One field that changes: how it is, how it will be, and of how many records."""

    field: str
    label: Any
    before: str
    after: str
    number: int


def _differences(kind: Kind, rows: Sequence[Any], values: Mapping[str, Any]) -> list[Difference]:
    found = []
    for name, value in values.items():
        before = [in_words(getattr(row, name)) for row in rows if getattr(row, name) != value]
        if before:
            was = before[0] if len(set(before)) == 1 else _("various")
            found.append(Difference(name, kind.label(name), was, in_words(value), len(before)))
    return found


def _saved(request: HttpRequest, kind: Kind, found: QuerySet[Any], values: Mapping[str, Any]) -> HttpResponse:
    rows = [row.pk for row in found]
    number = changing.change(found, values, actor=request.user.get_username(), now=timezone.now())
    said = ngettext("%d record changed.", "%d records changed.", number) % number
    if not number:
        messages.success(request, _("Nothing was changed."))
    elif PROTECTING.intersection(values):
        messages.success(request, said + " " + _("A box acts on the vendors’ next request."))
    else:
        messages.success(request, said + " " + _("Vendors see it within seconds."))
    return redirect(kind.record_url(rows[0]) if len(rows) == 1 else kind.url)
