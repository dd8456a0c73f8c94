"""Facts in, JSON bytes out: one encoder per object and version, compiled from the declaration."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from django.conf import settings

from .resource import COMMON, REGISTRY, V1P1, Field, Resource

Find = dict[str, Any]
Write = Callable[[Any, Find], Any]
Encode = Callable[[str, str, bytes, Mapping[str, Any]], "Rendered"]
Row = Sequence[Any]

_plain = re.compile(r"[A-Za-z0-9_.~-]+").fullmatch
REMEMBERED = 16_384
"""References kept ready by each place that writes them: the same schools, classes and people come again and again."""
READY = 1_024
"""Values of a column kept ready: each process that answers vendors keeps them for good."""
_TEXTS = frozenset({"string", "enum"})
_LONG = frozenset({"string", "object", "metadata"})
_HEAD = frozenset(field.name for field in COMMON)


class Rendered(NamedTuple):
    """A record ready to store: its JSON, the digest of what it says, and its values by path."""

    doc: bytes
    digest: bytes
    find: dict[str, str | list[str]]


@lru_cache(maxsize=1024)
def stamp(moment: datetime) -> str:
    """A moment as the wire writes it: UTC, three digits, Z."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def number_text(value: float) -> str:
    """A number's one spelling in `find`."""
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def base_path(service: str, version: int) -> str:
    """The path of a service; 1.1 has one for all."""
    return "/ims/oneroster/v1p1" if version == V1P1 else f"/ims/oneroster/{service}/v1p2"


def base_url(service: str, version: int) -> str:
    """The absolute address of a service."""
    return _base_url(settings.PUBLIC_URL, service, version)


@lru_cache(maxsize=64)
def _base_url(public_url: str, service: str, version: int) -> str:
    return public_url.rstrip("/") + base_path(service, version)


def href(resource: Resource, version: int, sourced_id: str) -> str:
    """The absolute address of one object."""
    quoted = sourced_id if _plain(sourced_id) else quote(sourced_id, safe="")
    return f"{base_url(resource.service, version)}/{resource.path}/{quoted}"


def encode(resource: Resource, version: int, facts: Mapping[str, Any]) -> Rendered:
    """Render one object; the digest leaves out dateLastModified."""
    write = encoder(resource, version)
    return write(facts["sourcedId"], facts["status"], stamp(facts["dateLastModified"]).encode(), facts)


def encoder(resource: Resource, version: int) -> Encode:
    """Return what renders objects of one kind: sourcedId, status, the stamp of dateLastModified and all other facts."""
    return _encoder(resource, version, settings.PUBLIC_URL)


def row_encoder(resource: Resource, version: int, names: tuple[str, ...]) -> Callable[[Row, bytes], bytes]:
    """Return what writes rows whose columns have these names, and the stamp of dateLastModified, as the same documents;
    for rows that nobody looks for by what their documents say.
    """
    return _row_encoder(resource, version, names, settings.PUBLIC_URL)


