"""An incident pack: what was read by which connection between two moments, and whose records may be concerned.

It comes from the access log, which has a row before any data is sent. Records asked for one by one, and lists narrowed
by a filter or a parent, name the records themselves. Of whole lists the log has edition and places, so the number of
people is the list's length: nobody outside of it was sent.
"""

import datetime as dt
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection as database
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from connections.models import AccessLog, Connection

PEOPLE = ("user", "demographics", "enrollment")
"""Wire objects that are about one person."""
OF_PEOPLE = re.compile("user|student|teacher|demographic", re.IGNORECASE).search
"""Whether an operation lists people, one record each."""
GOOD = 400
BATCH = 50_000
_PERSONS = """
    SELECT DISTINCT coalesce(r.find->>'_person', r.find->>'user.sourcedId', r.sourced_id) FROM roster_record r
    WHERE r.id = ANY(%s) AND r.object = ANY(%s)
"""


@dataclass
class Reads:
    """What one connection did in that time."""

    connection: int
    name: str
    first: dt.datetime
    last: dt.datetime
    requests: int = 0
    refused: int = 0
    records: int = 0
    bytes: int = 0
    addresses: list[str] = field(default_factory=list)
    operations: dict[str, dict[str, int]] = field(default_factory=dict)
    people_named: int = 0
    people_at_most: int = 0

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**vars(self), "first": self.first.isoformat(), "last": self.last.isoformat()}


def reads(since: dt.datetime, until: dt.datetime, only: int | None = None) -> list[Reads]:
    """Return what each connection read from `since` until before `until`, the one with most records first."""
    rows = AccessLog.objects.filter(at__gte=since, at__lt=until).exclude(connection=None).order_by()
    if only is not None:
        rows = rows.filter(connection=only)
    names = dict(Connection.objects.values_list("pk", "name"))
    summed = rows.values("connection_id").annotate(
        first=Min("at"), last=Max("at"), requests=Sum("times"),
        refused=Sum("times", filter=Q(status__gte=GOOD)), records_=Sum("records"), bytes_=Sum("bytes"),
    )  # fmt: skip
    found = []
    for each in summed:
        number = each["connection_id"]
        own = rows.filter(connection=number)
        told = Reads(
            number, names.get(number, "deleted since"), each["first"], each["last"], each["requests"],
            each["refused"] or 0, each["records_"] or 0, each["bytes_"] or 0,
        )  # fmt: skip
        told.addresses = sorted(str(address) for address in own.values_list("address", flat=True).distinct() if address)
        told.operations = _operations(own)
        told.people_named = len(_persons(own))
        told.people_at_most = max(told.people_named, _longest_list(own))
        found.append(told)
    return sorted(found, key=lambda told: -told.records)


def _operations(own: QuerySet[AccessLog]) -> dict[str, dict[str, int]]:
    """Return for each operation how often it was answered, and with how many records."""
    counted = own.filter(status__lt=GOOD).values("operation").annotate(calls=Count("pk"), records_=Sum("records"))
    return {each["operation"]: {"calls": each["calls"], "records": each["records_"] or 0} for each in counted}


def _persons(own: QuerySet[AccessLog]) -> set[str]:
    """Return whom the records concern that the log names one by one."""
    found: set[str] = set()
    for batch in _batches(own):
        with database.cursor() as cursor:
            cursor.execute(_PERSONS, [batch, list(PEOPLE)])
            found.update(person for (person,) in cursor.fetchall())
    return found


def _batches(own: QuerySet[AccessLog]) -> Iterator[list[int]]:
    """Yield the numbers of records the log names, without repetition, some at a time."""
    numbers: set[int] = set()
    named = own.filter(status__lt=GOOD).exclude(record=None, ids=None).values_list("record", "ids")
    for record, ids in named.iterator(chunk_size=2000):
        if record is not None:
            numbers.add(abs(record))
        if ids:
            places = array("q", bytes(ids))
            places.byteswap()
            numbers.update(abs(place) for place in places)
        if len(numbers) >= BATCH:
            yield list(numbers)
            numbers.clear()
    if numbers:
        yield list(numbers)


def _longest_list(own: QuerySet[AccessLog]) -> int:
    """Return how many people the longest whole list of people had that was asked for."""
    lists = own.filter(status__lt=GOOD, ids=None, record=None, total__gt=0)
    longest = lists.values_list("operation").annotate(Max("total"))
    return max((total for operation, total in longest if OF_PEOPLE(operation)), default=0)
