"""What every request gets: an id that answers and logs share, and for programs the short way to their view."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

HEADER = "X-Request-Id"
FOR_PROGRAMS = ("/ims/", "/oauth2/")
_usable = re.compile(r"[A-Za-z0-9._-]{8,64}").fullmatch


class RequestIdMiddleware:
    """Sets `request.request_id` (the caller's own when it is usable) and repeats it in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_id_of(request)
        response = self.get_response(request)
        response.headers[HEADER] = request_id
        return response


class ForProgramsMiddleware:
    """Calls the API's views straight: sessions, messages, CSRF tokens and static files are for people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(FOR_PROGRAMS):
            return self.get_response(request)
        request.get_host()  # refuses a Host that is none of ours
        found = request.resolver_match = resolve(request.path_info)
        answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
        return answer


def request_id_of(request: HttpRequest) -> str:
    """Return the request's id, making one when it has none."""
    known = getattr(request, "request_id", None)
    if known is None:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        known = given if _usable(given) else uuid4().hex
        request.request_id = known  # type: ignore[attr-defined]
    return str(known)
