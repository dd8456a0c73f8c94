"""The databases: the one that holds everything, and a copy that vendors' pages may be read from."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from interop.settings import checks
from interop.settings.env import env_str

CONNECT_WITHIN = "5"
"""Seconds to wait for a server that does not answer at all."""


def database(url: str) -> dict[str, Any]:
    """Return Django's database dictionary for a postgresql:// URL; a socket folder goes in ?host=."""
    parts = urlsplit(checks.database_url(url))
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "interop",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": CONNECT_WITHIN, **query},
    }


def all_databases(url: str) -> dict[str, dict[str, Any]]:
    """Return all databases: the given one and, where DATABASE_REPLICA_URL names it, its streaming replica.

    Django's tests make no second database for a replica; they read the first one twice.
    """
    found = {"default": database(url)}
    if replica := env_str("DATABASE_REPLICA_URL", ""):
        found["replica"] = {**database(replica), "TEST": {"MIRROR": "default"}}
    return found


def database_disk(embedded: Path | None) -> Path | None:
    """Return a folder on the disk that PostgreSQL writes to, None when it is another machine's.

    Raises ImproperlyConfigured when DATABASE_DISK names no folder.
    """
    if embedded is not None:
        return embedded
    value = env_str("DATABASE_DISK", "")
    if value and not Path(value).is_dir():
        raise ImproperlyConfigured(f"DATABASE_DISK names {value}, which is not a folder on this machine.")
    return Path(value) if value else None


def backup_key() -> str:
    """Return what encrypts backups, blank when none is given; raises ImproperlyConfigured for one easy to guess."""
    value = env_str("BACKUP_KEY", "")
    if value and len(value) < checks.SHORTEST_SECRET:
        raise ImproperlyConfigured(f"BACKUP_KEY is too short; give at least {checks.SHORTEST_SECRET} characters.")
    return value
