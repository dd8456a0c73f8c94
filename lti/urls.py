"""What browsers and tools open below /lti/, with and without a slash at the end."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path
from django.urls.resolvers import URLPattern

from lti.views import launching, programs, services

_OF_SECTION = "sections/<int:section>"
_ADDRESSES: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("jwks", programs.key_set, "lti_jwks"),
    ("openid-configuration", programs.configuration, "lti_configuration"),
    ("register", programs.register, "lti_register"),
    ("token", programs.token, "lti_token"),
    ("authorize", launching.authorize, "lti_authorize"),
    ("content", launching.content, "lti_content"),
    ("open/<str:guid>", launching.opened, "lti_open"),
    ("first/<str:guid>", launching.first, "lti_first"),
    ("chosen/<str:guid>", launching.chosen, "lti_chosen"),
    ("returned/<str:guid>", launching.returned, "lti_returned"),
    (f"{_OF_SECTION}/lineitems", services.line_items, "lti_line_items"),
    (f"{_OF_SECTION}/lineitems/<int:item>", services.line_item, "lti_line_item"),
    (f"{_OF_SECTION}/lineitems/<int:item>/scores", services.scores, "lti_scores"),
    (f"{_OF_SECTION}/lineitems/<int:item>/results", services.results, "lti_results"),
    (f"{_OF_SECTION}/members", services.membership, "lti_members"),
)

urlpatterns: list[URLPattern] = [
    each
    for address, view, name in _ADDRESSES
    for each in (path(f"lti/{address}", view, name=name), path(f"lti/{address}/", view))
]
