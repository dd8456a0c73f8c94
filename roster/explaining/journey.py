"""What became of a record: published when and how, refreshed next when, and when the vendor last asked for its kind."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model
from django.utils import timezone

from connections.grants import Grant, grant_of
from connections.models import VERSIONS, AccessLog, Connection
from roster import timetable
from roster.endpoints import ENDPOINTS
from roster.models import (
    Course,
    DistrictSettings,
    Person,
    Record,
    RoleId,
    RosterEntry,
    School,
    Section,
    SectionStaff,
    Withheld,
)
from roster.publishing.groups import group_of
from roster.reading.history import with_past
from roster.reading.records import Shown, by_sourced_id
from roster.seen import shared_objects

OBJECTS: dict[type[Model], str] = {
    Person: "user", Section: "class", Course: "course", School: "org", RosterEntry: "enrollment",
    SectionStaff: "enrollment",
}  # fmt: skip
ENDED = "tobedeleted"

STUDENT = {"role": "student"}
"""What a roster entry that was never published would be enrolled as."""


@dataclass(frozen=True)
class InVersion:
    """The record in one OneRoster version as the connection gets it: none, or in 1.1 a user for each role."""

    version: str
    own: bool
    shown: Sequence[Shown]


@dataclass(frozen=True)
class Fetched:
    """The last list or single of the record's kind the vendor was given: the log knows lists, not who was in them."""

    operation: str
    at: dt.datetime
    records: int | None


@dataclass(frozen=True)
class Journey:
    """`published_at` None: it was never published, or so long ago that nobody knows. `ended`: published as removed."""

    published_at: dt.datetime | None
    ended: bool
    withheld: bool
    next_at: dt.datetime | None
    fetched: Fetched | None
    versions: Sequence[InVersion]

    @property
    def read_now(self) -> bool:
        """Whether the vendor gets the record now as one that is alive."""
        return any(shown.status != ENDED for each in self.versions if each.own for shown in each.shown)


def journey_of(record: Model, connection: Connection) -> Journey:
    """Return where the record stands, as published for this connection's version."""
    kind = OBJECTS[type(record)]
    grant = with_past(grant_of(connection))
    published = Record.objects.filter(version=grant.version, object=kind, sourced_id__in=_names(record, grant.version))
    row = published.order_by("-modified").first()
    return Journey(
        published_at=row.retired_at or row.modified if row else None,
        ended=row is not None and (row.retired_at is not None or row.status == ENDED),
        withheld=row is not None and Withheld.objects.filter(pk=row.pk).exists(),
        next_at=timetable.next_refresh(group_of(kind, row.find if row else STUDENT), timezone.now()),
        fetched=_fetched(kind, connection),
        versions=[_in(version, kind, record, grant) for version in VERSIONS],
    )


def _names(record: Any, version: int) -> list[str]:
    """Return the sourcedIds of the record in a version: a person has one for each role in 1.1."""
    if version != 11 or not isinstance(record, Person):
        return [record.sourced_id]
    chosen = RoleId.objects.filter(person=record, prefixed=DistrictSettings.load().role_prefixed_ids)
    return list(chosen.order_by("pk").values_list("sourced_id", flat=True))


def _in(version: int, kind: str, record: Model, grant: Grant) -> InVersion:
    """Return the record of one version, trimmed to what the connection may see."""
    shown: Sequence[Shown] = ()
    if kind in shared_objects(grant):
        names = [(kind, name) for name in _names(record, version)]
        found = by_sourced_id(replace(grant, version=version), names)
        shown = [found[name] for name in names if name in found]
    return InVersion(VERSIONS[version], version == grant.version, shown)


def _fetched(kind: str, connection: Connection) -> Fetched | None:
    operations = [each.operation for each in ENDPOINTS if each.resource == kind]
    rows = AccessLog.objects.filter(connection=connection.pk, status__lt=400, operation__in=operations)
    found = rows.order_by("-at").values_list("operation", "at", "records").first()
    return Fetched(*found) if found else None
