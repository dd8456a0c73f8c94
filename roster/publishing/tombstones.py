"""What vendors who had a record are told when it vanishes."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from django.db import connection

from interop.dates import milliseconds
from interop.oneroster.render import stamp
from interop.oneroster.resource import REGISTRY, Field
from roster.protection import LISTED, PEOPLE, Protected, withhold
from roster.publishing.draft import ENDED
from roster.publishing.references import Name, names, references
from roster.publishing.store import Fresh, Live, bodies
from roster.publishing.writing import Writer

NO_SOURCE = 0
"""A tombstone repeats what was told; it was rendered from no facts of today."""
STEP = 2_000
_TOLD_INSTEAD = """
    UPDATE roster_lost l SET record = c.id FROM roster_withheld w
    JOIN roster_record o ON o.id = w.id
    JOIN roster_record c ON (c.version, c.object, c.sourced_id) = (o.version, o.object, o.sourced_id)
    WHERE l.record = w.id AND c.retired_at IS NULL AND c.id <> w.id
      AND NOT EXISTS (SELECT 1 FROM roster_lost known WHERE known.connection = l.connection AND known.record = c.id)
"""
"""Where a connection's lost version may be sent no more, what replaced it tells that it lost the record."""
_REPLACED = f"""
    INSERT INTO roster_withheld (id, at) SELECT id, retired_at FROM roster_record
    WHERE retired_at >= least(%s, {LISTED}) AND version = %s AND object = %s
"""
SCOPE = {"_seen", "_left", "_ended", "_person"}
"""Who a record is shown to and was shown to, when it ended and who it is; a tombstone goes to the same."""


@dataclass
class Burial:
    """Writes tombstones; keeps count of the ended, and of the old records that nobody may be sent any more."""

    writer: Writer
    protected: Callable[[], Protected]
    version: int
    withheld: list[int] = field(default_factory=list)
    hidden: set[Name] = field(default_factory=set)

    def bury(self, kind: str, vanished: Mapping[str, Live]) -> int:
        """Write the tombstones that vanished records need; return how many of them were active until now."""
        for tombstone, live, find in self.tombstones(kind, vanished):
            self.writer.add(tombstone)
            if self.is_hidden(kind, tombstone.sourced_id, live, find):
                self.withheld.append(live.id)
                self.hidden.add((kind, tombstone.sourced_id))
        return sum(live.status != ENDED for live in vanished.values())

    def tombstones(self, kind: str, vanished: Mapping[str, Live]) -> Iterator[tuple[Fresh, Live, dict[str, Any]]]:
        """Yield what is still to be written of vanished records, with the live record and what it is found by.

        Who had ended before has one already. Of protected people it says no more than it must, from when they are.
        """
        minimal = self.protected().people() if vanished and kind in PEOPLE else set()
        wanted = [
            (sourced_id, live)
            for sourced_id, live in vanished.items()
            if live.status != ENDED or (live.person or sourced_id) in minimal
        ]
        for start in range(0, len(wanted), STEP):
            part = wanted[start : start + STEP]
            stored = bodies([live.id for _, live in part])
            for sourced_id, live in part:
                doc, find = kept = stored[live.id]
                if (live.person or sourced_id) in minimal:
                    kept = required_only(self.version, kind, doc, find)
                tombstone = _tombstone(self.version, self.writer.at, kind, live, *kept)
                if tombstone.digest != live.digest:
                    yield tombstone, live, find

    def is_hidden(self, kind: str, sourced_id: str, live: Live, find: dict[str, Any]) -> bool:
        """Whether a record vanished on purpose: itself or what it names is protected, or all its schools are."""
        protected = self.protected()
        records = protected.records
        if live.person and ("user", live.person) in records:
            return True
        if (kind, sourced_id) in records or any(name in records for name in names(self.version, kind, find)):
            return True
        person = live.person or (sourced_id if kind in PEOPLE else find.get("user.sourcedId", ""))
        return protected.hides(person, live.schools)

    def close(self) -> None:
        """Withhold what was buried on purpose, and what open pulls may still send of it or of those that name it."""
        withhold(self.withheld, self.writer.at)
        hidden = defaultdict(list)
        for kind, sourced_id in self.hidden:
            hidden[kind].append(sourced_id)
        with connection.cursor() as cursor:
            for kind in REGISTRY:
                tests: list[tuple[str, list[Any]]] = [("sourced_id = ANY(%s)", [hidden[kind]])]
                for path, many, target in references(self.version, kind):
                    tests.append(("find->%s ?| %s" if many else "find->>%s = ANY(%s)", [path, hidden[target]]))
                for test, values in tests:
                    if values[-1]:
                        told = [self.writer.at, self.version, kind, *values]
                        cursor.execute(f"{_REPLACED} AND {test} ON CONFLICT DO NOTHING", told)
            cursor.execute(_TOLD_INSTEAD)


def _tombstone(
    version: int, at: datetime.datetime, wire_object: str, live: Live, doc: dict[str, Any], find: dict[str, Any]
) -> Fresh:
    doc, sourced_id = {**doc, "status": ENDED}, doc["sourcedId"]
    find = {**find, "_ended": live.ended or milliseconds(at)}
    doc.pop("dateLastModified", None)
    digest = blake2b(orjson.dumps(doc), digest_size=16).digest()
    first = {"sourcedId": sourced_id, "status": ENDED, "dateLastModified": stamp(at)}
    return Fresh(
        version, wire_object, sourced_id, ENDED, live.schools, live.former, live.audience, digest, NO_SOURCE, find,
        orjson.dumps({**first, **doc}), live.id,
    )  # fmt: skip


def required_only(
    version: int, wire_object: str, doc: dict[str, Any], find: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return document and find with nothing but what the schema requires, in parts of objects too."""
    resource = REGISTRY[wire_object]
    fields = [each for each in resource.fields_in(version) if each.required_in(version)]
    kept = {"sourcedId": doc["sourcedId"], **_required(version, fields, doc)}
    paths = {path for each in fields for path in _paths(version, each)}
    return kept, {path: value for path, value in find.items() if path in paths or path in SCOPE}


def _required(version: int, fields: list[Field], value: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for each in fields:
        if each.name in value:
            inner = value[each.name]
            parts = [part for part in each.parts if part.required_in(version)]
            if each.parts:
                inner = (
                    [_required(version, parts, item) for item in inner]
                    if each.many
                    else _required(version, parts, inner)
                )
            kept[each.name] = inner
    return kept


def _paths(version: int, each: Field) -> list[str]:
    if each.parts:
        parts = [part for part in each.parts if part.required_in(version)]
        return [f"{each.name}.{path}" for part in parts for path in _paths(version, part)]
    return [f"{each.name}.sourcedId" if each.kind == "ref" else each.name]
