"""What one connection did: its calls over time, its last success of each kind, who was refused, what will fail soon."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from django.db import connection as database
from django.db.models import Max, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.chart import Point
from connections.happenings import Happening, happenings
from connections.models import AccessLog, Connection, DailyUse, KindUse, SharingSettings
from connections.state import SOON
from interop.dates import clock, count_words, day_words, district_day, zone

RECENT = 14
"""Days that figures and errors of kinds speak of."""
LAST_CALLS = 1_000
REFUSALS_SHOWN = 10
_REFUSALS = """
    SELECT operation, status, host(address), max(at), sum(times)::bigint FROM connections_accesslog
    WHERE connection_id = %s AND status >= 400 AND at > %s GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT %s
"""
_MEDIAN = """
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) FROM (
        SELECT milliseconds FROM connections_accesslog
        WHERE connection_id = %s AND status < 400 AND milliseconds IS NOT NULL AND at > %s
        ORDER BY at DESC LIMIT %s
    ) last
"""
_HOURS = """
    SELECT date_trunc('hour', at), coalesce(sum(times) FILTER (WHERE status < 400 AND NOT signing), 0)::bigint,
           coalesce(sum(times) FILTER (WHERE status >= 400), 0)::bigint,
           coalesce(sum(records) FILTER (WHERE status < 400), 0)::bigint
    FROM (
        SELECT *, operation IN ('token', 'signature') AS signing FROM connections_accesslog
        WHERE connection_id = %s AND at >= %s
    ) l GROUP BY 1
