"""Turning demographics on: the officer says who they are again; where the district wants it, another agrees."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from connections import rights, services
from connections.models import Approval, Connection, SharingSettings
from connections.offers import vendor_of
from connections.screens.common import back_to, connection_or_404, trail_of, trail_to
from interop.admin.pages import page
from interop.signin.recent import recently_signed_in, sign_in_again


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether demographics shall be shared, or whether what another officer asked for shall be."""
    connection = connection_or_404(pk)
    person = rights.person_of(request)
    asked = connection.approvals.filter(switch="share_demographics").first()
    if connection.oauth != 2 or connection.share_demographics:
        return back_to(connection, "share")
    if request.method == "POST" and request.POST.get("act") == "decline" and asked:
        services.decline(asked, actor=person.name)
        messages.success(request, _("Demographics stay off."))
        return back_to(connection, "share")
    if not recently_signed_in(request):
        return sign_in_again(request, back=request.path)
    two = SharingSettings.load().two_for_demographics
    if request.method == "POST":
        return _decided(request, connection, asked, person, two=two)
    return page(
        request,
        "connections/demographics.html",
        _("Share demographics with %s?") % vendor_of(connection),
        trail=trail_to(connection),
        connection=connection,
        asked=asked,
        may_approve=asked is not None and rights.may_approve(person, asked),
        two=two,
    )


def _decided(
    request: HttpRequest, connection: Connection, asked: Approval | None, person: rights.Person, *, two: bool
) -> HttpResponse:
    if asked:
        if not rights.may_approve(person, asked):
            raise PermissionDenied
        services.approve(asked, actor=person.name)
    elif two:
        services.ask_approval(connection, actor=person.name)
        messages.warning(request, _("Another security officer must approve. Until then demographics stay off."))
        return back_to(connection, "share")
    else:
        services.change_connection(connection, actor=person.name, share_demographics=True)
    messages.success(request, _("Demographics are shared from the vendor’s next token on."))
    return back_to(connection, "share")


def waiting(request: HttpRequest) -> HttpResponse:
    """List what waits for a second officer, the oldest first."""
    person = rights.person_of(request)
    asked = Approval.objects.select_related("connection__application").order_by("asked_at")
    rows = [
        {
            "approval": each,
            "vendor": vendor_of(each.connection),
            "url": reverse("admin:share_demographics", args=[each.connection_id]),
            "may_approve": rights.may_approve(person, each),
        }
        for each in asked
    ]
    return page(
        request, "connections/approvals.html", _("Waiting for a second officer"), trail=trail_of(None), rows=rows
    )
