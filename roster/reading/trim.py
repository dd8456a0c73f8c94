"""What one grant is shown of a published document: references it cannot follow are left out, switches are obeyed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol

import orjson

from connections.grants import Grant
from interop.dates import milliseconds
from interop.oneroster.render import number_text
from interop.oneroster.resource import REGISTRY, V1P1, Field
from roster.reading.scope import tokens_of
from roster.roles import ID_IN_11, ROLES

Reference = tuple[str, str]
Document = dict[str, Any]
COLUMNS = frozenset({"sourcedId", "status", "dateLastModified"})
NO_FIELDS: frozenset[str] = frozenset()
CONTACT_ROLES = frozenset({"guardian", "parent", "relative"})


class Hidden(Protocol):
    """A record's row: `find` holds what is not on the wire too, and is parsed when it is asked for."""

    @property
    def find(self) -> Mapping[str, Any]: ...

    @property
    def modified(self) -> datetime: ...


class Place(NamedTuple):
    """A field that names other records, or holds parts that do (`parts` then); compiled from the declaration."""

    name: str
    target: str
    required: bool
    parts: tuple["Place", ...] = ()


@cache
def places(wire_object: str, version: int) -> tuple[Place, ...]:
    """Return where documents of an object name other records."""
    return _places(REGISTRY[wire_object].fields_in(version), version)


@cache
def _required(wire_object: str, version: int) -> frozenset[str]:
    fields = REGISTRY[wire_object].fields_in(version)
    return COLUMNS | {field.name for field in fields if field.required_in(version)}


@cache
def _texts(wire_object: str, version: int) -> frozenset[str]:
    """Return the fields of plain text, which may be empty."""
    fields = REGISTRY[wire_object].fields_in(version)
    return frozenset(field.name for field in fields if field.kind == "string" and not field.many) - COLUMNS


def _places(fields: Iterable[Field], version: int) -> tuple[Place, ...]:
    found = []
    for field in fields:
        parts = _places([part for part in field.parts if part.exists_in(version)], version)
        if field.kind == "ref" or parts:
            found.append(Place(field.name, field.target or "", field.required_in(version), parts))
    return tuple(found)


@dataclass(frozen=True)
class Trimmer:
    """Trims the documents of one wire object for one grant."""

    object: str
    grant: Grant

    def references(self, doc: Document) -> list[Reference]:
        """Return every (object, sourcedId) the document names."""
        named: list[Reference] = []
        _references(doc, places(self.object, self.grant.version), named)
        return named

    def trim(self, doc: Document, visible: frozenset[Reference], row: Hidden, *, tombstone: bool) -> Document:
        """Return the document as the grant sees it; the row's `find` tells the secondary address and who is what."""
        version = self.grant.version
        seen = self._switches(doc, row) if self.object == "user" else doc
        if tombstone:
            kept, later = _required(self.object, version), self._changed_since_it_left(row)
            blank = _texts(self.object, version) if later else NO_FIELDS
            seen = {key: "" if key in blank else value for key, value in seen.items() if key in kept}
            seen["status"] = "tobedeleted"
        shown = _trimmed(seen, places(self.object, version), visible)
        return _with_ids_of(shown) if self.object == "user" and "metadata" in shown else shown

    def _changed_since_it_left(self, row: Hidden) -> bool:
        """Say whether the record was changed after it left the grant, which is then not told its texts of today."""
        left = row.find.get("_left", {})
        moments = [int(left[token]) for token in tokens_of(self.grant) if token in left]
        return bool(moments) and milliseconds(row.modified) > max(moments)

    def _switches(self, doc: Document, row: Hidden) -> Document:
        shown = dict(doc)
        if self.grant.secondary_email:
            shown.pop("email", None)
            if email := row.find.get("_secondaryEmail"):
                shown["email"] = email
        hidden = hidden_roles(self.grant)
        if not hidden or self.grant.version == V1P1:  # there a guardian is a user of her own, who is not seen
            return shown
        shown["roles"] = [role for role in shown["roles"] if role.get("role") not in hidden]
        if "agents" in shown:
            agents = shown.pop("agents")
            if kept := [agent for agent in agents if self._relates(agent["sourcedId"], row.find)]:
                shown["agents"] = kept
        return shown

    def _relates(self, agent: str, find: Mapping[str, Any]) -> bool:
        """Say whether a relationship to this agent is switched on; all are guardians' unless `find` tells."""
        if "_relatives" not in find:
            return self.grant.guardians
        as_guardian = self.grant.guardians and agent in find.get("_guardians", ())
        return as_guardian or (self.grant.relatives and agent in find["_relatives"])


