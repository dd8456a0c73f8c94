"""What vendors do: all connections at a glance, one connection over time, and freezing it at once."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections import activity, chart, information, overview, rights, services, usage
from connections.access import SIGN_IN, SIGNATURE
from connections.advice import advice_for
from connections.checking import words_for
from connections.limits import Limits
from connections.models import Connection, SharingSettings
from connections.screens.common import connection_or_404
from connections.state import facts_of, state_of
from interop.admin.pages import page
from interop.dates import count_words

WIDE, NARROW, LAST = 920, 320, 7
"""The two drawings of a chart, and how many points the narrow one shows."""
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def index(request: HttpRequest) -> HttpResponse:
    """Show every connection with its state and what it did in two weeks; those that need somebody first."""
    usage.roll_up()
    now = timezone.now()
    found = list(Connection.objects.select_related("application").order_by("application__name", "name", "pk"))
    lines = overview.lines_of(found, now)
    numbers = activity.summary(found, now)
    none = dict.fromkeys(("calls", "records", "refused", "errors"), 0)
    worst_first = sorted(lines, key=lambda line: line.state.kind.rank)
    rows = [{"line": line, **numbers.get(line.connection.pk, none)} for line in worst_first]
    need = sum(line.state.needs_someone for line in lines)
    return page(
        request, "connections/activity_index.html", _("Activity"),
        opening=ngettext("%s connection needs someone.", "%s connections need someone.", need) % count_words(need)
        if need else _("Nobody is needed."),
        rows=rows, days=activity.RECENT, district=SharingSettings.load(),
        officer=rights.person_of(request).is_officer,
    )  # fmt: skip


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what one connection did."""
    usage.roll_up()
    connection, now, person = connection_or_404(pk), timezone.now(), rights.person_of(request)
    facts = facts_of([connection], now)[connection.pk]
    state, span = state_of(facts, now), activity.span_of(request.GET.get("span", ""))
    points = activity.points(connection, span, now)
    return page(
        request, "connections/activity.html", _("Activity: %s") % connection.name,
        trail=trail(connection), connection=connection, state=state, todo=advice_for(connection, state),
        figures=activity.figures(connection, now), days=activity.RECENT,
        span=span, spans=list(activity.Span), points=points, told=chart.sentence(points),
        happened=[point for point in points if point.events],
        charts=[("wide", chart.chart(points, WIDE)), ("narrow", chart.chart(points[-LAST:], NARROW))],
        kinds=[(operation_words(kind.operation), kind) for kind in activity.kinds(connection, now)],
        refusals=[(operation_words(row.operation), _why(row), row) for row in activity.refusals(connection, now)],
        ahead=activity.ahead(connection, now), limits=Limits(*information.limits_of(connection)),
        may_freeze=rights.may_change(person), officer=person.is_officer,
    )  # fmt: skip


def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the connection at once; sent again it notes why."""
    connection = connection_or_404(pk)
    if request.method == "POST":
        why = " ".join(request.POST.get("why", "").replace("\0", "").split())
        before = connection.frozen_at
        services.freeze(connection, actor=request.user.get_username(), why=why)
        said = _("Noted.") if before else _("Frozen. The vendor’s next request is refused.")
        messages.success(request, said)
    return redirect("admin:connection_activity", connection.pk)


def unfreeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a frozen connection go on."""
    connection = connection_or_404(pk)
    if request.method == "POST":
        services.unfreeze(connection, actor=request.user.get_username())
        messages.success(request, _("The connection goes on. The vendor’s next request is answered."))
    return redirect("admin:connection_activity", connection.pk)


def _why(row: activity.Refusal) -> str:
    """Return what a refusal means."""
    if row.status == 401 and row.operation in (SIGN_IN, SIGNATURE):
        return _("The secret was wrong, or ended.")
    return words_for(row.status)


def trail(connection: Connection) -> list[tuple[str, str]]:
    """Return the way to a connection's activity."""
    return [
        (_("Activity"), reverse("admin:activity")),
        (connection.name, reverse("admin:connection", args=[connection.pk])),
    ]


def operation_words(operation: str) -> str:
    """Return what the office calls an operation: getStudentsForClass is `Students for class`."""
    named = {SIGN_IN: _("Sign-in"), SIGNATURE: _("Signature"), "": _("Not known")}
    if operation in named:
        return named[operation]
    words = [word.lower() for word in _WORDS.findall(operation.removeprefix("getAll").removeprefix("get"))]
    one = operation.startswith("get") and not operation.startswith("getAll") and "for" not in words
    said = " ".join(["one", *words] if one else words) or operation
    return said[:1].upper() + said[1:]
