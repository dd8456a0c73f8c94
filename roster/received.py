"""Who received a person's record, and when: from the access log, and from what each edition held.

A single read names its record in the log. Of a whole list the log knows the edition, so whoever was published in it and
in the connection's sight was in the list; it was received when the list was walked to its end. Where a filter or a
parent narrowed a list down, the log keeps the numbers of the records. Versions of people's records that are no longer
kept leave behind when they were published and where (PastRecord), for as long as the log is kept.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db import connection as database
from django.utils.translation import gettext as _

from connections.models import Connection
from interop.models import AuditEvent
from interop.statements import int8
from roster.endpoints import ENDPOINTS
from roster.models import Person, RoleId
from roster.reading.pull import PEOPLE

MOST = 20_000
"""So many requests for narrowed lists are looked through one by one; beyond that the answer is a maybe."""
LISTS = {each.operation: each for each in ENDPOINTS if each.kind == "list" and each.resource in PEOPLE}
_COLUMNS = "id, version, object, modified, retired_at, school, others, former, audience, find"
_VERSIONS = f"""
    SELECT {_COLUMNS} FROM roster_record
    WHERE object = ANY(%(objects)s) AND retired_at IS NULL AND version IN (11, 12) AND sourced_id = ANY(%(names)s)
    UNION ALL
    SELECT {_COLUMNS} FROM roster_record
    WHERE object = ANY(%(objects)s) AND retired_at IS NOT NULL AND sourced_id = ANY(%(names)s)
    UNION ALL
    SELECT {_COLUMNS} FROM roster_pastrecord WHERE object = ANY(%(objects)s) AND sourced_id = ANY(%(names)s)
"""  # noqa: S608 - constants only
# A list held a version when its edition did, and when the connection's scope saw it, or was told that it left.
_GIVEN = """
    SELECT d.connection, d.operation, d.filtered OR d.operation = ANY(%s),
           d.low = 0 AND d.high >= d.total AND d.records >= d.total,
           min(d.first_at), max(d.last_at), count(*), sum(d.requests)::bigint
    FROM connections_delivery d JOIN roster_edition e ON e.number = d.edition
    WHERE EXISTS (
        SELECT 1 FROM (
            SELECT version, modified, retired_at, audience,
                   schools::bigint[] AS schools, operations::text[] AS operations
            FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::text[])
                AS v (version, modified, retired_at, audience, schools, operations)
        ) v
        WHERE v.version = d.version AND d.operation = ANY(v.operations)
          AND v.modified <= e.published_at AND (v.retired_at IS NULL OR e.published_at < v.retired_at)
          AND (d.schools IS NULL OR v.schools = '{}' OR v.schools && d.schools)
          AND (v.audience IN ('', 'mixed') OR v.audience = 'guardian' AND d.guardians
               OR v.audience = 'relative' AND d.relatives)
    )
    GROUP BY 1, 2, 3, 4
"""
_SINGLES = """
    SELECT connection_id, operation, min(at), max(at), count(*) FROM connections_accesslog
    WHERE record = ANY(%s) AND status < 400 GROUP BY 1, 2
"""
_NARROWED = """
    SELECT connection_id, operation, min(at), max(at), count(*) FROM connections_accesslog
    WHERE connection_id = ANY(%s) AND operation = ANY(%s) AND at BETWEEN %s AND %s AND ids IS NOT NULL
      AND EXISTS (SELECT 1 FROM unnest(%s::bytea[]) number WHERE position(number IN ids) > 0)
    GROUP BY 1, 2
"""


class Version(NamedTuple):
    """One published version of a person's record, or of their demographics, and when it was the published one."""

    id: int
    version: int
    object: str
    modified: dt.datetime
    retired_at: dt.datetime | None
    school: int | None
    others: list[int] | None
    former: list[int] | None
    audience: str
    find: dict[str, Any]

    @property
    def schools(self) -> list[int]:
        """Return the schools where it is or was seen; none: the whole district."""
        return [each for each in (self.school, *(self.others or ()), *(self.former or ())) if each is not None]

    @property
    def operations(self) -> list[str]:
        """Return the operations whose lists may hold it: those of its object, and of a role it has."""
        held = self.find.get("roles.role" if self.version == 12 else "role", ())
        roles = {"", *([held] if isinstance(held, str) else held)}
        return [
            name
            for name, each in LISTS.items()
            if each.resource == self.object and (each.role or dict(each.where).get("roles.role", "")) in roles
        ]


@dataclass(frozen=True)
class Receipt:
    """What one connection was given of a person by one operation; `sure` False: it may have been, nobody can tell."""

    connection: int
    operation: str
    sure: bool
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


class Given(NamedTuple):
    """What one connection was given by one operation, `times` times, of lists the person stood in."""

    connection: int
    operation: str
    narrowed: bool
    walked: bool
    first_at: dt.datetime
    last_at: dt.datetime
    times: int
    requests: int

    @property
    def receipt(self) -> Receipt:
        """Return it as it is told: sure where a whole list was walked to its end."""
        sure = self.walked and not self.narrowed
        return Receipt(self.connection, self.operation, sure, self.first_at, self.last_at, self.times)


