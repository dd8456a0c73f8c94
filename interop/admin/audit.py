"""The audit trail: who changed what, when, from what to what."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from interop.admin.pages import page
from interop.models import AuditEvent


def trail(request: HttpRequest) -> HttpResponse:
    """Show the newest acts."""
    return page(request, "interop/audit.html", _("Audit trail"), events=AuditEvent.objects.all()[:100])
