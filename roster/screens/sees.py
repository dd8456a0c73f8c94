"""What this vendor sees: how much by kind and school, and any record as this connection would get it."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from connections.grants import Grant, grant_of, with_changes
from connections.models import Connection
from connections.offers import vendor_of
from connections.screens.common import connection_or_404, trail_to
from interop import audit
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.models import Edition, School
from roster.reading.finding import FOUND_AT_MOST, Found, by_name, names_of
from roster.reading.history import with_past
from roster.reading.records import Shown
from roster.screens.documents import Row, document, indented, references, rows
from roster.seen import KINDS, OBJECTS, Counts, counts_beside, record

LOOKED_UP = "looked up a record"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("student", "teacher", "staff", "class", "enrollment")


class LookUp(forms.Form):
    """A search, and the record chosen among what it found."""

    kind = forms.ChoiceField(choices=tuple(OBJECTS.items()))
    words = forms.CharField(max_length=200, required=False)
    record = forms.CharField(max_length=255, required=False, strip=False)


@dataclass(frozen=True)
class Figure:
    """One kind: how many this connection gets, of how many the district has."""

    title: Any
    number: int
    of: int


@dataclass(frozen=True)
class SchoolRow:
    """One school and its numbers in the order of COLUMNS."""

    name: str
    numbers: Sequence[int]


@dataclass(frozen=True)
class Opened:
    """A record as the connection gets it."""

    shown: Shown
    name: str
    rows: Sequence[Row]
    json: str


def vendor_sees(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the counts; a search is sent by POST, because names of people belong in no address."""
    connection = connection_or_404(pk)
    grant = with_past(grant_of(connection))
    whole = with_changes(grant, schools=None, guardians=True, relatives=True, demographics=True)
    seen, district = counts_beside(grant, [whole])
    if request.GET.get("as") == "csv":
        return _csv(connection, seen)
    vendor = vendor_of(connection)
    return page(
        request,
        "roster/sees.html",
        _("What %s sees") % vendor,
        trail=trail_to(connection),
        connection=connection,
        vendor=vendor,
        edition=Edition.objects.order_by("-number").first(),
        figures=_figures(seen, district),
        ended=sum(seen.ended.values()),
        columns=[KINDS[kind] for kind in COLUMNS],
        schools=_schools(seen),
        total=[seen.total[kind] for kind in COLUMNS],
        may_look=bool(roles_of(request.user) & EDITORS),
        **_looked_up(request, connection, grant),
    )


def _figures(seen: Counts, district: Counts) -> list[Figure]:
    return [Figure(title, seen.total[kind], district.total[kind]) for kind, title in KINDS.items()]


def _schools(seen: Counts) -> list[SchoolRow]:
    names = dict(School.objects.filter(pk__in=seen.by_school).order_by("name", "pk").values_list("pk", "name"))
    return [SchoolRow(name, [seen.by_school[pk][kind] for kind in COLUMNS]) for pk, name in names.items()]


def _csv(connection: Connection, seen: Counts) -> HttpResponse:
    """Return the counts by school as a file a spreadsheet opens; a name that begins like a formula stays a name."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="counts-{connection.pk}.csv"'
    lines = csv.writer(answer)
    lines.writerow([_("School"), *(str(KINDS[kind]) for kind in COLUMNS)])
    for row in _schools(seen):
        lines.writerow([f"'{row.name}" if row.name.startswith(FORMULA) else row.name, *row.numbers])
    lines.writerow([_("Together"), *(seen.total[kind] for kind in COLUMNS)])
    return answer


def _looked_up(request: HttpRequest, connection: Connection, grant: Grant) -> dict[str, Any]:
    form = LookUp(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return {"form": form}
    kind, words, chosen = form.cleaned_data["kind"], form.cleaned_data["words"], form.cleaned_data["record"]
    exact = chosen or words
    shown = record(grant, kind, exact) if exact else None
    found: list[Found] = [] if chosen or shown else by_name(grant, kind, words)
    if not chosen and shown is None and len(found) == 1:
        shown = record(grant, kind, found[0].sourced_id)
    told = {
        "form": form,
        "asked": bool(exact),
        "found": [] if shown else found[:FOUND_AT_MOST],
        "more": not shown and len(found) > FOUND_AT_MOST,
    }
    if shown is None:
        return told
    audit.record(request.user.get_username(), LOOKED_UP, connection, after={"kind": kind})
    return told | {"opened": _opened(grant, shown)}


def _opened(grant: Grant, shown: Shown) -> Opened:
    doc = document(shown)
    own = (shown.row.object, shown.row.sourced_id)
    names = names_of(grant, [own, *references(doc)])
    return Opened(shown, names.get(own, shown.row.sourced_id), rows(shown, names), indented(doc))
