"""The admin site: the frame around every page, the product screens, and the stock model pages behind them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from interop.admin import screens, stock
from interop.admin.navigation import sidebar
from interop.admin.roles import roles_of
from interop.signin import secondstep

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

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Open every page below /admin/ only to the data office, signed in with a second step, and by the tables."""
        inner = super().admin_view(view, cacheable)

        def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                if not self.has_permission(request):
                    raise PermissionDenied
                if secondstep.is_missing(request):
                    return redirect(secondstep.way(request.get_full_path()))
                if refusal := stock.refusal(request):
                    return refusal
            answer: HttpResponseBase = inner(request, *args, **kwargs)
            return answer

        return wraps(view)(protected)

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

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Send strangers to the one page where everybody signs in."""
        back = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: back})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002
        """Sign out on the page for it."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002
        """Change the password on the page for it."""
        return redirect("account_change_password")
