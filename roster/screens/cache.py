"""Refresh OneRoster Cache: publish now what the district's data say."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interop.admin.pages import page
from roster import refreshing


def refresh(request: HttpRequest) -> HttpResponse:
    """Say what a refresh does; on POST have the worker do it."""
    if request.method == "POST":
        if refreshing.ask(request.user.get_username(), timezone.now()):
            messages.success(request, _("Refresh asked for. What it changed will stand at the end of this page."))
        else:
            messages.warning(request, _("A refresh has been asked for already. It is not finished yet."))
        return redirect("admin:applications")
    return page(
        request,
        "roster/refresh.html",
        _("Refresh OneRoster Cache?"),
        opening=_("Vendors then get what the district’s data say now, from their next request on."),
        trail=[(_("Learning Interoperability"), reverse("admin:applications"))],
    )
