"""The short way: the next page of a pull, answered before Django and its middleware are asked.

Nearly all that vendors ask is the next page of a list that is frozen already, and more than half of its processor time
went into the way there and back. So the gate (connections/gate.py) asks here first. What the middleware does for every
request of a program is done here too, by the same functions: its number, the caller's address, the host that has to be
ours, the headers of security, the counters. Whatever is not such a page, or goes wrong, is handed on untouched: the
whole way meets it again and tells it in the standard's shape. See docs/decisions/0015.
"""

import time
from functools import cache
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from interop import logs, watching
from interop.oneroster.answers import Answer
from interop.oneroster.middleware import HEADER, address_of, request_id_of
from interop.oneroster.negotiation import accepts_json
from interop.oneroster.query import parse_list
from interop.oneroster.routes import Route, plain_list
from interop.oneroster.views import BEARER, PUBLISHED, answer_found, call_of, finished, has_to_wait, named


class PageRequest(WSGIRequest):
    """A request of which nothing is read but what a page needs."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = self.META = environ
        self.path_info = environ.get("PATH_INFO", "")
        self.method = environ.get("REQUEST_METHOD", "")


def next_page(request: HttpRequest) -> Answer | HttpResponse | None:
    """Answer from the bearer's frozen list, all of it one statement and the bodies; None when that is not enough."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    route = plain_list(request.path_info)
    if route is None or request.method != "GET" or not header.startswith(BEARER) or not accepts_json(request):
        return None
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return None
    began = time.perf_counter()
    answer = _answer(request, route, header[len(BEARER) :])
    if answer is None:
        return None
    for name, value in _security_headers(secure=request.is_secure()):
        answer.headers.setdefault(name, value)
    answer.headers[HEADER] = request_id_of(request)
    watching.note(request, answer.status_code, time.perf_counter() - began)
    return answer


def _answer(request: HttpRequest, route: Route, token: str) -> Answer | HttpResponse | None:
    request.META["REMOTE_ADDR"] = address_of(request)
    logs.current_request.set(request_id_of(request))
    try:
        request.get_host()  # refuses a Host that is none of ours
        call = call_of(request)
        if call.known_wait():
            return None
        query = parse_list(request.META["QUERY_STRING"], route.endpoint.declaration, route.version)
        page = named(PUBLISHED + "read_page")(token, route.endpoint, route.version, query, call.address)
        if page is None:
            return None
        wait = call.has_to_wait(page.caller, page.limits)
        found = None if wait else answer_found(request, route, query, page)
    except Exception:  # noqa: BLE001 - the whole way meets it again, and takes a place of its own
        call_of(request).give_back()
        return None
    return finished(request, has_to_wait(request, wait)) if found is None else finished(request, found)


@cache
def _security_headers(*, secure: bool) -> tuple[tuple[str, str], ...]:
    """Return the headers Django's middleware gives every answer."""
    request = PageRequest({"wsgi.url_scheme": "https" if secure else "http"})
    if secure and settings.SECURE_PROXY_SSL_HEADER:
        request.META[settings.SECURE_PROXY_SSL_HEADER[0]] = settings.SECURE_PROXY_SSL_HEADER[1]
    answer = HttpResponse()
    del answer.headers["Content-Type"]
    SecurityMiddleware(lambda _: answer).process_response(request, answer)
    return tuple(answer.items())
