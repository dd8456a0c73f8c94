"""The one view behind every OneRoster endpoint that reads published records."""

import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote_plus

import orjson
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from interop.oneroster.errors import (
    OneRosterError,
    error_body,
    forbidden,
    internal,
    method_not_allowed,
    unavailable,
    unknown_route,
)
from interop.oneroster.middleware import request_id_of
from interop.oneroster.negotiation import JsonNegotiation
from interop.oneroster.query import Query, parse_list, parse_single
from interop.oneroster.render import project
from interop.oneroster.routes import VERSION, Route, routes

AUTHENTICATION = "connections.authentication.BearerAuthentication"
RECORD_READ = "connections.access.record_read"
READING = "roster.reading.pull."
METHODS = ("GET", "HEAD", "OPTIONS")
IN_ONE_PIECE, PIECE = 1000, 256 * 1024
GZIP = 31
log = logging.getLogger("interop.oneroster")


class ReadView(APIView):
    """Answers every reading endpoint from `routes`: grant, scope, query, page."""

    content_negotiation_class = JsonNegotiation
    renderer_classes = (JSONRenderer,)
    permission_classes = ()
    throttle_classes = ()
    found: list[Route]

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [import_string(AUTHENTICATION)()]

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.found = routes(request._request)  # noqa: SLF001
        if not self.found:
            raise unknown_route(request.path_info)
        if request.method not in METHODS:
            raise method_not_allowed(str(request.method), METHODS)
        if request.method != "OPTIONS":
            super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> HttpResponseBase:
        """Answer the first reading of the path that exists; otherwise as the most literal one is refused."""
        refusal: OneRosterError | None = None
        for route in self.found:
            try:
                return self._answer(request, route)
            except OneRosterError as error:
                if error.status not in (403, 404):
                    raise
                refusal = refusal or error
        raise refusal or unknown_route(request.path_info)

    def options(self, request: Request) -> HttpResponse:  # type: ignore[override]  # noqa: ARG002
        """Tell which methods the endpoint offers."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)})

    def http_method_not_allowed(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:  # type: ignore[override]
        raise method_not_allowed(str(request.method), METHODS)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        """Turn every failure into the standard's error body."""
        http_request = self.request._request  # noqa: SLF001
        return refused(http_request, exc)

    def finalize_response(self, request: Any, response: Any, *_args: Any, **_kwargs: Any) -> Any:  # noqa: ARG002
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _answer(self, request: Request, route: Route) -> HttpResponseBase:
        grant: Any = request.auth
        endpoint = route.endpoint
        scopes = endpoint.scopes_in(VERSION)
        if grant.version != VERSION or not grant.scopes.intersection(scopes):
            raise forbidden(scopes)
        if endpoint.kind == "single":
            return self._single(request, route)
        return self._list(request, route)

    def _single(self, request: Request, route: Route) -> HttpResponseBase:
        resource = route.endpoint.declaration
        fields = parse_single(request.META["QUERY_STRING"], resource, VERSION)
        doc = import_string(READING + "read_single")(request.auth, route.endpoint, route.names)
        [shown] = _projected([doc], route, fields)
        self._record(request, route, records=1, total=1)
        body = b'{"%b":%b}' % (resource.single.encode(), shown)
        return respond(request._request, [body], {"X-Total-Count": "1"}, streamed=False)  # noqa: SLF001

    def _list(self, request: Request, route: Route) -> HttpResponseBase:
        resource = route.endpoint.declaration
        raw = request.META["QUERY_STRING"]
        query = parse_list(raw, resource, VERSION)
        page = import_string(READING + "read_list")(request.auth, route.endpoint, route.names, query)
        self._record(request, route, records=len(page.ids), total=page.total, query=query)
        headers = {"X-Total-Count": str(page.total)}
        link = links(route.url, raw, query, page.total)
        if link:
            headers["Link"] = link
        if request.method == "HEAD":
            return respond(request._request, [], headers, streamed=False)  # noqa: SLF001
        batches = (_projected(batch, route, query.fields) for batch in page.batches())
        pieces = envelope(resource.collection, batches)
        return respond(request._request, pieces, headers, streamed=len(page.ids) > IN_ONE_PIECE)  # noqa: SLF001

    def _record(self, request: Request, route: Route, *, records: int, total: int, query: Query | None = None) -> None:
        import_string(RECORD_READ)(
            request.auth,
            route.endpoint.operation,
            filter_fields=import_string(READING + "filter_fields")(query) if query else (),
            offset=query.offset if query else None,
            limit=query.limit if query else None,
            records=records,
            total=total,
            status=200,
            request_id=request_id_of(request._request),  # noqa: SLF001
            address=request.META.get("REMOTE_ADDR", ""),
        )


def refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the standard's answer to a failure; what is not a refusal is logged and told as an internal error."""
    request_id = request_id_of(request)
    if isinstance(error, OneRosterError):
        told = error
    else:
        told = unavailable() if isinstance(error, OperationalError) else internal()
        log.error("request %s failed: %s", request_id, type(error).__name__, exc_info=error)
    body = error_body(VERSION, told, request_id)
    return HttpResponse(body, status=told.status, headers=told.headers, content_type="application/json")


def envelope(collection: str, batches: Iterable[list[bytes]]) -> Iterator[bytes]:
    """Yield the answer's bytes: the documents of each batch joined below the collection's name."""
    start = b'{"%b":[' % collection.encode()
    for batch in batches:
        if batch:
            yield start + b",".join(batch)
            start = b","
    yield b"]}" if start == b"," else start + b"]}"


def respond(
    request: HttpRequest, pieces: Iterable[bytes], headers: dict[str, str], *, streamed: bool
) -> HttpResponseBase:
    """Return the bytes as one answer or in pieces, packed when the client takes gzip."""
    headers = headers | {"Vary": "Accept-Encoding"}
    if _takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")) and request.method != "HEAD":
        headers["Content-Encoding"] = "gzip"
        pieces = _packed(pieces)
    if streamed:
        return StreamingHttpResponse(_cut(pieces), headers=headers, content_type="application/json")
    return HttpResponse(b"".join(pieces), headers=headers, content_type="application/json")


def links(url: str, raw: str, query: Query, total: int) -> str:
    """Return the Link header of a page; other parameters are repeated percent-encoded."""
    if not query.limit:
        return ""
    kept = []
    for pair in filter(None, raw.split("&")):
        name, _, value = pair.partition("=")
        if unquote_plus(name) not in ("limit", "offset"):
            kept.append(f"{quote(unquote_plus(name), safe='')}={quote(unquote_plus(value), safe='')}")
    base = "&".join([*kept, f"limit={query.limit}"])
    last = (total - 1) // query.limit * query.limit if total else 0
    offsets = {"first": 0, "last": last}
    if query.offset:
        offsets["prev"] = max(0, min(query.offset - query.limit, last))
    if query.offset + query.limit < total:
        offsets["next"] = query.offset + query.limit
    order = [name for name in ("first", "prev", "next", "last") if name in offsets]
    return ", ".join(f'<{url}?{base}&offset={offsets[name]}>; rel="{name}"' for name in order)


def _projected(batch: list[bytes], route: Route, fields: tuple[str, ...] | None) -> list[bytes]:
    if fields is None:
        return batch
    resource = route.endpoint.declaration
    return [orjson.dumps(project(orjson.loads(doc), resource, VERSION, fields)) for doc in batch]


def _takes_gzip(accept: str) -> bool:
    for entry in accept.lower().split(","):
        name, _, parameters = entry.partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, GZIP)
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), PIECE):
            yield piece[start : start + PIECE]


view: Callable[..., HttpResponseBase] = ReadView.as_view()
