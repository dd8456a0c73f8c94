"""Query parameters: the raw query string in, one frozen value out, or a 400 that names the parameter."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import orjson

from .errors import OneRosterError, bad_fields, bad_filter, bad_parameter, blank_fields
from .filters import And, Comparison, Node, Or, parse_filter
from .resource import V1P1, Resource

DEFAULT_LIMIT = 100
KNOWN = ("limit", "offset", "sort", "orderBy", "filter", "fields")
MOST_PAIRS = 100
SHORT = 200
"""Characters of a query that is worth remembering: vendors ask the same ones all day."""
_digits = re.compile(r"[0-9]{1,10}").fullmatch
_broken = re.compile(r"%(?![0-9A-Fa-f]{2})").search
_control = re.compile(r"[\x00-\x1f\x7f]").search


@dataclass(frozen=True)
class Query:
    """What a list request asks. `limit` None means everything; `canonical` stands for sort, order and filter.

    `warnings` are sentences on what 1.1 has to pass over (OneRoster 1.1 §3.4): unknown fields to sort by or select.
    """

    limit: int | None
    offset: int
    sort: str | None
    descending: bool
    where: Node | None
    fields: tuple[str, ...] | None
    canonical: bytes
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a request for one object asks: the fields, None for all of them."""

    fields: tuple[str, ...] | None
    warnings: tuple[str, ...] = ()


def parse_list(raw: str, resource: Resource, version: int) -> Query:
    """Read the query string of a list request."""
    return (_remembered if len(raw) <= SHORT else _parsed)(raw, resource, version)


def _parsed(raw: str, resource: Resource, version: int) -> Query:
    given, fields = _read(raw)
    limit = given.get("limit", str(DEFAULT_LIMIT)).strip()
    sort = given.get("sort", "").strip() or None
    warnings: tuple[str, ...] = ()
    if sort and not _sortable(sort, resource, version):
        if version == V1P1:
            warnings = (f"invalid_sort_field: {resource.object} cannot be sorted by {_shown(sort)}; default order.",)
        sort = None
    order = given.get("orderBy", "").strip().lower() or "asc"
    if order not in ("asc", "desc"):
        raise bad_parameter("orderBy", "use asc or desc.")
    text = given.get("filter")
    if text is not None and not text.strip():
        raise bad_filter("The filter is blank; leave the parameter out or write one, like status='active'.")
    where = parse_filter(text, resource, version) if text is not None else None
    descending = order == "desc" and sort is not None
    asked = _fields(fields, resource, version)
    return Query(
        limit=None if limit == "-1" else _number("limit", limit),
        offset=_number("offset", given.get("offset", "0").strip()),
        sort=sort,
        descending=descending,
        where=where,
        fields=asked.fields,
        canonical=canonical(sort, where, descending=descending),
        warnings=(*warnings, *asked.warnings),
    )


_remembered = lru_cache(maxsize=1024)(_parsed)


def parse_single(raw: str, resource: Resource, version: int) -> Asked:
    """Read the query string of a request for one object: only `fields` counts."""
    _, fields = _read(raw)
    return _fields(fields, resource, version)


def canonical(sort: str | None, where: Node | None, *, descending: bool) -> bytes:
    """One spelling for all queries that ask the same."""
    return orjson.dumps([sort, descending, None if where is None else _tree(where)])


def _tree(node: Node) -> list[object]:
    if isinstance(node, Comparison):
        return [node.path, node.op, node.value]
    return ["and" if isinstance(node, And) else "or", *map(_tree, node.nodes)]


def _read(raw: str) -> tuple[dict[str, str], list[str] | None]:
    """The known parameters, and every `fields`."""
    given: dict[str, str] = {}
    fields: list[str] | None = None
    pairs = raw.split("&", MOST_PAIRS)
    if len(pairs) > MOST_PAIRS:
        raise bad_parameter("query", f"it has more than {MOST_PAIRS} parts.")
    for pair in pairs:
        name, _, value = pair.partition("=")
        name = _decode("query", name)
        if name not in KNOWN:
            continue
        value = _decode(name, value)
        if name == "fields":
            fields = [*(fields or []), value]
        elif name in given:
            raise bad_parameter(name, "it is given more than once.")
        else:
            given[name] = value
    return given, fields


def _decode(name: str, text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    if _broken(text):
        raise _refuse(name, "a percent sign is followed by two hexadecimal digits; write a plain one as %25.")
    try:
        decoded = unquote_to_bytes(text.replace("+", " ").encode()).decode()
    except UnicodeError:
        raise _refuse(name, "it is not UTF-8.") from None
    if _control(decoded):
        raise _refuse(name, "it contains control characters; remove them.")
    return decoded


def _refuse(name: str, description: str) -> OneRosterError:
    if name == "filter":
        return bad_filter(f"The filter is not usable: {description}")
    return bad_parameter(name, description)


def _number(name: str, text: str) -> int:
    if not _digits(text):
        wanted = "a number from 0, or -1 for everything" if name == "limit" else "a number from 0"
        raise bad_parameter(name, f"use {wanted}, in plain digits (at most ten).")
    return int(text)


def _sortable(path: str, resource: Resource, version: int) -> bool:
    field = resource.field(path, version)
    return field is not None and field.kind not in ("ref", "object", "metadata")


def _fields(given: list[str] | None, resource: Resource, version: int) -> Asked:
    """Return the fields to show; an unknown one is refused, in 1.1 passed over together with the whole selection."""
    if given is None:
        return Asked(None)
    names = [name.strip() for value in given for name in value.split(",")]
    if not all(names):
        raise blank_fields(version)
    for name in names:
        if resource.field(name, version) is None:
            if version == V1P1:
                return Asked(
                    None, (f"invalid_selection_field: {resource.object} has no field {_shown(name)}; all sent.",)
                )
            raise bad_fields(f"There is no field {name[:80]!r} in {resource.object}; see the API documentation.")
    return Asked(tuple(dict.fromkeys(names)))


def _shown(name: str) -> str:
    """Return a name as a header can repeat it."""
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in name[:80])


__all__ = [
    "DEFAULT_LIMIT",
    "And",
    "Asked",
    "Comparison",
    "Node",
    "Or",
    "Query",
    "canonical",
    "parse_list",
    "parse_single",
]
