"""Who received this person's record, and when? For security officers; each answer is in the audit trail."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections import usage
from connections.screens.activity import operation_words
from interop import audit
from interop.admin.pages import page
from roster.explaining import find
from roster.explaining.finding import by_key
from roster.models import Person
from roster.received import Receiver, receivers

ASKED = "asked who received"


class Ask(forms.Form):
    """What to look for; then the person chosen among who was found."""

    words = forms.CharField(max_length=200, required=False)
    record = forms.CharField(max_length=60, required=False)


def received(request: HttpRequest) -> HttpResponse:
    """Show the search; on POST who was found, or who received the person's record. Names belong in no address."""
    form = Ask(request.POST if request.method == "POST" else None)
    told: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        record = by_key(asked["record"]) if asked["record"] else None
        hits = [] if record is not None else find(asked["words"], ["person"])
        if len(hits) == 1:
            record, hits = hits[0].record, []
        told = {"hits": hits, "looked": bool(asked["words"] or asked["record"])}
        if isinstance(record, Person):
            told |= _answer(request, record)
    return page(
        request, "roster/received.html", _("Who received a student’s record?"),
        opening=_("Find a student, or anybody else in the roster. The answer names every vendor, and stands in the "
                  "audit trail."),
        trail=[(_("Activity"), reverse("admin:activity"))], form=form, **told,
    )  # fmt: skip


def _answer(request: HttpRequest, person: Person) -> dict[str, Any]:
    usage.roll_up()
    found = receivers(person)
    audit.record(request.user.get_username(), ASKED, person, after={"connections": [each.connection for each in found]})
    return {"person": person, "verdict": _verdict(found), "receivers": [_told(each) for each in found]}


def _told(receiver: Receiver) -> dict[str, Any]:
    rows = [(operation_words(receipt.operation), receipt) for receipt in receiver.receipts]
    return {"receiver": receiver, "rows": rows}


def _verdict(found: list[Receiver]) -> str:
    sure = sum(each.sure for each in found)
    maybe = len(found) - sure
    if not found:
        return _("No vendor received it, as far back as the access log goes.")
    said = ngettext("%d vendor connection received it.", "%d vendor connections received it.", sure) % sure
    if not maybe:
        return said
    return f"{said} {ngettext('%d more may have.', '%d more may have.', maybe) % maybe}"