def projector(
    resource: Resource, version: int, fields: tuple[str, ...]
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what makes the document with the named fields only (dotted names keep just that part)."""
    wanted: dict[str, list[str]] = {}
    for path in fields:
        name, _, rest = path.partition(".")
        wanted.setdefault(name, []).append(rest)
    names = [field.name for field in resource.fields_in(version) if field.name in wanted]
    if all("" in rests for rests in wanted.values()):
        return lambda doc: {name: doc[name] for name in names if name in doc}
    return lambda doc: {name: _narrow(doc[name], wanted[name]) for name in names if name in doc}


def _narrow(value: Any, paths: list[str]) -> Any:
    if "" in paths:
        return value
    if isinstance(value, list):
        return [_narrow(each, paths) for each in value]
    if not isinstance(value, Mapping):
        return value
    kept: dict[str, Any] = {}
    for path in paths:
        name, _, rest = (path, "", "") if path in value else path.partition(".")
        if name in value:
            kept.setdefault(name, []).append(rest)
    return {name: _narrow(value[name], rests) for name, rests in kept.items()}


@lru_cache(maxsize=256)
def _encoder(
    resource: Resource,
    version: int,
    public_url: str,  # noqa: ARG001  (part of the key: every href begins with it)
) -> Encode:
    fields = tuple(field for field in resource.fields_in(version) if field.name not in _HEAD)
    write_object, dumps = _object_encoder(fields, version, ""), orjson.dumps

    def encode_object(sourced_id: str, status: str, at: bytes, facts: Mapping[str, Any]) -> Rendered:
        find: Find = {}
        body = dumps(write_object(facts, find))
        head = b'{"sourcedId":%b,"status":"%b"' % (dumps(sourced_id), status.encode())
        tail = b"}" if body == b"{}" else b"," + body[1:]
        doc = b'%b,"dateLastModified":"%b"%b' % (head, at, tail)
        return Rendered(doc, blake2b(head + tail, digest_size=16).digest(), find)

    return encode_object


@lru_cache(maxsize=256)
def _row_encoder(
    resource: Resource,
    version: int,
    names: tuple[str, ...],
    public_url: str,  # noqa: ARG001  (as above)
) -> Callable[[Row, bytes], bytes]:
    fields = [field for field in resource.fields_in(version) if field.name not in _HEAD]
    pieces = [(names.index(field.name), _piece(field, version)) for field in fields if field.name in names]
    absent = b"".join(_piece(field, version)(None) for field in fields if field.name not in names)
    dumps, join = orjson.dumps, b"".join
    sourced_id, status = names.index("sourcedId"), names.index("status")

    def encode_row(row: Row, at: bytes) -> bytes:
        body = join([piece(row[place]) for place, piece in pieces])
        head = dumps(row[sourced_id]), row[status].encode(), at
        return b'{"sourcedId":%b,"status":"%b","dateLastModified":"%b"' % head + body + absent + b"}"

    return encode_row


def _piece(field: Field, version: int) -> Callable[[Any], bytes]:
    """Return what writes one field with its name; what comes again and again is kept ready."""
    before, blank = b"%b:" % orjson.dumps(field.name), _blank(field, version)
    empty = b"" if blank is None else b",%b%b" % (before, orjson.dumps(blank))
    write, dumps = _writer(field, version, field.name), orjson.dumps

    def piece(value: Any) -> bytes:
        if value or value is False or value == 0:
            return b",%b%b" % (before, dumps(write(value, {})))
        return empty

    return piece if field.many or field.kind in _LONG else lru_cache(maxsize=READY)(piece)


def _object_encoder(
    fields: tuple[Field, ...], version: int, prefix: str
) -> Callable[[Mapping[str, Any], Find], dict[str, Any]]:
    """Return what writes an object; a plain text it writes itself, which is most of what there is to write."""
    plan = [
        (
            field.name,
            prefix + field.name,
            _blank(field, version),
            field.kind in _TEXTS and not field.many,
            _writer(field, version, prefix + field.name),
        )
        for field in fields
    ]

    def write_object(facts: Mapping[str, Any], find: Find) -> dict[str, Any]:
        out: dict[str, Any] = {}
        get = facts.get
        for name, path, blank, is_text, write in plan:
            value = get(name)
            if value or value is False or value == 0:
                if is_text and type(value) is str:
                    out[name] = find[path] = value
                else:
                    out[name] = write(value, find)
            elif blank is not None:
                out[name] = blank
                if blank == "":
                    find[path] = ""
        return out

    return write_object


def _blank(field: Field, version: int) -> str | list[Any] | None:
    """What a required field without a value is written as; None leaves it out."""
    if not field.required_in(version):
        return None
    if field.many:
        return []
    return "" if field.kind == "string" else None


def _writer(field: Field, version: int, path: str) -> Write:
    if field.kind == "ref":
        return _ref_writer(field, version, f"{path}.sourcedId")
    if field.kind == "object":
        return _object_writer(field, version, path)
    if field.kind == "metadata":
        return lambda value, find: _metadata(value, find, path)
    convert = _converter(field.kind)
    if field.kind == "float":
        return _number_writer(path)
    if field.many:

        def write_many(values: Any, find: Find) -> list[str]:
            find[path] = [convert(value) for value in values]
            return list(find[path])

        return write_many

    def write_one(value: Any, find: Find) -> str:
        find[path] = text = convert(value)
        return text

    return write_one


def _converter(kind: str) -> Callable[[Any], str]:
    if kind == "boolean":
        return lambda value: value if isinstance(value, str) else ("true" if value else "false")
    if kind == "date":
        return _date_text
    if kind == "datetime":
        return lambda value: value if isinstance(value, str) else stamp(value)
    return str


@lru_cache(maxsize=4096)
def _date_text(value: date | str) -> str:
    if isinstance(value, str):
        return value
    return (value.date() if isinstance(value, datetime) else value).isoformat()


def _number_writer(path: str) -> Write:
    def write(value: Any, find: Find) -> Any:
        find[path] = number_text(value)
        return float(value)

    return write


def _ref_writer(field: Field, version: int, path: str) -> Write:
    target = REGISTRY[field.target or ""]
    start, kind = href(target, version, ""), field.target
    before = orjson.dumps({"href": start})[:-2].decode()

    @lru_cache(maxsize=REMEMBERED)
    def ref(sourced_id: str) -> orjson.Fragment:
        if _plain(sourced_id):  # nothing in it has to be escaped
            return orjson.Fragment(f'{before}{sourced_id}","sourcedId":"{sourced_id}","type":"{kind}"}}')
        quoted = quote(sourced_id, safe="")
        return orjson.Fragment(orjson.dumps({"href": start + quoted, "sourcedId": sourced_id, "type": kind}))

    def write_one(value: str, find: Find) -> orjson.Fragment:
        find[path] = value
        return ref(value)

    def write_many(values: list[str], find: Find) -> list[orjson.Fragment]:
        find[path] = list(values)
        return [ref(value) for value in values]

    return write_many if field.many else write_one


def _object_writer(field: Field, version: int, path: str) -> Write:
    parts = tuple(part for part in field.parts if part.exists_in(version))
    if not field.many:
        return _object_encoder(parts, version, f"{path}.")
    write_part = _object_encoder(parts, version, f"{path}.")

    def write_many(values: list[Mapping[str, Any]], find: Find) -> list[dict[str, Any]]:
        out = []
        for value in values:
            own: Find = {}
            out.append(write_part(value, own))
            for name, text in own.items():
                find.setdefault(name, []).extend(text if isinstance(text, list) else (text,))
        return out

    return write_many


def _metadata(value: Any, find: Find, path: str) -> Any:
    """Metadata goes out as it is; in `find` every leaf is one text, a list its members joined by commas."""
    for name, leaf in value.items():
        key = f"{path}.{name}"
        if isinstance(leaf, Mapping):
            _metadata(leaf, find, key)
        elif leaf is not None:
            find[key] = ",".join(map(_leaf, leaf)) if isinstance(leaf, list) else _leaf(leaf)
    return {name: leaf for name, leaf in value.items() if leaf is not None}


def _leaf(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
