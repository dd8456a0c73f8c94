"""One record: what came from the feed, locked; what is kept here, to be changed; and what belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Field, ForeignKey
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from interop.admin.pages import page
from interop.admin.roles import EDITORS, Role, roles_of
from roster.models import Person, SchedulingFinal, SchoolYear
from roster.screens.data.forms import KeptForm
from roster.screens.data.kinds import BY_MODEL, BY_NAME, Kind, links_to
from roster.screens.data.lists import Row, rows_of
from roster.screens.data.tabs import tabs
from roster.screens.data.words import in_words

BELONGING = 10
"""So many rows of what belongs to a record are shown; the list has the others."""


@dataclass(frozen=True)
class Fact:
    """A field that is not changed here: its value in words, a link to what it names, and the feed's column."""

    label: Any
    words: str
    url: str = ""
    source: str = ""


@dataclass(frozen=True)
class Belonging:
    """What belongs to a record: the first rows of a kind, and the address of the list of all."""

    title: str
    heads: Sequence[Any]
    rows: Sequence[Row]
    more: str


def record(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Show a record; one statement for it and one for each kind that belongs to it."""
    known = kind_or_404(request, kind)
    row = get_object_or_404(known.model._default_manager.select_related(*_joins(known)), pk=pk)
    roles = roles_of(request.user)
    kept = known.kept if known.kept and _fits(known, row) else ()
    may_change = bool(roles & EDITORS)
    return page(
        request, "roster/data/record.html", known.name_of(row), opening=str(known.one).capitalize(),
        trail=[(_("School data"), reverse("admin:data")), (str(known.title), known.url)],
        kind=known, row=row, ended=getattr(row, "ended_at", None),
        facts=_facts(known, row, roles, kept=kept), kept=[_fact(known, row, known.field(name), roles) for name in kept],
        form=KeptForm(known, kept, row=row) if may_change else None, may_change=may_change,
        belonging=_belonging(known, row, roles),
        view_as=reverse("admin:view_as", args=[pk]) if known.model is Person and may_change else "",
        tabs=tabs(row) if isinstance(row, Person) else [],
        **(_year(row) if isinstance(row, SchoolYear) else {}),
    )  # fmt: skip


def kind_or_404(request: HttpRequest, name: str) -> Kind:
    """Return the kind of this name; raises Http404 for none, PermissionDenied for one this person may not open."""
    kind = BY_NAME.get(name)
    if kind is None:
        raise Http404
    if not roles_of(request.user) & kind.opens:
        raise PermissionDenied
    return kind


def _fits(kind: Kind, row: Any) -> bool:
    return kind.editable is None or kind.model._default_manager.filter(kind.editable, pk=row.pk).exists()


def _joins(kind: Kind) -> list[str]:
    """Return the links to read with the record, and what names those they lead to."""
    linked = [field for field in kind.model._meta.fields if isinstance(field, ForeignKey)]
    further = [
        f"{field.name}__{link}"
        for field in linked
        for link in (BY_MODEL[field.related_model].joins if field.related_model in BY_MODEL else ())
    ]
    return [*kind.joins, *(field.name for field in linked), *further]


def _facts(kind: Kind, row: Any, roles: frozenset[Role], *, kept: Sequence[str]) -> list[Fact]:
    left_out = {"id", "ended_at", *kept, *kind.acts}
    facts = [_fact(kind, row, field, roles) for field in kind.model._meta.fields if field.name not in left_out]
    for many in kind.model._meta.many_to_many:
        named = ", ".join(sorted(each.title for each in getattr(row, many.name).all()))
        facts.append(Fact(kind.label(many.name), named, "", kind.source(many.name)))
    return facts


def _fact(kind: Kind, row: Any, field: "Field[Any, Any]", roles: frozenset[Role]) -> Fact:
    value, url = getattr(row, field.name), ""
    other = BY_MODEL.get(field.related_model) if isinstance(field, ForeignKey) else None
    if other and value is not None:
        url = other.record_url(value.pk) if roles & other.opens else ""
        value = other.name_of(value) if url else "…"
    elif isinstance(field, ForeignKey) and value is not None:
        value = getattr(value, "name", value)
    elif field.choices:
        value = getattr(row, f"get_{field.name}_display")()
    return Fact(kind.label(field.name), in_words(value), url, kind.source(field.name))


def _belonging(kind: Kind, row: Any, roles: frozenset[Role]) -> list[Belonging]:
    found = []
    links = links_to(kind)
    for other, link in links:
        if not roles & other.opens:
            continue
        shown = other.model._default_manager.filter(**{link: row}).select_related(*other.joins).order_by(*other.order)
        rows = list(shown[: BELONGING + 1])
        if rows:
            title = str(other.title)
            if sum(each is other for each, _link in links) > 1:
                title = _("%(kind)s as %(part)s") % {"kind": title, "part": str(other.label(link)).lower()}
            more = f"{other.url}?{link}={row.pk}" if len(rows) > BELONGING else ""
            columns = other.beside(link)
            heads = [column.title for column in columns]
            found.append(Belonging(title, heads, rows_of(other, rows[:BELONGING], columns), more))
    return found


def _year(year: SchoolYear) -> dict[str, Any]:
    return {
        "final": SchedulingFinal.objects.filter(school_year=year).first(),
        "year": year,
        "sets_anew": BY_MODEL[SchoolYear].sets_anew("active"),
    }
