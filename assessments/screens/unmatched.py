"""Unmatched results: what vendors sent before a part it needs was there."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Unmatched
from assessments.screens.words import trail
from assessments.services import waiting
from connections.models import Connection
from interop import audit
from interop.admin.pages import page
from interop.dates import count_words

AT_MOST = 200
WHAT = ("connection", "kind", "missing_kind", "missing")


@dataclass(frozen=True)
class Group:
    """All of one kind that wait for the same part, from one connection; `key` is any one of them."""

    key: int
    connection: Connection
    of_tests: bool
    for_student: bool
    missing: str
    number: int
    first_at: dt.datetime
    last_at: dt.datetime
    examples: Sequence[str]


def listed(request: HttpRequest) -> HttpResponse:
    """Show what waits, by what is missing; on POST try again or remove a group."""
    if request.method == "POST":
        return _done(request)
    chosen = request.GET.get("connection", "")
    found = waiting.waiting()
    connections = _connections(found)
    if chosen.isdecimal() and int(chosen) in connections:
        found = found.filter(connection=int(chosen))
    groups = _groups(found, connections)
    number = sum(each.number for each in groups)
    return page(
        request, "assessments/unmatched.html", _("Unmatched results"), opening=_opening(number), trail=trail(),
        groups=groups[:AT_MOST], more=len(groups) > AT_MOST, most=AT_MOST, chosen=chosen,
        connections=sorted(connections.values(), key=lambda each: (str(each.application), each.name)),
    )  # fmt: skip


def _done(request: HttpRequest) -> HttpResponse:
    actor = request.user.get_username()
    if request.POST.get("act") == "again":
        stored = waiting.resolve_waiting()
        said = ngettext("%s is in its place now.", "%s are in their places now.", stored) % count_words(stored)
        messages.success(
            request, said if stored else _("Nothing could be stored: every missing part is still missing.")
        )
        return redirect("admin:unmatched")
    key = request.POST.get("remove", "")
    one = Unmatched.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if one is None:
        messages.info(request, _("It does not wait any more."))
        return redirect("admin:unmatched")
    rows = Unmatched.objects.filter(**{name: getattr(one, name) for name in WHAT})
    with transaction.atomic():
        facts = {"kind": one.kind, "missing": f"{one.missing_kind} {one.missing}", "number": rows.count()}
        audit.record(actor, "removed unmatched results", one.connection, before=facts)
        removed = waiting.dismiss(actor, rows)
    said = ngettext("%s removed. The vendor can send it again.", "%s removed. The vendor can send them again.", removed)
    messages.success(request, said % count_words(removed))
    return redirect("admin:unmatched")


def _connections(found: QuerySet[Unmatched]) -> dict[int, Connection]:
    keys = found.order_by().values("connection").distinct()
    return {each.pk: each for each in Connection.objects.filter(pk__in=keys).select_related("application")}


def _groups(found: QuerySet[Unmatched], connections: dict[int, Connection]) -> list[Group]:
    rows = (
        found.order_by()
        .values(*WHAT)
        .annotate(number=Count("pk"), first=Min("first_at"), last=Max("last_at"), key=Min("pk"), one=Min("sourced_id"))
        .order_by("first", "key")[: AT_MOST + 1]
    )
    return [
        Group(
            row["key"], connections[row["connection"]], row["kind"] == "assessmentLineItem",
            row["missing_kind"] == "user", row["missing"], row["number"], row["first"], row["last"], [row["one"]],
        )
        for row in rows
    ]  # fmt: skip


def _opening(number: int) -> Any:
    if not number:
        return _(
            "Nothing waits. What comes before its test or its parent is kept here, and stored as soon as that comes."
        )
    said = ngettext("%s thing waits for a missing part.", "%s things wait for a missing part.", number)
    return f"{said % count_words(number)} {_('Each is stored as soon as the missing part arrives.')}"
