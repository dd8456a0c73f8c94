"""What vendors of assessments sent: stored, changed on the way, refused; why, and what to do."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Test
from assessments.screens.words import trail
from gradebook import rules
from gradebook.models import Receipt
from gradebook.pages.receipts import OUTCOMES
from interop.admin.pages import page

AT_MOST = 200
KINDS = {"assessmentLineItem": gettext_lazy("test"), "assessmentResult": gettext_lazy("score")}


def listed(request: HttpRequest) -> HttpResponse:
    """Show the newest receipts, of one outcome, connection or sourcedId, or all."""
    asked = request.GET
    outcome, connection, key = asked.get("outcome", ""), asked.get("connection", ""), asked.get("id", "")
    found = Receipt.objects.filter(kind__in=KINDS).select_related("connection__application")
    if outcome in OUTCOMES:
        found = found.filter(outcome=outcome)
    if connection.isdecimal() and len(connection) < 19:
        found = found.filter(connection=int(connection))
    if key:
        found = found.filter(sourced_id=key.replace("\0", ""))
    rows = list(found.order_by("-last_at", "-pk")[: AT_MOST + 1])
    titles = _titles(rows)
    return page(
        request, "assessments/receipts.html", _("Assessment receipts"),
        opening=_("What each vendor sent last, and what became of it. A resend that changes nothing is not told."),
        trail=trail(), rows=[_told(row, titles.get(row.sourced_id, "")) for row in rows[:AT_MOST]],
        more=len(rows) > AT_MOST, most=AT_MOST, chosen=outcome, connection=connection, sourced_id=key,
        outcomes=[(key, words) for key, (words, _shape, _family) in OUTCOMES.items()],
    )  # fmt: skip


def _titles(rows: Sequence[Receipt]) -> dict[str, str]:
    """Return what the tests among them are called."""
    keys = [row.sourced_id for row in rows if row.kind == "assessmentLineItem"]
    return dict(Test.objects.filter(sourced_id__in=keys).values_list("sourced_id", "title"))


def _told(row: Receipt, title: str) -> dict[str, Any]:
    words, shape, family = OUTCOMES[row.outcome]
    return {
        "row": row, "vendor": str(row.connection.application or ""), "title": title, "what": KINDS[row.kind],
        "outcome": words, "shape": shape, "family": family,
        "notes": [(rules.sentence(note), rules.remedy(note)) for note in row.notes or []],
    }  # fmt: skip
