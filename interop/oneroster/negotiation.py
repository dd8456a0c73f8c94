"""Answers are JSON; a client that leaves no room for it is told so."""

from typing import Any

from django.http import HttpRequest
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from interop.oneroster.errors import not_acceptable

WELCOME = ("application/json", "*/*", "application/*", "+json")


def accepts_json(request: Request | HttpRequest) -> bool:
    """Return whether the client leaves room for JSON."""
    accept = request.META.get("HTTP_ACCEPT", "").lower()
    return not accept.strip() or any(kind in accept for kind in WELCOME)


class JsonNegotiation(BaseContentNegotiation):
    """The first parser and renderer, whatever is asked, as long as JSON is acceptable."""

    def select_parser(self, request: Request, parsers: Any) -> Any:  # noqa: ARG002
        """Return the only parser."""
        return parsers[0] if parsers else None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:  # noqa: ARG002
        """Return the only renderer, or refuse."""
        if not accepts_json(request):
            raise not_acceptable()
        return renderers[0], "application/json"
