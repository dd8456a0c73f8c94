"""What vendors who had a record are told when it vanishes."""

import datetime
from hashlib import blake2b
from typing import Any

import orjson

from interop.oneroster.render import stamp
from interop.oneroster.resource import REGISTRY, Field
from roster.models import DistrictAssignment, Enrollment, Person
from roster.publishing.draft import ENDED
from roster.publishing.store import VERSION, Fresh, Live, Writer, bodies
from roster.visibility import STAFF, STUDENT, Effect, Moment, passing, with_effect

PEOPLE = {"user", "demographics"}
STEP = 2_000


def protected_people(moment: Moment) -> set[str]:
    """Return the sourcedIds of people withheld on purpose: excluded, or No Show."""
    excluded = Person.objects.filter(external_lms_exclude=True).values_list("sourced_id", flat=True)
    unprotected = passing(with_effect(STUDENT, Effect.PROTECTS), moment).values("pk")
    students = Enrollment.objects.filter(calendar__school_year=moment.year).exclude(pk__in=unprotected)
    unprotected = passing(with_effect(STAFF, Effect.PROTECTS), moment).values("pk")
    staff = DistrictAssignment.objects.exclude(pk__in=unprotected)
    return {
        *excluded,
        *students.values_list("person__sourced_id", flat=True),
        *staff.values_list("person__sourced_id", flat=True),
    }


def bury(writer: Writer, wire_object: str, vanished: dict[str, Live], protected: set[str]) -> int:
    """Write a tombstone for each vanished record that has none yet; return how many were active until now."""
    minimal = protected if wire_object in PEOPLE else set()
    wanted = [
        (sourced_id, live) for sourced_id, live in vanished.items() if live.status != ENDED or sourced_id in minimal
    ]
    for start in range(0, len(wanted), STEP):
        part = wanted[start : start + STEP]
        stored = bodies([live.id for _, live in part])
        for sourced_id, live in part:
            doc, find = stored[live.id]
            if sourced_id in minimal:
                doc, find = required_only(wire_object, doc, find)
            tombstone = _tombstone(writer.at, wire_object, live, doc, find)
            if tombstone.digest != live.digest:
                writer.add(tombstone)
    return sum(live.status != ENDED for _, live in wanted)


def _tombstone(at: datetime.datetime, wire_object: str, live: Live, doc: dict[str, Any], find: dict[str, Any]) -> Fresh:
    doc, sourced_id = {**doc, "status": ENDED}, doc["sourcedId"]
    doc.pop("dateLastModified", None)
    digest = blake2b(orjson.dumps(doc), digest_size=16).digest()
    first = {"sourcedId": sourced_id, "status": ENDED, "dateLastModified": stamp(at)}
    return Fresh(
        wire_object, sourced_id, ENDED, live.schools, live.former, live.audience, digest, find,
        orjson.dumps({**first, **doc}), live.id,
    )  # fmt: skip


def required_only(wire_object: str, doc: dict[str, Any], find: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return document and find with nothing but what the schema requires, in parts of objects too."""
    resource = REGISTRY[wire_object]
    fields = [field for field in resource.fields_in(VERSION) if field.required_in(VERSION)]
    kept = {"sourcedId": doc["sourcedId"], **_required(fields, doc)}
    names = {path for field in fields for path in _paths(field)}
    return kept, {path: value for path, value in find.items() if path in names}


def _required(fields: list[Field], value: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for field in fields:
        if field.name in value:
            inner = value[field.name]
            parts = [part for part in field.parts if part.required_in(VERSION)]
            if field.parts:
                inner = [_required(parts, each) for each in inner] if field.many else _required(parts, inner)
            kept[field.name] = inner
    return kept


def _paths(field: Field) -> list[str]:
    if field.parts:
        parts = [part for part in field.parts if part.required_in(VERSION)]
        return [f"{field.name}.{path}" for part in parts for path in _paths(part)]
    return [f"{field.name}.sourcedId" if field.kind == "ref" else field.name]
