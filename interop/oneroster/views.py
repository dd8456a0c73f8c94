"""The one view behind every OneRoster endpoint: published records and live rows are read, live rows written."""

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote, unquote_plus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from interop.oneroster.answers import ALWAYS, SAFE, Answer, CutOff, answer_page, answer_single, projected_single
from interop.oneroster.errors import (
    CHALLENGE,
    OneRosterError,
    error_body,
    forbidden,
    internal,
    later_version,
    method_not_allowed,
    too_many,
    unauthorised,
    unavailable,
    unknown_route,
)
from interop.oneroster.middleware import request_id_of
from interop.oneroster.negotiation import JsonNegotiation
from interop.oneroster.query import Query, parse_list, parse_single
from interop.oneroster.resource import V1P1, V1P2
from interop.oneroster.routes import Route, of_later_version, routes, version_of
from interop.statements import Failed

AUTHENTICATION = "connections.authentication.{}Authentication"
ASKERS = {V1P1: ("Signature", "Bearer"), V1P2: ("Bearer",)}
"""Who may ask in which version: signed requests are of 1.1 alone."""
CALL = "connections.access.Call"
READING = {"gradebook": "gradebook.reading.pull."}
PUBLISHED = "roster.reading.pull."
"""Who reads: published records, and for services of live rows somebody else."""
BEARER = "Bearer "
WARNING = "X-OneRoster-Warning"
UNAUTHORISED, NO_CONTENT, NOT_MODIFIED, FAULT = 401, 204, 304, 500
OURS = ("limit=", "offset=")
"""What a page's links say anew, as it is spelt nearly always."""
RETRY = 300
"""Seconds after which it is worth asking again while the district takes no writes."""
Sent = TypeVar("Sent", HttpResponse, HttpResponseBase, Answer)
named = cache(import_string)
"""What an app gives, by its name; looked up once, for what every page asks."""
log = logging.getLogger("interop.oneroster")


