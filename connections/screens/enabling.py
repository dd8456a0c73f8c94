"""Before a vendor is let in: what Readiness found, and the question when some of it keeps records back."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from connections import published
from connections.models import Connection
from connections.screens.common import trail_to
from interop.admin.pages import page

SEEN = "seen_readiness"
"""What a form sends when somebody has seen the findings."""


def blocks(found: Sequence[published.Noted]) -> bool:
    """Return whether somebody is to be asked before the vendor is let in."""
    return any(each.blocks for each in found)


def unasked(request: HttpRequest, connection: Connection) -> HttpResponse | None:
    """Return the question whether to enable the connection nevertheless; None when there is nothing to ask.

    What was sent is sent again with the answer.
    """
    if SEEN in request.POST or not blocks(found := published.readiness(connection)):
        return None
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    return page(
        request,
        "connections/enable.html",
        _("Enable %s?") % connection.name,
        opening=_("Nothing is changed yet. Readiness found what the vendor would miss or get wrong."),
        trail=trail_to(connection),
        connection=connection,
        found=found,
        sent=sent,
        seen=SEEN,
    )
