"""The short way: what a bearer reads, answered before Django and its middleware are asked.

Nearly all that vendors ask is the next page of a list that is frozen already, and more than half of its processor time
went into the way there and back; of a single record still a third. So the gate (connections/gate.py) asks here first.
What the middleware does for every request of a program is done here too, by the same functions: its number, the
caller's address, the host that has to be ours, the headers of security, the counters. Whatever is no such read, whoever
is not let in, and what goes wrong is handed on untouched: the whole way meets it again and tells it in the standard's
shape. See docs/decisions/0015.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from interop import logs, watching
from interop.oneroster.answers import Answer
from interop.oneroster.errors import OneRosterError
from interop.oneroster.middleware import API, HEADER, address_of, request_id_of
from interop.oneroster.negotiation import accepts_json
from interop.oneroster.query import parse_list
from interop.oneroster.reading import PUBLISHED, READING, answer_found, call_of, named, read
from interop.oneroster.refusals import refused
from interop.oneroster.routes import Route, literal, offered, plain_read, routes

BEARER = "Bearer "
GRANT = "connections.grants.grant_for_token"
_ENTRANCE = (
    "HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PROTO",
    "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme",
)  # fmt: skip
"""All of a request that Django's check of the host and its headers of security depend on."""


class PageRequest(WSGIRequest):
    """A request of which nothing is read but what a page needs."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = self.META = environ
        self.path_info = environ.get("PATH_INFO", "")
        self.method = environ.get("REQUEST_METHOD", "")


def read_at_once(request: HttpRequest) -> Answer | None:
    """Answer what a bearer reads; None: ask Django."""
    meta = request.META
    header = meta.get("HTTP_AUTHORIZATION", "")
    if request.method != "GET" or not header.startswith(BEARER) or not accepts_json(request):
        return None
    found = _readings(request)
    if not found:
        return None
    security = _let_in(*map(meta.get, _ENTRANCE))
    if security is None:
        return None
    began = time.perf_counter()
    meta["REMOTE_ADDR"] = address_of(request)
    number = request_id_of(request)
    logs.current_request.set(number)
    answer = _answer(request, found, header[len(BEARER) :])
    if answer is None:
        return None
    answer.headers = {**security, **answer.headers, HEADER: number}
    watching.note(request, answer.status_code, time.perf_counter() - began)
    return answer


def _readings(request: HttpRequest) -> Sequence[Route]:
    """Return what the path may mean; none where it does not read, or what it says depends on the server."""
    path = request.path_info
    if plain := plain_read(path):
        return (plain,)
    found = routes(request) if path.startswith(API) and path.isascii() else []
    if not found or "GET" not in offered(literal(found)):
        return ()
    return [route for route in found if route.endpoint.method == "GET"]


def _answer(request: HttpRequest, found: Sequence[Route], token: str) -> Answer | None:
    call = call_of(request)
    try:
        if call.known_wait():
            return None
        answer: Answer = call.finished(_next_page(request, found[0], token) or _anew(request, found, token))
    except Exception:  # noqa: BLE001 - the whole way meets it again, and takes a place of its own
        call.give_back()
        return None
    return answer


def _next_page(request: HttpRequest, route: Route, token: str) -> Answer | None:
    """Answer from the bearer's frozen list, all of it one statement and the bodies; None when that is not enough."""
    if route.names or route.endpoint.service in READING:
        return None
    call = call_of(request)
    query = parse_list(request.META["QUERY_STRING"], route.endpoint.declaration, route.version)
    page = named(PUBLISHED + "read_page")(token, route.endpoint, route.version, query, call.address)
    if page is None:
        return None
    call.come_in(page.caller, page.limits)
    return answer_found(request, route, query, page)


def _anew(request: HttpRequest, found: Sequence[Route], token: str) -> Answer:
    """Ask what the bearer may do, and answer whatever the standard has for it."""
    call = call_of(request)
    grant = named(GRANT)(token, call.address)
    call.let_in(grant)
    try:
        return read(request, found, grant)
    except OneRosterError as refusal:
        return refused(request, refusal)


@lru_cache(maxsize=256)
def _let_in(*entrance: str | None) -> dict[str, str] | None:
    """Return the headers of security Django's middleware gives a request with such an entrance.

    None where it would do something else: send it to https, or refuse a Host that is none of ours.
    """
    request = PageRequest({name: value for name, value in zip(_ENTRANCE, entrance, strict=True) if value is not None})
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return None
    try:
        request.get_host()
    except DisallowedHost:
        return None
    answer = HttpResponse()
    del answer.headers["Content-Type"]
    SecurityMiddleware(lambda _: answer).process_response(request, answer)
    return dict(answer.items())
