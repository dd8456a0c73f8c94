"""Before Role-prefixed user ids change: whom vendors of OneRoster 1.1 will see twice. Afterwards: everything anew."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interop.admin.pages import page
from interop.jobs.models import State
from roster import refreshing
from roster.renaming import renaming

CONFIRMED = "confirmed"


def foretell(request: HttpRequest, *, prefixed: bool) -> HttpResponse:
    """Show what the change does and ask whether it is meant; what was sent is sent again with the answer."""
    last = refreshing.latest()
    return page(
        request,
        "roster/renaming.html",
        _("Give users of OneRoster 1.1 other ids?"),
        opening=_("Nothing is changed yet."),
        trail=[(_("Settings"), reverse("admin:settings"))],
        found=renaming(prefixed=prefixed),
        prefixed=prefixed,
        held=bool(last and last.state == State.HELD),
        sent=[(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"],
    )


def refresh_all(request: HttpRequest, *, prefixed: bool) -> None:
    """Have everything published under the new ids. The guard would hold it, so the reason goes with it."""
    reason = _("Role-prefixed user ids were turned on.") if prefixed else _("Role-prefixed user ids were turned off.")
    refreshing.ask(request.user.get_username(), timezone.now(), reason=reason)
    messages.info(request, _("A refresh of everything is asked for. Vendors of OneRoster 1.1 get the new ids then."))
