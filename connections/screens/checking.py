"""Test connection: what the portal knows of the vendor's last attempts, in words."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import checking
from connections.offers import vendor_of
from connections.screens.common import connection_or_404, kind_of, trail_to
from interop.admin.pages import page


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show each thing a call needs, what fails first, with what to do about it."""
    connection = connection_or_404(pk)
    found = checking.findings(connection, timezone.now())
    failed = [each for each in found if not each.passed]
    opening = failed[0].told if failed else _("%s can call, and did.") % vendor_of(connection)
    return page(
        request,
        "connections/checking.html",
        _("Test connection"),
        opening=opening,
        trail=trail_to(connection),
        connection=connection,
        kind=kind_of(connection),
        failed=failed,
        passed=[each for each in found if each.passed],
    )
