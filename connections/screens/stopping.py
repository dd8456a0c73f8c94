"""Three ways to stop a connection; each says what ends, what stays and how to come back, and asks first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from connections import rights, services
from connections.offers import vendor_of
from connections.screens.common import back_to, confirm, connection_or_404, require


def disable(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the flow of data until somebody enables the connection again."""
    connection = connection_or_404(pk)
    if request.method == "POST":
        services.disable(connection, actor=request.user.get_username())
        messages.success(request, _("Connection disabled. The vendor’s next request is refused."))
        return back_to(connection)
    return confirm(
        request,
        connection,
        _("Disable this connection?"),
        consequence=_("%s is refused from its next request.") % vendor_of(connection),
        points=[
            _("Data stops in both directions, for tokens it already holds too."),
            _("Key, secret, data and schools stay."),
            _("To come back, turn it on."),
        ],
        keep=_("Keep enabled"),
        act=_("Disable connection"),
    )


def remove_credentials(request: HttpRequest, pk: int) -> HttpResponse:
    """End every key and secret; the settings stay."""
    connection = connection_or_404(pk)
    require(rights.may_handle_secrets(rights.person_of(request), connection))
    if request.method == "POST":
        services.remove_credentials(connection, actor=request.user.get_username())
        messages.success(request, _("Credentials removed. The vendor’s next request is refused."))
        return back_to(connection, "secrets")
    return confirm(
        request,
        connection,
        _("Remove the credentials of this connection?"),
        consequence=_("%s is refused from its next request. This cannot be undone.") % vendor_of(connection),
        points=[
            _("Every secret stops working, and every token made with it."),
            _("Name, data and schools stay."),
            _("To come back, generate new credentials and hand them over."),
        ],
        keep=_("Keep credentials"),
        act=_("Remove credentials"),
        final=True,
    )


def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one connection; the application and its other connections stay."""
    connection = connection_or_404(pk)
    require(rights.may_delete(rights.person_of(request), connection))
    if request.method == "POST":
        services.delete_connection(connection, actor=request.user.get_username())
        messages.success(request, _("%s deleted. The vendor’s next request is refused.") % connection.name)
        if connection.application:
            return redirect("admin:application", connection.application.slug)
        return redirect("admin:applications")
    return confirm(
        request,
        connection,
        _("Delete this connection?"),
        consequence=_("%s is refused from its next request. This cannot be undone.") % vendor_of(connection),
        points=[
            _("Credentials, chosen data and chosen schools are gone."),
            _("The application and its other connections stay, and so does the record of what was shared."),
            _("To come back, generate a new connection and hand its credentials over."),
        ],
        keep=_("Keep connection"),
        act=_("Delete connection"),
        final=True,
    )