def _with_ids_of(user: Document) -> Document:
    """Return the user without the 1.1 ids of roles that are not shown."""
    roles = {ID_IN_11 + ROLES.get(role["role"], "") for role in user.get("roles", ())}
    kept = {name: v for name, v in user["metadata"].items() if not name.startswith(ID_IN_11) or name in roles}
    return {name: v for name, v in {**user, "metadata": kept}.items() if name != "metadata" or v}


def hidden_roles(grant: Grant) -> frozenset[str]:
    """Return the contact roles the grant's switches withhold."""
    hidden: frozenset[str] = frozenset()
    if not grant.guardians:
        hidden |= {"guardian", "parent"}
    if not grant.relatives:
        hidden |= {"relative"}
    return hidden


def flatten(doc: Document) -> dict[str, Any]:
    """Return the flat form filters judge: dotted path to text or list of texts, without hrefs and columns."""
    flat: dict[str, Any] = {}
    for key, value in doc.items():
        if key not in COLUMNS:
            (_flatten_metadata if key == "metadata" else _flatten)(key, value, flat)
    return flat


def _flatten_metadata(path: str, value: Any, flat: dict[str, Any]) -> None:
    for name, leaf in value.items():
        key = f"{path}.{name}"
        if isinstance(leaf, dict):
            _flatten_metadata(key, leaf, flat)
        elif leaf is not None:
            flat[key] = ",".join(map(_leaf, leaf)) if isinstance(leaf, list) else _leaf(leaf)


def _leaf(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _flatten(path: str, value: Any, flat: dict[str, Any], *, many: bool = False) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "href":
                _flatten(f"{path}.{key}", part, flat, many=many)
    elif isinstance(value, list):
        for part in value:
            _flatten(path, part, flat, many=True)
    elif many:
        flat.setdefault(path, []).append(_text(value))
    else:
        flat[path] = _text(value)


def _text(value: Any) -> str:
    return number_text(value) if isinstance(value, int | float) else str(value)


def _references(doc: Document, inside: tuple[Place, ...], named: list[Reference]) -> None:
    for name, target, _, parts in inside:
        value = doc.get(name)
        if not value:
            continue
        values = (value,) if isinstance(value, dict) else value
        if target:
            named += [(target, part["sourcedId"]) for part in values]
        else:
            for part in values:
                _references(part, parts, named)


def _trimmed(doc: Document, inside: tuple[Place, ...], visible: frozenset[Reference]) -> Document:
    shown = dict(doc)
    for name, target, required, parts in inside:
        value = doc.get(name)
        if not value:
            continue
        many = isinstance(value, list)
        values = value if many else [value]
        if target:
            kept = [part for part in values if (target, part["sourcedId"]) in visible]
        else:
            kept = [part for part in [_kept(part, parts, visible) for part in values] if part is not None]
        if many and (kept or required):
            shown[name] = kept
        elif kept:
            shown[name] = kept[0]
        else:
            del shown[name]
    return shown


def _kept(part: Document, parts: tuple[Place, ...], visible: frozenset[Reference]) -> Document | None:
    """Return what is left of one value; a part that loses something it must have is no value any more."""
    shown = _trimmed(part, parts, visible)
    if len(shown) < len(part):
        for inner in parts:
            if inner.required and inner.name in part and inner.name not in shown:
                return None
    return shown