"""


class Span(Enum):
    """How far a chart looks back: its word in addresses, its title, and how many points it has."""

    DAY = ("24h", gettext_lazy("24 hours"), 24)
    FORTNIGHT = ("14d", gettext_lazy("14 days"), 14)
    QUARTER = ("90d", gettext_lazy("90 days"), 90)

    @property
    def key(self) -> str:
        """Return the word in addresses."""
        return self.value[0]

    @property
    def title(self) -> Any:
        """Return what it is called."""
        return self.value[1]

    @property
    def points(self) -> int:
        """Return how many hours or days it has."""
        return self.value[2]


def span_of(key: str) -> Span:
    """Return the span of this word, two weeks for any other."""
    return next((span for span in Span if span.key == key), Span.FORTNIGHT)


@dataclass(frozen=True)
class Kind:
    """One operation: when it last succeeded, what it gave on that day, and its errors of late."""

    operation: str
    last_at: dt.datetime | None
    records: int
    errors: int


@dataclass(frozen=True)
class Figures:
    """The figures of two weeks. `median` is the time of half of the last answers, in milliseconds."""

    calls: int
    records: int
    bytes: int
    refused: int
    errors: int
    median: float | None


@dataclass(frozen=True)
class Refusal:
    """Calls or sign-ins refused alike, from one address: when the last was, and how many."""

    operation: str
    status: int
    address: str | None
    at: dt.datetime
    times: int


@dataclass(frozen=True)
class Ahead:
    """Something that will make calls fail soon: what, and what to do."""

    told: str
    todo: str


def figures(connection: Connection, now: dt.datetime) -> Figures:
    """Return the figures of the last two weeks."""
    since = district_day(now) - dt.timedelta(RECENT - 1)
    names = ("calls", "records", "bytes", "refused", "errors")
    told = DailyUse.objects.filter(connection=connection, day__gte=since).aggregate(
        **{name: Sum(name, default=0) for name in names}
    )
    with database.cursor() as cursor:
        cursor.execute(_MEDIAN, [connection.pk, now - dt.timedelta(RECENT), LAST_CALLS])
        return Figures(**{name: int(told[name]) for name in names}, median=cursor.fetchone()[0])


def points(connection: Connection, span: Span, now: dt.datetime) -> list[Point]:
    """Return the hours or days of a span up to now, also those without a call."""
    return _numbered(_hours(connection, now) if span is Span.DAY else _days(connection, span.points, now))


def _numbered(found: Sequence[Point]) -> list[Point]:
    """Return the points, those at which something was done with the number of their mark."""
    numbers = itertools.count(1)
    return [replace(point, number=next(numbers)) if point.events else point for point in found]


def _said(found: Iterable[Happening]) -> tuple[str, ...]:
    """Return what was done as sentences, what was done several times once."""
    told = [f"{each.told} ({each.actor})" if each.actor else each.told for each in found]
    return tuple(
        f"{one}, {_('%d times') % told.count(one)}" if told.count(one) > 1 else one for one in dict.fromkeys(told)
    )


def _days(connection: Connection, number: int, now: dt.datetime) -> list[Point]:
    today = district_day(now)
    first = today - dt.timedelta(number - 1)
    rows = {row.day: row for row in DailyUse.objects.filter(connection=connection, day__gte=first)}
    done = defaultdict(list)
    for each in happenings(connection, dt.datetime.combine(first, dt.time(), zone())):
        done[district_day(each.at)].append(each)
    found = []
    for place in range(number):
        day = first + dt.timedelta(place)
        row = rows.get(day) or DailyUse(calls=0, errors=0, refused=0, records=0)
        label = date_format(day, "M j")
        full, errors = day_words(day, now), row.errors + row.refused
        found.append(Point(label, full, row.calls, errors, row.records, _said(done[day])))
    return found


def _hours(connection: Connection, now: dt.datetime) -> list[Point]:
    last = now.replace(minute=0, second=0, microsecond=0)
    first = last - dt.timedelta(hours=Span.DAY.points - 1)
    with database.cursor() as cursor:
        cursor.execute(_HOURS, [connection.pk, first])
        rows = {at: counts for at, *counts in cursor.fetchall()}
    done = defaultdict(list)
    for each in happenings(connection, first):
        done[each.at.replace(minute=0, second=0, microsecond=0)].append(each)
    found = []
    for place in range(Span.DAY.points):
        hour = first + dt.timedelta(hours=place)
        local = hour.astimezone(zone())
        label = f"{date_format(local, 'g')} {_('am') if local.hour < 12 else _('pm')}"
        calls, errors, records = rows.get(hour, (0, 0, 0))
        full = f"{day_words(hour, now)}, {clock(hour)}"
        found.append(Point(label, full, calls, errors, records, _said(done[hour])))
    return found


def kinds(connection: Connection, now: dt.datetime) -> list[Kind]:
    """Return every operation it ever called, the latest success first."""
    since = district_day(now) - dt.timedelta(RECENT - 1)
    found = KindUse.objects.filter(connection=connection)
    last = dict(found.values_list("operation").annotate(Max("last_at")))
    errors: dict[str, int] = defaultdict(int)
    errors.update(found.filter(day__gte=since).values_list("operation").annotate(Sum("errors")))
    given = {(operation, day): records for operation, day, records in found.values_list("operation", "day", "records")}
    told = [
        Kind(operation, at, given.get((operation, district_day(at)), 0) if at else 0, errors[operation])
        for operation, at in last.items()
    ]
    return sorted(told, key=lambda kind: (kind.last_at is None, -(kind.last_at.timestamp() if kind.last_at else 0)))


def refusals(connection: Connection, now: dt.datetime) -> list[Refusal]:
    """Return what was refused within two weeks: alike from the same address is one, the latest first."""
    with database.cursor() as cursor:
        cursor.execute(_REFUSALS, [connection.pk, now - dt.timedelta(RECENT), REFUSALS_SHOWN])
        return [Refusal(*row) for row in cursor.fetchall()]


def ahead(connection: Connection, now: dt.datetime) -> list[Ahead]:
    """Return what will make calls fail soon, as far as anybody can know."""
    return [*_ends(connection, now), *_replaced(connection, now), *_version(connection, now)]


def _ends(connection: Connection, now: dt.datetime) -> Iterable[Ahead]:
    if connection.expires_at and now < connection.expires_at <= now + SOON:
        told = _("The connection ends %s: every call after that is refused.") % day_words(connection.expires_at, now)
        yield Ahead(told, _("Renew it. Key and secret stay, so the vendor has nothing to do."))


def _replaced(connection: Connection, now: dt.datetime) -> Iterable[Ahead]:
    """Yield secrets that end soon and are still in use."""
    for key in connection.credentials.live().filter(expires_at__lte=now + SOON):
        last = _("last used %s") % day_words(key.last_used_at, now) if key.last_used_at else _("not used yet")
        said = {"tail": key.secret_tail, "day": day_words(key.expires_at or now, now), "last": last}
        yield Ahead(
            _("The secret ending in %(tail)s works until %(day)s (%(last)s).") % said,
            _("Make sure the vendor has the newer one in all of its programs."),
        )


def _version(connection: Connection, now: dt.datetime) -> Iterable[Ahead]:
    if connection.oauth == 1 and not SharingSettings.load().allow_oauth1:
        yield Ahead(
            _("It signs its calls by OAuth 1, which the district allows no more for new connections."),
            _("Ask the vendor when it can use OAuth 2. This connection ends when it is not renewed."),
        )
    wrong = AccessLog.objects.filter(
        connection=connection.pk, at__gt=now - dt.timedelta(RECENT), status=403, version=connection.version
    )
    if number := wrong.count():
        yield Ahead(
            _("%s calls of two weeks asked for what this connection does not share, or by another version.")
            % count_words(number),
            _("Compare what the vendor expects with Data to Share."),
        )


def summary(shown: Sequence[Connection], now: dt.datetime) -> dict[int, dict[str, int]]:
    """Return calls, records, refused and errors of two weeks by connection; one statement."""
    names = ("calls", "records", "refused", "errors")
    rows = (
        DailyUse.objects.filter(
            connection__in=[each.pk for each in shown], day__gt=district_day(now) - dt.timedelta(RECENT)
        )
        .values("connection_id")
        .annotate(**{f"all_{name}": Sum(name) for name in names})
    )
    told: dict[int, dict[str, int]] = {}
    for row in rows:
        numbers: dict[str, Any] = dict(row)
        told[row["connection_id"]] = {name: int(numbers[f"all_{name}"]) for name in names}
    return told
