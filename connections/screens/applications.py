"""The applications this district uses, one tile each."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from connections.models import Application
from interop.admin.pages import page


def index(request: HttpRequest) -> HttpResponse:
    """Show every application."""
    return page(
        request, "connections/applications.html", _("Learning Interoperability"), applications=Application.objects.all()
    )
