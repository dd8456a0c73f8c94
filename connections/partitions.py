"""The months of the access log: one partition each, made ahead, and dropped when the district keeps it no longer."""

import datetime as dt
from collections.abc import Iterator

from django.db import connection as database
from django.db import transaction

from connections.models import Delivery, KindUse, SharingSettings

TABLE = "connections_accesslog"
OTHER = f"{TABLE}_other"
"""Takes the rows of months nobody made a partition for, so that no request ever fails for want of one."""
AHEAD = 2
_NAMES = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = %s::regclass ORDER BY c.relname
"""


def turn(now: dt.datetime) -> tuple[int, int]:
    """Make the partitions of this month and the next ones, drop those kept no longer; return how many of each."""
    until = _months_later(now, -SharingSettings.load().log_months)
    made = sum(_make(first) for first in _coming(now))
    dropped = sum(_drop(name) for name in _months() if name < _name(until))
    with database.cursor() as cursor:
        cursor.execute(f"DELETE FROM {OTHER} WHERE at < %s", [until])  # noqa: S608 - constants only
        cursor.execute("DELETE FROM roster_pastrecord WHERE retired_at < %s", [until])
    Delivery.objects.filter(last_at__lt=until).delete()
    KindUse.objects.filter(day__lt=until.date()).delete()
    return made, dropped


def _coming(now: dt.datetime) -> Iterator[dt.datetime]:
    for ahead in range(AHEAD + 1):
        yield _months_later(now, ahead)


def _months_later(now: dt.datetime, months: int) -> dt.datetime:
    """Return the first moment of the month that many months later, UTC."""
    month = now.year * 12 + now.month - 1 + months
    return dt.datetime(month // 12, month % 12 + 1, 1, tzinfo=dt.UTC)


def _name(first: dt.datetime) -> str:
    return f"{TABLE}_{first:%Y_%m}"


def _months() -> list[str]:
    with database.cursor() as cursor:
        cursor.execute(_NAMES, [TABLE])
        return [name for (name,) in cursor.fetchall() if name != OTHER]


@transaction.atomic
def _make(first: dt.datetime) -> bool:
    """Make a month's partition with what came for it meanwhile; False when it is there."""
    name, end = _name(first), _months_later(first, 1)
    if name in _months():
        return False
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute(f"LOCK TABLE {OTHER} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {OTHER} WHERE at >= %s AND at < %s RETURNING *)"  # noqa: S608
            f" INSERT INTO {name} SELECT * FROM moved",
            [first, end],
        )
        bounds = f"FROM ('{first.isoformat()}') TO ('{end.isoformat()}')"
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES {bounds}")
    return True


@transaction.atomic
def _drop(name: str) -> bool:
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute(f"DROP TABLE {name}")
    return True
