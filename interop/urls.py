"""Every URL of the portal."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.urls.resolvers import URLPattern, URLResolver

from interop import metrics
from interop.health import livez, readyz
from interop.oneroster import docs
from interop.oneroster.views import view
from interop.signin.views import door

urlpatterns: list[URLPattern | URLResolver] = [
    # what vendors ask comes first: trying half a hundred addresses of pages took a tenth of an answer
    *docs.urlpatterns,
    re_path(r"^ims(?:/|$)", view, name="oneroster"),
    path("", include("connections.urls")),
    path("", include("roster.urls")),
    path("", include("gradebook.urls")),
    path("", include("lti.urls")),
    re_path(r"^livez/?$", livez, name="livez"),
    re_path(r"^readyz/?$", readyz, name="readyz"),
    re_path(r"^metrics/?$", metrics.view, name="metrics"),
    path("", door, name="door"),
    path("account/", include("interop.signin.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "interop.admin.errors.not_understood"
handler403 = "interop.admin.errors.forbidden"
handler404 = "interop.admin.errors.not_found"
handler500 = "interop.outage.broken"
