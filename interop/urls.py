"""Every URL of the portal."""

from django.contrib import admin
from django.urls import path, re_path
from django.urls.resolvers import URLPattern, URLResolver

from connections.oauth2 import IssueToken

urlpatterns: list[URLPattern | URLResolver] = [re_path(r"^oauth2/token/?$", IssueToken.as_view(), name="token"), path("admin/", admin.site.urls)]
