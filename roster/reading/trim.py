"""What one grant is shown of a published document: references it cannot follow are left out, switches are obeyed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connections.grants import Grant
from interop.oneroster.render import number_text
from interop.oneroster.resource import Field, Resource

Reference = tuple[str, str]
Document = dict[str, Any]
COLUMNS = frozenset({"sourcedId", "status", "dateLastModified"})
CONTACT_ROLES = frozenset({"guardian", "parent", "relative"})


@dataclass(frozen=True)
class Trimmer:
    """Trims the documents of one resource for one grant."""

    resource: Resource
    grant: Grant

    @property
    def fields(self) -> Sequence[Field]:
        """Return the declared fields in the grant's version."""
        return tuple(self.resource.fields_in(self.grant.version))

    def references(self, doc: Document) -> Iterator[Reference]:
        """Yield every (object, sourcedId) the document names."""
        return _references(doc, self.fields)

    def trim(self, doc: Document, visible: frozenset[Reference], email: str | None, *, tombstone: bool) -> Document:
        """Return the document as the grant sees it; `email` is the person's secondary address."""
        seen = self._switches(doc, email) if self.resource.object == "user" else doc
        if not tombstone:
            return _trimmed(seen, self.fields, visible, self.grant.version)
        version = self.grant.version
        kept = {field.name for field in self.fields if field.required_in(self.grant.version)} | COLUMNS
        short = _trimmed({key: value for key, value in seen.items() if key in kept}, self.fields, visible, version)
        return short | {"status": "tobedeleted"}

    def _switches(self, doc: Document, email: str | None) -> Document:
        shown = dict(doc)
        if self.grant.secondary_email:
            shown.pop("email", None)
            if email and "email" in {field.name for field in self.fields}:
                shown["email"] = email
        hidden = hidden_roles(self.grant)
        if not hidden or "roles" not in shown:
            return shown
        before = {role.get("role") for role in shown["roles"]}
        shown["roles"] = [role for role in shown["roles"] if role.get("role") not in hidden]
        only_hidden = bool(before & hidden) and not before & (CONTACT_ROLES - hidden) and "student" not in before
        if hidden == CONTACT_ROLES or only_hidden:
            shown.pop("agents", None)
        return shown


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


def _references(doc: Document, fields: Sequence[Field]) -> Iterator[Reference]:
    for field in fields:
        value = doc.get(field.name)
        if not value or field.kind not in {"ref", "object"}:
            continue
        for part in value if isinstance(value, list) else [value]:
            if field.kind == "ref":
                yield str(field.target), part["sourcedId"]
            else:
                yield from _references(part, field.parts)


def _trimmed(doc: Document, fields: Sequence[Field], visible: frozenset[Reference], version: int) -> Document:
    shown = dict(doc)
    for field in fields:
        value = doc.get(field.name)
        if not value or field.kind not in {"ref", "object"}:
            continue
        parts = value if isinstance(value, list) else [value]
        kept = [part for part in (_kept(part, field, visible, version) for part in parts) if part is not None]
        if isinstance(value, list) and (kept or field.required_in(version)):
            shown[field.name] = kept
        elif kept:
            shown[field.name] = kept[0]
        else:
            del shown[field.name]
    return shown


def _kept(part: Document, field: Field, visible: frozenset[Reference], version: int) -> Document | None:
    if field.kind == "ref":
        return part if (field.target, part["sourcedId"]) in visible else None
    shown = _trimmed(part, field.parts, visible, version)
    lost = any(inner.required_in(version) and inner.name in part and inner.name not in shown for inner in field.parts)
    return None if lost else shown
