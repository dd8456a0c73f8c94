"""The search in the header: tools by their names, and whatever the apps can find."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from interop.admin.navigation import tools
from interop.admin.pages import page


def find(request: HttpRequest) -> HttpResponse:
    """Show the tools, applications and connections that match `q`."""
    words = request.GET.get("q", "").strip()[:100]
    found = list(tools(request, words)) if words else []
    return page(request, "interop/find.html", _("Find"), searched=words, tools=found)
