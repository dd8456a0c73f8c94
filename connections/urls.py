"""The token endpoint, with and without a trailing slash."""

from django.urls import re_path
from django.urls.resolvers import URLPattern

from connections.oauth2 import IssueToken

urlpatterns: list[URLPattern] = [re_path(r"^oauth2/token/?$", IssueToken.as_view(), name="token")]
