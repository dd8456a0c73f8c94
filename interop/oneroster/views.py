"""The one view behind every OneRoster endpoint: published records and live rows are read, live rows written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from interop.oneroster.answers import SAFE
from interop.oneroster.errors import (
    OneRosterError,
    later_version,
    method_not_allowed,
    too_many,
    unavailable,
    unknown_route,
)
from interop.oneroster.negotiation import JsonNegotiation
from interop.oneroster.reading import WARNING, call_of, check_scope, read
from interop.oneroster.refusals import refused
from interop.oneroster.resource import V1P1, V1P2
from interop.oneroster.routes import Route, literal, of_later_version, offered, routes, version_of

AUTHENTICATION = "connections.authentication.{}Authentication"
ASKERS = {V1P1: ("Signature", "Bearer"), V1P2: ("Bearer",)}
"""Who may ask in which version: signed requests are of 1.1 alone."""
NO_CONTENT, FAULT = 204, 500
RETRY = 300
"""Seconds after which it is worth asking again while the district takes no writes."""


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
        """Answer the readings of the path."""
        return read(request._request, self.found, request.auth).for_django()  # noqa: SLF001

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

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """Turn every failure into the standard's error body."""
        return refused(self.request._request, exc).for_django()  # noqa: SLF001

    def finalize_response(self, request: Any, response: Any, *_args: Any, **_kwargs: Any) -> Any:  # noqa: ARG002
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        return response

    def _write(self, request: Request, route: Route) -> HttpResponse:
        grant: Any = request.auth
        http_request = request._request  # noqa: SLF001
        check_scope(http_request, route, grant)
        if not grant.writes:
            raise unavailable(RETRY)
        written = import_string(route.endpoint.act)(grant, route.endpoint, route.names, http_request)
        headers = {"Content-Length": str(len(written.body))} if written.status != NO_CONTENT else {}
        if written.warnings:
            headers[WARNING] = " ".join(written.warnings)
        return HttpResponse(written.body, status=written.status, headers=headers, content_type="application/json")


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
        return answer if answer.status_code >= FAULT else refused(request, error).for_django()
    return logged


_whole_way = OneRosterView.as_view()


def has_to_wait(request: HttpRequest, wait: Any) -> HttpResponseBase:
    """Return that the caller has to wait."""
    return refused(request, too_many(wait.seconds)).for_django()
