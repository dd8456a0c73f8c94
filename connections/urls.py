"""What vendors' people and programs open: the token endpoint and the one-time link, with and without a slash."""

from django.urls import re_path
from django.urls.resolvers import URLPattern

from connections.oauth2 import IssueToken
from connections.screens.handover import visit

urlpatterns: list[URLPattern] = [
    re_path(r"^oauth2/token/?$", IssueToken.as_view(), name="token"),
    re_path(r"^hand-over/(?P<token>\w{1,100})/?$", visit, name="hand_over"),
]
