"""What every product screen answers with: its template in the portal's frame."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def page(
    request: HttpRequest,
    template: str,
    title: str,
    *,
    opening: str = "",
    trail: Sequence[tuple[str, str]] = (),
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Return a page: its one heading, the sentence below it, and the way here as (name, address) pairs."""
    frame = admin.site.each_context(request)
    told = {**frame, "title": title, "opening": opening, "trail": trail, **context}
    return TemplateResponse(request, template, told, status=status)
