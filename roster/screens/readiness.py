"""Readiness: what vendors will notice in the district's data, check by check, for all of them or for one connection."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.grants import grant_of
from connections.models import VERSIONS, Connection
from connections.offers import vendor_of
from interop import audit
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.checks import NAMED, Check, Scope
from roster.checks.connection import Concerned, concerned, district, told
from roster.checks.rows import listed, row_of

LOOKED, TAKEN = "looked through a list of Readiness", "took a list of Readiness as CSV"
ON_A_PAGE = 100
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


@dataclass(frozen=True)
class Counted:
    """A check and how many records it found."""

    check: Check
    number: int


def readiness(request: HttpRequest) -> HttpResponse:
    """Show every check with its count; with a connection those that concern it, at its schools."""
    connection = _connection(request)
    scope = _scope(connection)
    about = concerned(connection) if connection else None
    checks = about.checks if about else district()
    counted = [Counted(check, check.records(scope).count()) for check in checks] if scope else []
    found = [each for each in counted if each.number]
    return page(
        request, "roster/readiness.html", _("Readiness"), opening=_opening(scope, connection, counted, found),
        connection=connection, connections=_connections(), about=about, switches=_switches(about),
        unknown=", ".join(about.unknown) if about else "",
        found=found, well=[each for each in counted if not each.number], scope=scope,
        may_look=bool(roles_of(request.user) & EDITORS),
    )  # fmt: skip


def readiness_list(request: HttpRequest, name: str) -> HttpResponse:
    """Show the records one check found, page by page, or all of them as a file."""
    check, connection = NAMED.get(name), _connection(request)
    scope = _scope(connection)
    if check is None or scope is None:
        raise Http404
    found = listed(check.records(scope))
    facts = {"check": check.name, "connection": connection.pk if connection else None}
    if request.GET.get("as") == "csv":
        audit.record(request.user.get_username(), TAKEN, scope.moment.year, after=facts)
        return _csv(check, [row_of(each) for each in found])
    audit.record(request.user.get_username(), LOOKED, scope.moment.year, after=facts)
    pages = Paginator(found, ON_A_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    return page(
        request, "roster/readiness_list.html", str(check.title), opening=f"{check.why} {check.fix}",
        trail=[(_("Readiness"), reverse("admin:readiness") + _only(connection))],
        connection=connection, listed=shown, number=pages.count, rows=[row_of(each) for each in shown],
    )  # fmt: skip


def _connection(request: HttpRequest) -> Connection | None:
    """Return the connection that is asked about; None for the whole district. Raises Http404."""
    asked = request.GET.get("connection", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 18:
        raise Http404
    return get_object_or_404(Connection.objects.select_related("application"), pk=int(asked))


def _only(connection: Connection | None) -> str:
    return f"?connection={connection.pk}" if connection else ""


def _scope(connection: Connection | None) -> Scope | None:
    return Scope.of(timezone.now(), grant_of(connection) if connection else None)


def _connections() -> list[tuple[int, str]]:
    rows = Connection.objects.select_related("application").order_by("application__name", "name", "pk")
    return [(each.pk, f"{vendor_of(each)} — {each.name} ({VERSIONS[each.version]})") for each in rows]


def _opening(
    scope: Scope | None, connection: Connection | None, counted: Sequence[Counted], found: Sequence[Counted]
) -> str:
    if scope is None:
        return _("No school year is active, so there is nothing to check and nothing is shared.")
    if not found:
        return _("Nothing is wrong with the data vendors match people by.")
    said = ngettext("%d thing should be put right", "%d things should be put right", len(found)) % len(found)
    if connection:
        return _("%(said)s for %(vendor)s, of %(all)d that concern it.") % {
            "said": said, "vendor": vendor_of(connection), "all": len(counted),
        }  # fmt: skip
    return _("%(said)s before vendors pull, of %(all)d that are checked. Nothing is held back by this list.") % {
        "said": said, "all": len(counted),
    }  # fmt: skip


def _switches(about: Concerned | None) -> list[str]:
    return [told(need) for need in about.off] if about else []


def _csv(check: Check, rows: Sequence[Any]) -> HttpResponse:
    """Return the records as a file a spreadsheet opens; what it would run stays text."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{check.name}.csv"'
    lines = csv.writer(answer)
    lines.writerow([_("Name"), _("Details"), "sourcedId"])
    for row in rows:
        cells = (row.name, row.detail, row.sourced_id)
        lines.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return answer
