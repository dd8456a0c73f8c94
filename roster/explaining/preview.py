"""The record as each version shows it to a connection; where it is not shared, as it would be shown."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from connections.grants import Grant, grant_of, with_changes
from connections.models import VERSIONS
from interop.oneroster.render import encode
from interop.oneroster.resource import REGISTRY
from roster.explaining.drafting import drafts, schools
from roster.explaining.explanation import Explanation
from roster.explaining.journey import ENDED, OBJECTS, Journey
from roster.models import DistrictSettings, School
from roster.publishing.draft import Draft, Setting
from roster.reading.finding import names_of
from roster.reading.records import Row, Shown
from roster.reading.trim import Document, Reference, Trimmer, places

UNPUBLISHED = 0
"""The number of a record that is in no edition."""


@dataclass(frozen=True)
class Look:
    """The record in one version, in 1.1 a user for each role: `shown` is what the connection gets, maybe as removed.

    `would` is how it would look once all that keeps it back is put right; blank when the connection has it.
    """

    version: str
    own: bool
    shown: Sequence[Shown]
    would: Sequence[Shown]


def looks(told: Explanation, journey: Journey, now: dt.datetime) -> list[Look]:
    """Return how the record looks in each version."""
    grant = grant_of(told.connection)
    found = []
    for number, each in zip(VERSIONS, journey.versions, strict=True):
        has = any(shown.status != ENDED for shown in each.shown)
        found.append(Look(each.version, each.own, each.shown, [] if has else would(told, grant, number, now)))
    return found


def would(told: Explanation, grant: Grant, version: int, now: dt.datetime) -> list[Shown]:
    """Return the record as the version would show it to the grant, shared also in the ways that lack least."""
    if told.moment is None or not told.parts:
        return []
    least = min(len(part.failed) for part in told.parts)
    # what is shared already lacks nothing, neither another way nor another school it might come by too
    nearest = [part.candidate for part in told.parts if len(part.failed) == least and not told.in_scope]
    ways = [part.candidate for part in told.parts if len(part.failed) == least or part.published]
    switched = {each.way.switch: True for each in nearest if each.way.switch}
    seen = with_changes(replace(grant, version=version), **switched)
    ways = [each for each in ways if not each.way.switch or getattr(seen, each.way.switch)]
    numbers = {pk for each in nearest for pk in schools(each, told.moment)}
    orgs = School.objects.filter(pk__in=numbers).values_list("sourced_id", flat=True)
    there = frozenset(("org", name) for name in orgs)
    setting = Setting(told.moment, DistrictSettings.load())
    found = list(drafts(told.record, ways, version, setting))
    if told.in_scope and (at := seen.schools) is not None:  # in 1.1 a role elsewhere is a user of its own
        found = [draft for draft in found if not draft.schools or not at.isdisjoint(draft.schools)]
    return [_shown(told, draft, seen, there, now) for draft in found]


def _shown(told: Explanation, draft: Draft, grant: Grant, there: frozenset[Reference], now: dt.datetime) -> Shown:
    """Render a draft by the declaration of its object, trimmed as a page of it would be; it has no date yet."""
    wire_object = OBJECTS[type(told.record)]
    facts = {**draft.facts, "sourcedId": draft.sourced_id, "status": draft.status, "dateLastModified": now}
    rendered = encode(REGISTRY[wire_object], grant.version, facts)
    doc: Document = orjson.loads(rendered.doc)
    del doc["dateLastModified"]
    find = orjson.dumps(rendered.find | (draft.hidden or {})).decode()
    row = Row(
        UNPUBLISHED,
        wire_object,
        draft.sourced_id,
        draft.status,
        now,
        find,
        orjson.dumps(doc),
        marked=True,
        former=False,
    )
    trimmer = Trimmer(wire_object, grant)
    visible = frozenset(names_of(grant, trimmer.references(doc))) | there
    lacking = _lacking(wire_object, grant.version, doc, visible)
    return Shown(row, trimmer.trim(doc, visible | lacking, row, tombstone=False))


def _lacking(wire_object: str, version: int, doc: Document, visible: frozenset[Reference]) -> frozenset[Reference]:
    """Return the records of which one must be shared for this one to be: places that must be filled and are not."""
    found: set[Reference] = set()
    for place in places(wire_object, version):
        if place.target and place.required and (value := doc.get(place.name)):
            named = {(place.target, each["sourcedId"]) for each in (value if isinstance(value, list) else [value])}
            found |= named if named.isdisjoint(visible) else set()
    return frozenset(found)