@dataclass(frozen=True)
class Receiver:
    """One connection with its name, and all it was given."""

    name: str
    known: bool
    connection: int
    receipts: Sequence[Receipt]

    @property
    def sure(self) -> bool:
        """Whether it received the record for certain."""
        return any(receipt.sure for receipt in self.receipts)


def receivers(person: Person) -> list[Receiver]:
    """Return who received the person's record or demographics, who surely did first, then the latest."""
    versions = versions_of(person)
    if not versions:
        return []
    found: dict[int, list[Receipt]] = defaultdict(list)
    for receipt in _merged([*_singles(versions), *_lists(versions)]):
        found[receipt.connection].append(receipt)
    names, gone = _names(found)
    told = [
        Receiver(
            names.get(number) or gone.get(number) or _("deleted connection %d") % number, number in names, number,
            sorted(own, key=lambda receipt: receipt.last_at, reverse=True),
        )
        for number, own in found.items()
    ]  # fmt: skip
    return sorted(told, key=lambda each: (not each.sure, -each.receipts[0].last_at.timestamp()))


def versions_of(person: Person) -> list[Version]:
    """Return every version of the person's records that was ever published, as far back as it is remembered."""
    names = {person.sourced_id, *RoleId.objects.filter(person=person).values_list("sourced_id", flat=True)}
    with database.cursor() as cursor:
        cursor.execute(_VERSIONS, {"objects": sorted(PEOPLE), "names": sorted(names)})
        columns = [column.name for column in cursor.description]
        place = columns.index("find")
        return [Version(*row)._replace(find=_loaded(row[place])) for row in cursor.fetchall()]


def _loaded(find: Any) -> dict[str, Any]:
    return orjson.loads(find) if isinstance(find, str | bytes) else dict(find or {})


def _singles(versions: Sequence[Version]) -> list[Receipt]:
    with database.cursor() as cursor:
        cursor.execute(_SINGLES, [[version.id for version in versions]])
        return [Receipt(row[0], row[1], True, *row[2:]) for row in cursor.fetchall()]  # noqa: FBT003 - by its name


def _lists(versions: Sequence[Version]) -> list[Receipt]:
    """Return the lists the person was in: whole ones, and of narrowed ones those whose rows name a record."""
    narrowed = [name for name, each in LISTS.items() if each.parents]
    columns: list[Any] = [
        [each.version for each in versions], [each.modified for each in versions],
        [each.retired_at for each in versions], [each.audience for each in versions],
        [_array(each.schools) for each in versions], [_array(each.operations) for each in versions],
    ]  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(_GIVEN, [narrowed, *columns])
        rows = [Given(*row) for row in cursor.fetchall()]
    some = [row for row in rows if row.narrowed]
    given = [row.receipt for row in rows if not row.narrowed]
    if not some:
        return given
    if sum(row.requests for row in some) > MOST:
        return [*given, *(row.receipt for row in some)]
    return [*given, *_named(some, versions)]


def _array(values: Sequence[Any]) -> str:
    """Return numbers or operations as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)) + "}"


def _named(narrowed: Sequence[Given], versions: Sequence[Version]) -> list[Receipt]:
    """Return the narrowed lists whose rows in the log name one of the versions; a trimmed one is negative there."""
    numbers = [int8(sign * version.id) for version in versions for sign in (1, -1)]
    values: list[Any] = [
        sorted({row.connection for row in narrowed}), sorted({row.operation for row in narrowed}),
        min(row.first_at for row in narrowed), max(row.last_at for row in narrowed), numbers,
    ]  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(_NARROWED, values)
        return [Receipt(row[0], row[1], True, *row[2:]) for row in cursor.fetchall()]  # noqa: FBT003 - by its name


def _merged(receipts: Iterable[Receipt]) -> list[Receipt]:
    """Return one receipt for each connection, operation and certainty."""
    found: dict[tuple[int, str, bool], Receipt] = {}
    for new in receipts:
        key = (new.connection, new.operation, new.sure)
        old = found.get(key, new)
        times = new.times + (old.times if key in found else 0)
        found[key] = Receipt(*key, min(old.first_at, new.first_at), max(old.last_at, new.last_at), times)
    return list(found.values())


def _names(numbers: Iterable[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the names of connections that are there, and those the audit trail knows of deleted ones."""
    wanted = list(numbers)
    rows = Connection.objects.filter(pk__in=wanted).select_related("application")
    names = {}
    for each in rows:
        vendor = each.application.name if each.application else ""
        names[each.pk] = f"{vendor} — {each.name}" if vendor not in ("", each.name) else each.name
    told = AuditEvent.objects.filter(
        object_type=Connection._meta.label, object_id__in=[str(number) for number in wanted if number not in names]
    ).order_by("at")
    return names, {int(event.object_id): event.object_name for event in told}
