"""How the portal is at this moment: what readiness, metrics and the doctor ask."""

import datetime as dt
import pkgutil
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import cache as shared
from django.db import Error, connection, connections
from django.utils import timezone
from redis import RedisError

from interop.jobs.planning import HEARTBEAT
from interop.models import AuditEvent

BACKED_UP = "backed up"
_FACTS = """
    SELECT pg_database_size(current_database()),
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
           (SELECT extract(epoch FROM now() - max(published_at)) FROM roster_edition),
           (SELECT max(number) FROM roster_edition)
"""
_JOBS = "SELECT state, count(*) FROM interop_jobrun WHERE due_at > now() - interval '1 day' GROUP BY state"
_LAG = "SELECT pg_wal_lsn_diff(%s::pg_lsn, pg_last_wal_replay_lsn())"


@dataclass(frozen=True)
class Gauge:
    """One figure, or one for each value of its label."""

    name: str
    what: str
    values: Mapping[str, float]
    label: str = ""


def gauges() -> Iterator[Gauge]:
    """Yield everything that can be measured now."""
    up = database_answers()
    yield Gauge("database_up", "1 when PostgreSQL answers", {"": float(up)})
    redis = redis_answers()
    yield Gauge("redis_up", "1 when Redis answers", {"": float(redis)})
    if redis and (silent := silent_for(timezone.now())) is not None:
        yield Gauge("scheduler_silent_seconds", "Time since scheduler and worker were last alive", {"": silent})
    free = {name: float(shutil.disk_usage(path).free) for name, path in disks().items()}
    yield Gauge("disk_free_bytes", "Room left on the disks of this machine", free, "disk")
    if up:
        yield from _of_database()


def _of_database() -> Iterator[Gauge]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS)
        size, clients, age, edition = cursor.fetchone()
        cursor.execute(_JOBS)
        jobs = {state: float(number) for state, number in cursor.fetchall()}
    yield Gauge("database_size_bytes", "Size of the database", {"": float(size)})
    yield Gauge("database_connections", "Connections to the database", {"": float(clients)})
    if edition is not None:
        yield Gauge("edition", "Number of the edition vendors read", {"": float(edition)})
        yield Gauge("edition_age_seconds", "Time since something was last published", {"": float(age)})
    yield Gauge("job_runs", "Runs of jobs due within a day, by state", jobs, "state")
    if at := last_backup():
        yield Gauge("backup_age_seconds", "Age of the last backup", {"": (timezone.now() - at).total_seconds()})
    if "replica" in connections:
        lag = replica_lag()
        yield Gauge("replica_up", "1 when the replica answers", {"": float(lag is not None)})
        if lag is not None:
            yield Gauge("replica_lag_bytes", "What the replica has yet to repeat", {"": lag})


def database_answers() -> bool:
    """Return whether PostgreSQL answers and has the portal's tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM roster_edition LIMIT 1")
    except Error:
        return False
    return True


def redis_answers() -> bool:
    """Return whether Redis or Valkey takes and gives back; it waits a few seconds at most."""
    try:
        shared.get(HEARTBEAT)
    except (RedisError, OSError):
        return False
    return True


def silent_for(now: dt.datetime) -> float | None:
    """Return the seconds since scheduler, broker and worker were last alive together; None: not within ten minutes."""
    told = shared.get(HEARTBEAT)
    return (now - dt.datetime.fromisoformat(told)).total_seconds() if told else None


def missing_migrations() -> list[str]:
    """Return the migrations of this code that the database does not have. Raises a database error when it is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    return sorted(".".join(each) for each in _migrations() - applied)


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Return all migrations of this code by the names of their files, which do not change while it runs.

    Django would load every one of them: 10 MB in each process that is asked whether it is ready.
    """
    return frozenset(
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(app.path, "migrations"))])
        if not module.name.startswith(("_", "~"))
    )


def last_backup() -> dt.datetime | None:
    """Return when the last backup was finished, as the audit trail has it."""
    return AuditEvent.objects.filter(act=BACKED_UP).order_by("-at").values_list("at", flat=True).first()


def replica_lag() -> float | None:
    """Return how many bytes the replica has yet to repeat; None when it does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_lsn()::text")
            [at] = cursor.fetchone()
        with connections["replica"].cursor() as cursor:
            cursor.execute(_LAG, [at])
            [lag] = cursor.fetchone()
    except Error:
        return None
    return max(0.0, float(lag or 0))


def disks() -> dict[str, Path]:
    """Return the disks of this machine that the portal needs, by what for."""
    known: dict[str, Any] = {"data": settings.DATA_DIR, "database": settings.DATABASE_DISK}
    return {name: path for name, path in known.items() if path is not None and path.is_dir()}