class OneRosterView(APIView):
    """Answers every endpoint from `routes`: grant, scope, then query and page, or body and act."""

    content_negotiation_class = JsonNegotiation
    renderer_classes = (JSONRenderer,)
    permission_classes = ()
    throttle_classes = ()
    found: list[Route]
    plain: tuple[str, ...]
    """The methods of the address as it stands, without ids that would span segments."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [import_string(AUTHENTICATION.format(name))() for name in ASKERS[version_of(self.request.path_info)]]

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.found = routes(request._request)  # noqa: SLF001
        if not self.found and of_later_version(request.path_info):
            super().initial(request, *args, **kwargs)
            raise later_version()
        if not self.found:
            raise unknown_route(request.path_info)
        self.plain = offered(literal(self.found))
        if request.method not in self.plain:
            raise method_not_allowed(str(request.method), self.plain)
        if request.method != "OPTIONS":
            asked = "GET" if request.method == "HEAD" else request.method
            self.found = [route for route in self.found if route.endpoint.method == asked]
            super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> HttpResponseBase:
        """Answer the first reading of the path that exists; otherwise as the most literal one is refused.

        1.1 has an empty list below a parent that does not exist: a reading that tells something goes before it.
        """
        refusal: OneRosterError | None = None
        empty: HttpResponseBase | None = None
        for route in self.found:
            try:
                answer = self._answer(request, route)
            except OneRosterError as error:
                if error.status not in (403, 404):
                    raise
                refusal = refusal or error
            else:
                if route.version != V1P1 or not route.endpoint.parents or answer.headers["X-Total-Count"] != "0":
                    return answer
                empty = empty or answer
        if empty is not None:
            return empty
        raise refusal or unknown_route(request.path_info)

    def put(self, request: Request) -> HttpResponseBase:
        """Do what the first reading of the path asks that is not refused as unknown or not allowed."""
        refusal: OneRosterError | None = None
        for route in self.found:
            try:
                return self._write(request, route)
            except OneRosterError as error:
                if error.status not in (403, 404):
                    raise
                refusal = refusal or error
        raise refusal or unknown_route(request.path_info)

    post = delete = put

    def options(self, request: Request) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002
        """Tell which methods the endpoint offers."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.plain)})

    def http_method_not_allowed(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:  # type: ignore[override]
        raise method_not_allowed(str(request.method), self.plain)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the answer without keeping it: DRF's view and request hold each other, and go much later than it."""
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        del self.response
        return answer

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Turn every failure into the standard's error body."""
        http_request = self.request._request  # noqa: SLF001
        return refused(http_request, exc)

    def finalize_response(self, request: Any, response: Any, *_args: Any, **_kwargs: Any) -> Any:  # noqa: ARG002
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        return response

    def _answer(self, request: Request, route: Route) -> HttpResponseBase:
        _check_scope(request, route)
        if route.endpoint.kind == "single":
            return self._single(request, route)
        return self._list(request, route)

    def _write(self, request: Request, route: Route) -> HttpResponse:
        _check_scope(request, route)
        grant: Any = request.auth
        if not grant.writes:
            raise unavailable(RETRY)
        http_request = request._request  # noqa: SLF001
        written = import_string(route.endpoint.act)(request.auth, route.endpoint, route.names, http_request)
        headers = {"Content-Length": str(len(written.body))} if written.status != NO_CONTENT else {}
        if written.warnings:
            headers[WARNING] = " ".join(written.warnings)
        return HttpResponse(written.body, status=written.status, headers=headers, content_type="application/json")

    def _single(self, request: Request, route: Route) -> HttpResponseBase:
        resource = route.endpoint.declaration
        asked = parse_single(request.META["QUERY_STRING"], resource, route.version)
        facts: dict[str, Any] = {}
        told = {} if route.endpoint.service in READING else {"facts": facts}
        doc = import_string(_reading(route) + "read_single")(request.auth, route.endpoint, route.names, **told)
        shown = projected_single(doc, resource, route.version, asked.fields)
        call_of(request._request).tells(route.endpoint.operation, records=1, total=1, **facts)  # noqa: SLF001
        answer = answer_single(request._request, shown, resource)  # noqa: SLF001
        return _warned(answer, asked.warnings)

    def _list(self, request: Request, route: Route) -> HttpResponseBase:
        resource = route.endpoint.declaration
        raw = request.META["QUERY_STRING"]
        query = parse_list(raw, resource, route.version)
        page = import_string(_reading(route) + "read_list")(request.auth, route.endpoint, route.names, query)
        return answer_found(request._request, route, query, page).for_django()  # noqa: SLF001


def view(request: HttpRequest) -> HttpResponseBase:
    """Answer any request below /ims/, all of it the short way (shortway.py) leaves.

    Whoever has been told to wait, and does not, is answered before anything else is done.
    """
    wait = call_of(request).known_wait()
    return finished(request, has_to_wait(request, wait) if wait else _whole_way(request))


def finished(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Return the answer; to a connection we know it is logged before any of it is sent."""
    try:
        logged: HttpResponseBase = call_of(request).finished(answer)
    except Exception as error:  # noqa: BLE001 - nobody is sent what the log does not tell of; a fault tells nothing
        return answer if answer.status_code >= FAULT else refused(request, error)
    return logged


_whole_way = OneRosterView.as_view()


def literal(found: Sequence[Route]) -> list[Route]:
    """Return the readings whose ids take the fewest segments; they alone say which methods the address has.

    `PUT /lineItems/x/results` is a method the results of a line item lack, not the line item `x/results`.
    """
    least = min(route.joins for route in found)
    return [route for route in found if route.joins == least]


def offered(found: Sequence[Route]) -> tuple[str, ...]:
    """Return the methods an address has."""
    methods = {route.endpoint.method for route in found}
    heads = {"HEAD"} if "GET" in methods else set()
    return (*(each for each in ("GET", "HEAD", "POST", "PUT", "DELETE") if each in methods | heads), "OPTIONS")


def _check_scope(request: Request, route: Route) -> None:
    grant: Any = request.auth
    call_of(request._request).tells(route.endpoint.operation)  # noqa: SLF001
    scopes = route.endpoint.scopes_in(route.version)
    if grant.version != route.version or not grant.scopes.intersection(scopes):
        raise forbidden(scopes)


def call_of(request: HttpRequest) -> Any:
    """Return the request as the access log will tell it."""
    known = request.__dict__.get("call")
    if known is None:
        known = request.__dict__["call"] = named(CALL)(request)
    return known


def _reading(route: Route) -> str:
    return READING.get(route.endpoint.service, PUBLISHED)


def has_to_wait(request: HttpRequest, wait: Any) -> HttpResponse:
    """Return that the caller has to wait."""
    answer = refused(request, too_many(wait.seconds))
    for name, value in SAFE.items():
        answer.headers[name] = value
    return answer


def answer_found(request: HttpRequest, route: Route, query: Query, page: Any) -> Answer:
    """Return a page of a list with its headers, and tell the log of it."""
    headers = {"X-Total-Count": str(page.total)}
    if link := links(route.url, request.META["QUERY_STRING"], query, page.total):
        headers["Link"] = link
    if request.method == "HEAD":
        answer = Answer(200, ALWAYS | headers)
    else:
        resource = route.endpoint.declaration
        answer = answer_page(request, page, resource, route.version, fields=query.fields, headers=headers)
    sent = request.method != "HEAD" and answer.status_code != NOT_MODIFIED
    call_of(request).tells(
        route.endpoint.operation,
        filter_fields=named(PUBLISHED + "filter_fields")(query),
        offset=query.offset,
        limit=query.limit,
        records=len(page.ids) if sent else 0,
        total=page.total,
        **(getattr(page, "facts", {}) if sent else {}),
    )
    return _warned(answer, query.warnings)


def _warned(answer: Sent, warnings: Sequence[str]) -> Sent:
    """Tell beside the data what 1.1 does not refuse; strict clients reject further keys in the body."""
    if warnings:
        answer.headers[WARNING] = " ".join(warnings)
    return answer


def refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the standard's answer to a failure; what is not a refusal is logged and told as an internal error."""
    request_id = request_id_of(request)
    if isinstance(error, OneRosterError):
        told = error
    elif isinstance(error, CutOff):
        told = unauthorised()
    else:
        told = unavailable() if isinstance(error, OperationalError | InterfaceError | Failed) else internal()
        log.error("request %s failed: %s", request_id, type(error).__name__, exc_info=error)
    version = version_of(request.path_info)
    asked = {"WWW-Authenticate": CHALLENGE[version]} if told.status == UNAUTHORISED else {}
    body = error_body(version, told, request_id)
    return HttpResponse(body, status=told.status, headers=asked | told.headers, content_type="application/json")


def links(url: str, raw: str, query: Query, total: int) -> str:
    """Return the Link header of a page; other parameters are repeated percent-encoded."""
    limit, offset = query.limit, query.offset
    if not limit:
        return ""
    others = [_encoded(pair) for pair in raw.split("&") if not pair.startswith(OURS)]
    page = f"<{url}?{''.join(others)}limit={limit}&offset="
    last = (total - 1) // limit * limit if total else 0
    told = f'{page}0>; rel="first"'
    if offset:
        told += f', {page}{max(0, min(offset - limit, last))}>; rel="prev"'
    if offset + limit < total:
        told += f', {page}{offset + limit}>; rel="next"'
    return f'{told}, {page}{last}>; rel="last"'


def _encoded(pair: str) -> str:
    """Return a parameter percent-encoded, with what parts it from the next; blank for limit and offset."""
    name, _, value = pair.partition("=")
    if not pair or unquote_plus(name) in ("limit", "offset"):
        return ""
    return f"{quote(unquote_plus(name), safe='')}={quote(unquote_plus(value), safe='')}&"
