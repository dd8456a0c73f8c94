"""The API as one connection has it, asked from inside: the same answers, but nothing of it counts as the vendor's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from connections.grants import Grant
from interop.oneroster.answers import envelope, projected, projected_single
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.errors import OneRosterError, bad_parameter, error_body, forbidden
from interop.oneroster.query import parse_list, parse_single
from interop.oneroster.reading import links
from interop.oneroster.routes import Route
from roster.endpoints import ENDPOINTS
from roster.reading.pull import filter_fields, read_single, tried_list

_ALWAYS = {"Content-Type": "application/json"}
MOST = 100
"""How many records a page has at most here, where a person reads it."""


@dataclass(frozen=True)
class Answer:
    """What came back: the address asked, status and headers, the body, and its records for a table."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: Any
    filter_fields: tuple[str, ...] = ()

    @property
    def records(self) -> list[Any]:
        """Return the records of a list or the single one; none of a refusal."""
        if self.status != 200:
            return []
        [found] = self.body.values()
        return found if isinstance(found, list) else [found]


def endpoints_of(version: int) -> list[Endpoint]:
    """Return the endpoints a connection of this version can ask, in the order they are declared."""
    return [each for each in ENDPOINTS if each.exists_in(version)]


def ask(grant: Grant, endpoint: Endpoint, names: Mapping[str, str], parameters: Mapping[str, str]) -> Answer:
    """Answer one read as the connection would be answered; `parameters` are those of the query string, unencoded."""
    route = Route(endpoint, dict(names), grant.version)
    raw = urlencode(parameters)
    try:
        headers, body, fields = _answered(grant, route, raw)
    except OneRosterError as refusal:
        body, status, headers, fields = error_body(grant.version, refusal), refusal.status, refusal.headers, ()
    else:
        status = 200
    return Answer(_address(route, raw), status, {**_ALWAYS, **headers}, orjson.loads(body), fields)


def _answered(grant: Grant, route: Route, raw: str) -> tuple[dict[str, str], bytes, tuple[str, ...]]:
    """Return headers and body of a read that is not refused, and the fields its filter names."""
    endpoint, resource = route.endpoint, route.endpoint.declaration
    scopes = endpoint.scopes_in(grant.version)
    if not grant.scopes.intersection(scopes):
        raise forbidden(scopes)
    if endpoint.kind == "single":
        fields = parse_single(raw, resource, grant.version).fields
        shown = projected_single(read_single(grant, endpoint, route.names), resource, grant.version, fields)
        return {"X-Total-Count": "1"}, b'{"%b":%b}' % (resource.single.encode(), shown), ()
    query = parse_list(raw, resource, grant.version)
    if query.limit is None or query.limit > MOST:
        raise bad_parameter("limit", f"the console shows at most {MOST} records at a time.")
    page = tried_list(grant, endpoint, route.names, query)
    headers = {"X-Total-Count": str(page.total)}
    if link := links(route.url, raw, query, page.total):
        headers["Link"] = link
    batches = (projected(batch, resource, grant.version, query.fields) for batch in page.batches())
    return headers, b"".join(envelope(resource.collection, batches)), filter_fields(query)


def _address(route: Route, raw: str) -> str:
    return f"{route.url}?{raw}" if raw else route.url
