"""Sync receipts of all connections: what came, what was stored, changed on the way or refused, and what to do."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.models import Connection
from gradebook.models import Receipt
from gradebook.pages import receipts as told
from gradebook.teaching.access import section_name
from interop.admin.pages import page

AT_MOST = 200


class Narrow(forms.Form):
    """Which receipts: of a connection, of an outcome, and of a section by its number or sourcedId."""

    connection = forms.ModelChoiceField(Connection.objects.none(), required=False, label=gettext_lazy("Connection"))
    outcome = forms.ChoiceField(required=False, label=gettext_lazy("Show"))
    section = forms.CharField(max_length=255, required=False, label=gettext_lazy("Section, by name or sourcedId"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        connection, outcome = self.fields["connection"], self.fields["outcome"]
        sharing = Connection.objects.filter(share_gradebook=True).order_by("name", "pk")
        connection.queryset, connection.empty_label = sharing, _("All connections")  # type: ignore[attr-defined]
        kept = [(key, words) for key, (words, _shape, _family) in told.OUTCOMES.items()]
        outcome.choices = [("", _("everything")), *kept]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}


def index(request: HttpRequest) -> HttpResponse:
    """Show the newest receipts, narrowed as asked for; a connection's page leads here."""
    form = Narrow(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = Receipt.objects.select_related("connection__application", "section")
    if asked.get("connection"):
        found = found.filter(connection=asked["connection"])
    if asked.get("outcome"):
        found = found.filter(outcome=asked["outcome"])
    if asked.get("section"):
        wanted = asked["section"].strip()
        found = found.filter(section__sourced_id=wanted) | found.filter(section__title__iexact=wanted)
    listed = list(found.order_by("-last_at", "-pk")[: AT_MOST + 1])
    rows = [
        told.shown(row, "") | {"section": section_name(row.section) if row.section else ""} for row in listed[:AT_MOST]
    ]
    return page(
        request, "gradebook/office/receipts.html", _("Grade book receipts"),
        opening=_("What vendors sent for grade books, and what became of it the last time that changed."),
        form=form, rows=rows, more=len(listed) > AT_MOST, most=AT_MOST,
    )  # fmt: skip
