"""Why isn't this shared? A record and a connection: every rule in order, and what to do about what fails."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.grants import Grant, grant_of
from connections.models import VERSIONS, Connection
from connections.offers import vendor_of
from interop import audit
from interop.admin.pages import page
from roster.explaining import KINDS, Explanation, Hit, explain, find
from roster.explaining.comparing import compare
from roster.explaining.finding import MOST, by_key, kind_of
from roster.explaining.journey import Journey, journey_of
from roster.explaining.preview import looks
from roster.explaining.remedies import Place
from roster.explaining.verdict import EXPLAINED, verdict
from roster.models import Person, RosterEntry, SectionStaff
from roster.reading.finding import names_of
from roster.reading.records import Shown
from roster.screens.documents import Row, document, indented, references, rows

ANY = ""
CLASSES_SHOWN = 40


class Ask(forms.Form):
    """What to look for, with which connection; then the record chosen among what was found."""

    words = forms.CharField(max_length=200, required=False)
    kind = forms.ChoiceField(
        choices=[(ANY, gettext_lazy("Everything")), *((name, kind.title) for name, kind in KINDS.items())],
        required=False,
    )
    connection = forms.ModelChoiceField(Connection.objects.select_related("application"))
    record = forms.CharField(max_length=60, required=False)
    compare = forms.BooleanField(required=False)


@dataclass(frozen=True)
class Written:
    """One wire object: its fields in rows, and as JSON."""

    sourced_id: str
    rows: Sequence[Row]
    json: str


@dataclass(frozen=True)
class Version:
    """The record in one OneRoster version: nothing, one object, or in 1.1 a user for each role.

    `would` is how it would look while it is not shared.
    """

    name: str
    own: bool
    written: Sequence[Written]
    would: Sequence[Written]


def why(request: HttpRequest) -> HttpResponse:
    """Show the search; on POST what was found, or the explanation. Names of people belong in no address."""
    form = Ask(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    told: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        record = by_key(asked["record"]) if asked["record"] else None
        kinds = [asked["kind"]] if asked["kind"] else list(KINDS)
        hits = [] if record is not None else find(asked["words"], kinds)
        if len(hits) == 1:
            record, hits = hits[0].record, []
        told = {"hits": _grouped(hits), "most": MOST, "looked": bool(asked["words"] or asked["record"])}
        if record is not None:
            told |= _explained(request, record, asked["connection"]) | {"compared_all": asked["compare"]}
    return page(
        request, "roster/explain.html", _("Why isn’t this shared?"),
        opening=_("Choose a record and a connection. Every rule is checked; what fails comes first."),
        form=form, connections=_connections(), chosen=str(form["connection"].value() or ""), **told,
    )  # fmt: skip


def _connections() -> list[tuple[str, str]]:
    """Return every connection as a choice: its number and what tells it from others."""
    rows = Connection.objects.select_related("application").order_by("application__name", "name", "pk")
    return [(str(each.pk), f"{vendor_of(each)} — {each.name} ({VERSIONS[each.version]})") for each in rows]


def _grouped(hits: Sequence[Hit]) -> list[tuple[Any, list[Hit]]]:
    return [
        (kind.title, own) for name, kind in KINDS.items() if (own := [hit for hit in hits if hit.kind == name])
    ]  # fmt: skip


def _explained(request: HttpRequest, record: Any, connection: Connection) -> dict[str, Any]:
    audit.record(request.user.get_username(), EXPLAINED, record, after={"connection": connection.pk})
    now = timezone.now()
    told, journey = explain(record, connection, now), journey_of(record, connection)
    compared = compare(told)
    shared = sum(each.shared for each in compared)
    return {
        "told": told, "journey": journey, "vendor": vendor_of(connection), "connection": connection,
        "what": KINDS[kind_of(record)].title, "verdict": verdict(told, journey),
        "parts": sorted(told.parts, key=lambda part: len(part.failed)), "versions": _versions(told, journey, now),
        "classes": _classes(record), "key": Place.of(record).key, "compared": compared,
        "compared_shared": shared, "compared_kept": len(compared) - shared,
    }  # fmt: skip


def _versions(told: Explanation, journey: Journey, now: dt.datetime) -> list[Version]:
    """Return the record in each version, with names in the place of references."""
    grant = grant_of(told.connection)
    return [
        Version(look.version, look.own, _written(look.shown, grant), _written(look.would, grant))
        for look in looks(told, journey, now)
    ]


def _written(found: Sequence[Shown], grant: Grant) -> list[Written]:
    docs = [document(shown) for shown in found]
    names = names_of(grant, references(docs)) if docs else {}
    return [
        Written(shown.row.sourced_id, rows(shown, names), indented(doc))
        for shown, doc in zip(found, docs, strict=True)
    ]  # fmt: skip


def _classes(record: Any) -> list[tuple[str, str]]:
    """Return a person's roster entries and lines of Section Staff History, each to be explained by itself."""
    if not isinstance(record, Person):
        return []
    found: list[tuple[str, str]] = []
    for model in (RosterEntry, SectionStaff):
        lines = model._default_manager.filter(person=record, section__calendar__school_year__active=True)
        lines = lines.select_related("section__calendar__school").order_by("section__title", "pk")
        found += [
            (Place.of(each).key, f"{each.section.title}, {each.section.calendar.school.name}")
            for each in lines[:CLASSES_SHOWN]
        ]
    return found
