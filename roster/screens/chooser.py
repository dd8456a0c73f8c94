"""Connections to choose among, for the screens that look at the data through one of them."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from connections.models import Connection
from interop.admin.pages import page

ON_A_PAGE = 100


def vendors_see(request: HttpRequest) -> HttpResponse:
    """List the connections, each leading to what its vendor sees."""
    opening = _("Choose a connection to see how much of the district it gets, and any record as it gets it.")
    return _choose(request, _("What vendors see"), "admin:vendor_sees", opening)


def api(request: HttpRequest) -> HttpResponse:
    """Lead to the documentation, and list the connections, each leading to its console."""
    opening = _(
        "Read what vendors' developers read, or try the API as one of your connections. Trying never changes data."
    )
    return _choose(request, _("API documentation"), "admin:api_console", opening, documentation=True)


def _choose(
    request: HttpRequest, title: str, leads_to: str, opening: str, *, documentation: bool = False
) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    found = Connection.objects.select_related("application").annotate(number=Count("schools"))
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(application__name__icontains=word))
    pages = Paginator(found.order_by("application__name", "name", "pk"), ON_A_PAGE)
    return page(
        request, "roster/chooser.html", title, opening=opening, words=words, leads_to=leads_to,
        documentation=documentation, listed=pages.get_page(request.GET.get("page")), number=pages.count,
    )  # fmt: skip
