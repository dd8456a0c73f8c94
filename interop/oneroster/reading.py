"""What a GET of an endpoint answers whoever has been let in, by whichever way the request came."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import quote, unquote_plus

from django.http import HttpRequest
from django.utils.module_loading import import_string

from interop.oneroster.answers import ALWAYS, Answer, answer_page, answer_single, projected_single
from interop.oneroster.errors import OneRosterError, forbidden, unknown_route
from interop.oneroster.query import Query, parse_list, parse_single
from interop.oneroster.resource import V1P1
from interop.oneroster.routes import Route

CALL = "connections.access.Call"
READING = {"gradebook": "gradebook.reading.pull."}
PUBLISHED = "roster.reading.pull."
"""Who reads: published records, and for services of live rows somebody else."""
WARNING = "X-OneRoster-Warning"
NOT_MODIFIED = 304
OURS = ("limit=", "offset=")
"""What a page's links say anew, as it is spelt nearly always."""
named = cache(import_string)
"""What an app gives, by its name; looked up once, for what every page asks."""


def call_of(request: HttpRequest) -> Any:
    """Return the request as the access log will tell it."""
    known = request.__dict__.get("call")
    if known is None:
        known = request.__dict__["call"] = named(CALL)(request)
    return known


def read(request: HttpRequest, found: Sequence[Route], grant: Any) -> Answer:
    """Answer the first reading of the path that exists; otherwise as the most literal one is refused.

    1.1 has an empty list below a parent that does not exist: a reading that tells something goes before it. Raises
    OneRosterError for what the standard refuses.
    """
    refusal: OneRosterError | None = None
    empty: Answer | None = None
    for route in found:
        try:
            answer = _read(request, route, grant)
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


def _read(request: HttpRequest, route: Route, grant: Any) -> Answer:
    check_scope(request, route, grant)
    return (_single if route.endpoint.kind == "single" else _list)(request, route, grant)


def check_scope(request: HttpRequest, route: Route, grant: Any) -> None:
    """Raise the standard's 403 unless the grant is of the endpoint's version and has one of its scopes."""
    call_of(request).tells(route.endpoint.operation)
    scopes = route.endpoint.scopes_in(route.version)
    if grant.version != route.version or not grant.scopes.intersection(scopes):
        raise forbidden(scopes)


def _single(request: HttpRequest, route: Route, grant: Any) -> Answer:
    resource = route.endpoint.declaration
    asked = parse_single(request.META["QUERY_STRING"], resource, route.version)
    facts: dict[str, Any] = {}
    told = {} if route.endpoint.service in READING else {"facts": facts}
    doc = import_string(_reading(route) + "read_single")(grant, route.endpoint, route.names, **told)
    shown = projected_single(doc, resource, route.version, asked.fields)
    call_of(request).tells(route.endpoint.operation, records=1, total=1, **facts)
    return _warned(answer_single(request, shown, resource), asked.warnings)


def _list(request: HttpRequest, route: Route, grant: Any) -> Answer:
    query = parse_list(request.META["QUERY_STRING"], route.endpoint.declaration, route.version)
    page = import_string(_reading(route) + "read_list")(grant, route.endpoint, route.names, query)
    return answer_found(request, route, query, page)


def _reading(route: Route) -> str:
    return READING.get(route.endpoint.service, PUBLISHED)


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


def _warned(answer: Answer, warnings: Sequence[str]) -> Answer:
    """Tell beside the data what 1.1 does not refuse; strict clients reject further keys in the body."""
    if warnings:
        answer.headers[WARNING] = " ".join(warnings)
    return answer


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
