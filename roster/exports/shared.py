"""A package of what one connection sees: its published records, flattened into the columns of the CSV binding."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import md5
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from connections.grants import Grant, grant_of
from connections.models import Connection
from interop.oneroster.csv import FILES, header
from interop.progress import Bar
from roster.exports.package import BATCH, one_moment, write
from roster.reading.records import by_id
from roster.reading.scope import SENT, in_scope, live

Document = Mapping[str, Any]
# file → (wire object, list in its document that makes the rows; blank: the document is the row)
FROM: dict[str, tuple[str, str]] = {
    "orgs": ("org", ""),
    "academicSessions": ("academicSession", ""),
    "courses": ("course", ""),
    "classes": ("class", ""),
    "users": ("user", ""),
    "roles": ("user", "roles"),
    "enrollments": ("enrollment", ""),
    "demographics": ("demographics", ""),
    "resources": ("resource", ""),
    "classResources": ("class", "resources"),
    "courseResources": ("course", "resources"),
    "userResources": ("user", "resources"),
}
RENAMED = {
    "preferredGivenName": "preferredFirstName",
    "preferredFamilyName": "preferredLastName",
}
OLD_ROLES = {
    "districtAdministrator": "administrator", "siteAdministrator": "administrator", "principal": "administrator",
    "systemAdministrator": "administrator", "counselor": "aide",
}  # fmt: skip


class NothingShared(Exception):
    """There is no such connection, or nothing it may see now; the message says which."""


def grant_to(number: int) -> Grant:
    """Return what a connection may see now, as a request with all its scopes would; raise NothingShared."""
    found = Connection.objects.filter(pk=number).first()
    if found is None:
        raise NothingShared(f"There is no connection {number}.")
    if not found.enabled or (found.expires_at and found.expires_at <= timezone.now()):
        raise NothingShared(f"Connection {number} is disabled or expired: it sees nothing.")
    return grant_of(found)


def write_shared(path: Path, version: int, grant: Grant, bar: Bar) -> dict[str, int]:
    """Write what the grant sees as a bulk package: active records only, for what a bulk file leaves out is gone."""
    with one_moment():
        view = _View(grant)
        sizes = {file: len(view.ids(FROM[file][0])) for file in FILES[version] if file in FROM and view.has(file)}
        return write(path, version, sizes, lambda file: view.rows(version, file), bar)


class _View:
    """What one grant sees, as documents and as rows of CSV files."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self._ids: dict[str, list[int]] = {}

    def ids(self, wire_object: str) -> list[int]:
        """Return the numbers of the active records of one kind in the order of their sourcedIds."""
        if wire_object not in self._ids:
            self._ids[wire_object] = self._select(wire_object)
        return self._ids[wire_object]

    def _select(self, wire_object: str) -> list[int]:
        if wire_object == "demographics" and not self.grant.demographics:
            return []
        kind, kind_values = live(self.grant.version, wire_object)
        scope, scope_values = in_scope(self.grant)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT r.id FROM roster_record r WHERE {kind} AND {scope} AND {SENT} AND r.status = 'active' "
                'ORDER BY r.sourced_id COLLATE "C"',
                [*kind_values, *scope_values],
            )
            return [row[0] for row in cursor.fetchall()]

    def has(self, file: str) -> bool:
        """Say whether the file would have a row."""
        return next(self._parts(file), None) is not None

    def rows(self, version: int, file: str) -> Iterator[list[str]]:
        """Yield the header and the rows of a file."""
        names = header(version, file)
        yield names
        for row in self._parts(file):
            yield [row["sourcedId"], "", "", *(_cell(row, name) for name in names[3:])]

    def _parts(self, file: str) -> Iterator[dict[str, Any]]:
        """Yield the documents behind a file's rows, with the wire's words."""
        wire_object, part = FROM[file]
        for document in self._documents(wire_object):
            if wire_object == "user":
                _both_versions(document)
            if wire_object == "course" and self.district:
                document.setdefault("org", self.district)  # the wire may leave it out, the file must name one
            if not part:
                yield document
                continue
            for item in document.get(part, ()):
                row = {wire_object: document, **(item if part == "roles" else {"resource": item})}
                reference: Document = row["org" if part == "roles" else "resource"]
                named = [document["sourcedId"], row.get("role", ""), reference["sourcedId"]]
                yield row | {"sourcedId": "link-" + md5(" ".join(named).encode(), usedforsecurity=False).hexdigest()}

    @cached_property
    def district(self) -> Document | None:
        """The org of what belongs to no school the grant sees."""
        return next((org for org in self._documents("org") if org["type"] == "district"), None)

    def _documents(self, wire_object: str) -> Iterator[dict[str, Any]]:
        ids = self.ids(wire_object)
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            found = {shown.row.id: shown.data for shown in by_id(self.grant, batch)}
            yield from (orjson.loads(found[number]) for number in batch if number in found)


def _both_versions(user: dict[str, Any]) -> None:
    """Give a user of 1.2 the one role and the orgs of 1.1, and a user of 1.1 the roles of 1.2."""
    if "roles" in user:
        first = next((role for role in user["roles"] if role["roleType"] == "primary"), user["roles"][0])
        user["role"] = OLD_ROLES.get(first["role"], first["role"])
        user["orgs"] = list({role["org"]["sourcedId"]: role["org"] for role in user["roles"]}.values())
    else:
        role = "siteAdministrator" if user["role"] == "administrator" else user["role"]
        user["roles"] = [{"roleType": "primary", "role": role, "org": org} for org in user["orgs"]]


def _cell(row: Document, name: str) -> str:
    """Return one cell: `xSourcedId` names the reference x, `xSourcedIds` the references xs."""
    if name.endswith("SourcedIds"):
        return ",".join(reference["sourcedId"] for reference in row.get(name.removesuffix("SourcedIds") + "s", ()))
    if name.endswith("SourcedId"):
        return str(row.get(name.removesuffix("SourcedId"), {}).get("sourcedId", ""))
    if name == "username":
        return str(row.get(name) or row["sourcedId"])
    if name == "userIds":
        return ",".join(f"{{{pair['type']}:{pair['identifier']}}}" for pair in row.get(name, ()))
    return _text(row.get(RENAMED.get(name, name), ""))


def _text(value: Any) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(str(item).replace(",", "") for item in value)
    return str(value)
