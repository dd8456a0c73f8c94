"""The admin site: the frame around every page, the product screens, and the stock model pages behind them."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from interop.admin import screens
from interop.admin.navigation import sidebar
from interop.admin.roles import roles_of

DISTRICT_NAME = "roster.district.name"
FIRST = "admin:applications"


class PortalSite(AdminSite):
    """Django's admin with the portal's frame, roles and screens."""

    site_title = site_header = _("Interop")
    index_title = _("All records")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this person belongs to the data office."""
        return bool(roles_of(request.user))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the product screens, then the stock pages."""
        return [*screens.urls(self.admin_view), *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the frame shows."""
        context = super().each_context(request)
        if self.has_permission(request):
            context |= {"sidebar": sidebar(request), "district_name": import_string(DISTRICT_NAME)()}
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002
        """Begin with the applications."""
        return redirect(FIRST)
