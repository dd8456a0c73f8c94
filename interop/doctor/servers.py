"""The servers the portal stands on: PostgreSQL, its replica, Redis, and the portal's own worker and scheduler."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, connections
from django.utils import timezone
from redis import RedisError

from interop import vigil, vitals
from interop.doctor.finding import Finding, broken, doubtful, fine

OLDEST = 15
SKEW, MUCH_SKEW = 1.0, 30.0
LAG = 256 * 2**20
SILENT = 120.0
SAFE = {"fsync": "on", "full_page_writes": "on"}
"""Settings without which a power cut loses or mixes what was saved."""
_RIGHTS = """
    SELECT rolsuper, has_table_privilege('interop_auditevent', 'UPDATE'), pg_has_role(c.relowner, 'USAGE')
    FROM pg_roles, pg_class c WHERE rolname = current_user AND c.oid = 'interop_auditevent'::regclass
"""


def database() -> Iterator[Finding]:
    """PostgreSQL answers, is new enough, keeps what it is given, and has every migration."""
    try:
        version = connection.cursor().connection.info.server_version
    except Error as error:
        yield broken(f"PostgreSQL does not answer: {_line(error)}", "Start it, or check DATABASE_URL.")
        return
    major = version // 10000
    if major < OLDEST:
        yield broken(f"PostgreSQL is {major}.", f"Upgrade it to {OLDEST} or newer.")
    else:
        yield fine(f"PostgreSQL {major} answers.")
    for name, wanted in SAFE.items():
        if _value(f"SHOW {name}") != wanted:
            yield broken(f"PostgreSQL runs with {name} off: a power cut can lose data.", f"Set {name} = {wanted}.")
    if not _value("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'"):
        yield broken("The extension pg_trgm is missing.", "Run manage.py migrate as the owner of the database.")
    if missing := vitals.missing_migrations():
        yield broken(f"{len(missing)} migrations are not applied, {missing[0]} first.", "Run manage.py migrate.")
    else:
        yield fine("All migrations are applied.")


def rights() -> Iterator[Finding]:
    """The web server's role reads and writes rows, and nothing else."""
    if not settings.PRODUCTION or not vitals.database_answers():
        return
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS)
        superuser, may_change_trail, owner = cursor.fetchone()
    if superuser:
        yield broken(
            "DATABASE_URL names a superuser of PostgreSQL.", "Make a role of its own: deploy/postgresql/roles.sql."
        )
    elif may_change_trail or owner:
        yield doubtful(
            "The role of DATABASE_URL owns the tables and may change the audit trail. That is right for worker, "
            "scheduler and commands, not for the web server.",
            "Let the web server connect as interop_web: deploy/postgresql/roles.sql.",
        )
    else:
        yield fine("The role of DATABASE_URL has least rights.")


def clocks() -> Iterator[Finding]:
    """Tokens and editions are dated by PostgreSQL, days by this machine: both clocks must agree."""
    if not vitals.database_answers():
        return
    before = timezone.now()
    theirs = _value("SELECT clock_timestamp()")
    after = timezone.now()
    skew = abs((theirs - (before + (after - before) / 2)).total_seconds())
    words = f"The clocks of this machine and of PostgreSQL differ by {skew:.1f} s."
    if skew > MUCH_SKEW:
        yield broken(words, "Set both by NTP.")
    elif skew > SKEW:
        yield doubtful(words, "Set both by NTP.")
    else:
        yield fine(words)


def replica() -> Iterator[Finding]:
    """The replica is a copy of this PostgreSQL, and not far behind."""
    if "replica" not in connections:
        return
    asked = "SELECT (SELECT system_identifier FROM pg_control_system())::text, pg_is_in_recovery()"
    try:
        with connections["replica"].cursor() as cursor:
            cursor.execute(asked)
            cluster, copying = cursor.fetchone()
    except Error as error:
        yield doubtful(f"The replica does not answer: {_line(error)} Pages come from the primary.", "Start it again.")
        return
    if not copying or cluster != _value("SELECT (SELECT system_identifier FROM pg_control_system())::text"):
        yield broken("DATABASE_REPLICA_URL is no replica of DATABASE_URL.", "Name a streaming replica, or remove it.")
    elif (lag := vitals.replica_lag()) is None or lag > LAG:
        yield doubtful(f"The replica lags {(lag or 0) / 2**20:.0f} MB behind.", "Look at its log and its network.")
    else:
        yield fine("The replica follows.")


def redis() -> Iterator[Finding]:
    """Redis rings the worker's bell; it must not throw messages away."""
    try:
        client: Any = cache._cache.get_client()  # type: ignore[attr-defined]  # noqa: SLF001 - Django has no other way
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "")
    except RedisError as error:
        if not vitals.redis_answers():
            yield broken(f"Redis does not answer: {_line(error)}", "Start it, or check REDIS_URL.")
            return
        policy = ""
    if policy and policy != "noeviction":
        yield doubtful(f"Redis may throw messages away ({policy}).", "Set maxmemory-policy noeviction.")
    yield fine("Redis answers.")


def worker() -> Iterator[Finding]:
    """Scheduler, broker and worker are alive together."""
    if not vitals.redis_answers():
        return
    silent = vitals.silent_for(timezone.now())
    if silent is None or silent > SILENT:
        found = broken if settings.PRODUCTION else doubtful
        yield found(
            "The worker or the scheduler does not run.", "Start interop-worker and interop-scheduler, or portal."
        )
    else:
        yield fine(f"Worker and scheduler were alive {silent:.0f} s ago.")


def backups() -> Iterator[Finding]:
    """There is a backup of yesterday."""
    if not vitals.database_answers():
        return
    at = vitals.last_backup()
    if at is None:
        words = "There has been no backup."
    elif timezone.now() - at > vigil.BACKUP_DUE:
        words = f"The last backup is of {at:%Y-%m-%d}."
    else:
        yield fine(f"The last backup is of {at:%Y-%m-%d %H:%M} UTC.")
        return
    if settings.PRODUCTION:
        yield doubtful(words, "Let a timer run manage.py backup every night (deploy/systemd/interop-backup.timer).")


def _value(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
