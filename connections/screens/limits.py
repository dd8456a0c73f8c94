"""How much a connection may ask, and from where."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import networks, rights, services
from connections.models import Connection, SharingSettings
from connections.screens.common import back_to, connection_or_404, require, trail_to
from interop.admin.pages import page

LARGEST = 1_000_000


class LimitsForm(forms.Form):
    """The three numbers, blank for the district's, and the addresses, one a line."""

    bucket = forms.IntegerField(required=False, min_value=0, max_value=LARGEST)
    refill = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
    at_once = forms.IntegerField(required=False, min_value=0, max_value=1000)
    networks = forms.CharField(required=False, max_length=4000)

    def clean_networks(self) -> list[str]:
        """Return the networks. Raises ValidationError naming the line that is none."""
        lines = str(self.cleaned_data["networks"]).replace(",", " ").split()
        if len(lines) > networks.MOST:
            raise ValidationError(_("Enter at most %d addresses.") % networks.MOST)
        try:
            return networks.networks(lines)
        except ValueError as wrong:
            example = _("“%s” is no address. Enter one like 192.0.2.17, or a network like 192.0.2.0/24.")
            raise ValidationError(example % str(wrong)[:60]) from None


FIELDS = (
    ("bucket", gettext_lazy("Requests at a stretch"), gettext_lazy("0: no limit on how often it calls.")),
    ("refill", gettext_lazy("Requests a second after that"), ""),
    ("at_once", gettext_lazy("Requests at once"), gettext_lazy("0: as many as it likes.")),
)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show limits and addresses of a connection; security officers change them."""
    connection = connection_or_404(pk)
    person = rights.person_of(request)
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=_now(connection))
    if request.method == "POST":
        require(person.is_officer)
        if form.is_valid():
            services.change_connection(connection, actor=person.name, **form.cleaned_data)
            messages.success(request, _("Saved. It holds from the vendor’s next request on."))
            return back_to(connection)
    district = SharingSettings.load()
    return page(
        request, "connections/limits.html", _("Limits and addresses"),
        opening=_("A vendor that asks more than this is told to wait; from anywhere else it is refused."),
        trail=trail_to(connection), connection=connection, form=form, may_change=person.is_officer,
        rows=[(form[name], title, hint, getattr(district, name)) for name, title, hint in FIELDS],
        seen=connection.seen_networks.order_by("-last_at")[:10],
    )  # fmt: skip


def _now(connection: Connection) -> dict[str, Any]:
    told = {name: getattr(connection, name) for name, _title, _hint in FIELDS}
    return told | {"networks": "\n".join(connection.networks)}
