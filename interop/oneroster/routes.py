"""Addresses below /ims/: which endpoint a path means, tolerant of what clients build and of what servers decode.

Some WSGI servers hand over the path decoded only, so a sourcedId with `/` may span several segments: every reading of
the path is offered, the most literal first, and the view takes the first one that exists.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote

from django.http import HttpRequest
from django.utils.module_loading import import_string

from interop.oneroster.endpoints import Endpoint
from interop.oneroster.render import base_path, base_url
from interop.oneroster.resource import V1P1, V1P2, VERSIONS

TABLES = ("roster.endpoints.ENDPOINTS", "gradebook.endpoints.ENDPOINTS", "assessments.endpoints.ENDPOINTS")
SERVICES = frozenset({"rostering", "resources", "gradebook"})
SEGMENTS = {"v1p1": V1P1, "v1p2": V1P2}
MOST_SEGMENTS, MOST_READINGS, LONGEST_ID = 40, 12, 255


@dataclass(frozen=True)
class Route:
    """One reading of a path: the endpoint and the sourcedIds in its braces."""

    endpoint: Endpoint
    names: dict[str, str]
    version: int
    joins: int = 0
    """How many segments beyond one each the sourcedIds take."""

    @property
    def url(self) -> str:
        """Return the absolute address in its plain spelling."""
        path = self.endpoint.path
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return base_url(self.endpoint.service, self.version) + path


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """Return every declared endpoint, of whichever versions."""
    tables: list[Any] = [import_string(name) for name in TABLES]
    return tuple(endpoint for table in tables for endpoint in table)


@cache
def _patterns() -> dict[str, list[tuple[tuple[str, ...], Endpoint]]]:
    """Return the endpoints' paths in segments, by the first one, which is always a word."""
    found: dict[str, list[tuple[tuple[str, ...], Endpoint]]] = {}
    for endpoint in endpoints():
        pattern = tuple(endpoint.path.strip("/").split("/"))
        found.setdefault(pattern[0].lower(), []).append((pattern, endpoint))
    return found


@cache
def _plain_reads() -> dict[str, Route]:
    """Return the lists of each version by their addresses, and its records by theirs up to the sourcedId."""
    found = {}
    for endpoint in endpoints():
        if endpoint.method == "GET" and len(endpoint.parameters) == (endpoint.kind == "single"):
            for version in filter(endpoint.exists_in, VERSIONS):
                path = base_path(endpoint.service, version) + endpoint.path.partition("{")[0]
                found[path] = Route(endpoint, {}, version)
    return found


def plain_read(path: str) -> Route | None:
    """Return the one list or record an address in its plain spelling means; None: ask `routes`."""
    place = path.rfind("/") + 1
    name, reads = path[place:], _plain_reads()
    if not name:
        return None
    if path in reads:
        return reads[path]
    found = reads.get(path[:place])
    if found is None or len(name) > LONGEST_ID or not (name.isascii() and name.isprintable()):
        return None
    return replace(found, names={found.endpoint.parameters[0]: name})


def routes(request: HttpRequest) -> list[Route]:
    """Return the readings of the request's path, the most literal first; none: an unknown route."""
    raw = request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or ""
    if raw.startswith("/"):
        segments = [unquote(part) for part in raw.partition("?")[0].split("/")]
    else:
        segments = request.path_info.split("/")
    return list(islice(_readings(segments), MOST_READINGS))


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


def _readings(segments: Sequence[str]) -> Iterator[Route]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    collapsed = [part for part in segments if part]
    exact = list(segments)
    while exact and not exact[0]:
        exact.pop(0)
    for parts in (collapsed, exact) if exact != collapsed else (exact,):
        version, rest = _below_service(parts)
        if not 0 < len(rest) <= MOST_SEGMENTS:
            continue
        found = [
            (sum(value.count("/") for value in values), pattern, values, endpoint)
            for pattern, endpoint in _patterns().get(rest[0].lower(), ())
            if endpoint.exists_in(version)
            for values in islice(_match(pattern, rest), MOST_READINGS)
        ]
        for _, pattern, values, endpoint in sorted(found, key=lambda each: (each[0], -len(each[1]))):
            key = (endpoint.operation, values)
            if key not in seen and all(len(value) <= LONGEST_ID and "\0" not in value for value in values):
                seen.add(key)
                names = dict(zip(endpoint.parameters, values, strict=True))
                yield Route(endpoint, names, version, len(rest) - len(pattern))


def version_of(path: str) -> int:
    """Return the version an address speaks, also one that is no endpoint."""
    return _below_service([part for part in path.split("/") if part])[0]


def of_later_version(path: str) -> bool:
    """Return whether an address of 1.1 is that of an endpoint only 1.2 has."""
    version, rest = _below_service([part for part in path.split("/") if part])
    later = _patterns().get(rest[0].lower(), ()) if version == V1P1 and rest else ()
    return any(endpoint.since > version and any(True for _ in _match(pattern, rest)) for pattern, endpoint in later)


def _below_service(parts: Sequence[str]) -> tuple[int, list[str]]:
    """Return the version (1.2 when none is named) and what follows the service's address; doubled bases count once.

    In 1.1 all services share one address; the name of one before it is accepted.
    """
    rest, version = list(parts), V1P2
    if rest[:2] != ["ims", "oneroster"]:
        return version, []
    while True:
        if rest[:2] == ["ims", "oneroster"]:
            rest = rest[2:]
        elif rest[1:] and rest[0] in SERVICES and rest[1] in SEGMENTS:
            version, rest = SEGMENTS[rest[1]], rest[2:]
        elif rest and SEGMENTS.get(rest[0]) == V1P1:
            version, rest = V1P1, rest[1:]
        else:
            return version, rest


def _match(pattern: Sequence[str], parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the values of the pattern's braces, shorter ids first."""
    if not pattern:
        if not parts:
            yield ()
        return
    head, *tail = pattern
    if not head.startswith("{"):
        if parts and parts[0].lower() == head.lower():
            yield from _match(tail, parts[1:])
        return
    for size in range(1, len(parts) - len(tail) + 1):
        value = "/".join(parts[:size])
        if value:
            for rest in _match(tail, parts[size:]):
                yield (value, *rest)
