"""What the environment says: addresses, keys, time zone, mail, folders. Asks no server but the mail server."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection

from interop import vitals
from interop.doctor.finding import Finding, broken, doubtful, fine
from interop.settings.checks import is_loopback

ENOUGH = 5 * 2**30
FULL = 2**30
GIGABYTE = 2**30


def debugging() -> Iterator[Finding]:
    """Details of faults are for nobody outside."""
    if settings.DEBUG and settings.PRODUCTION:
        yield broken("DEBUG is on: faults show their details to everybody.", "Remove DEBUG from the environment.")


def address() -> Iterator[Finding]:
    """Vendors and people reach the portal under one https address."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if settings.PRODUCTION and is_loopback(host):
        yield doubtful(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: only this machine reaches it.",
            "Set PUBLIC_URL to the https address vendors call.",
        )
    else:
        yield fine(f"PUBLIC_URL is {settings.PUBLIC_URL}.")
    if "*" in settings.ALLOWED_HOSTS:
        yield broken("ALLOWED_HOSTS accepts every name.", "Name the hosts, or remove it: PUBLIC_URL's is the default.")
    elif host not in settings.ALLOWED_HOSTS and f"[{host}]" not in settings.ALLOWED_HOSTS:
        yield broken(
            f"ALLOWED_HOSTS does not name {host}: every request to PUBLIC_URL is refused.",
            f"Add {host} to ALLOWED_HOSTS.",
        )


def time_zone() -> Iterator[Finding]:
    """Which day it is in the district decides who is enrolled."""
    given = os.environ.get("DISTRICT_TIME_ZONE") or os.environ.get("DISTRICT_TIME_ZONE_FILE")
    if settings.PRODUCTION and not given:
        yield doubtful(
            f"DISTRICT_TIME_ZONE is not given; {settings.DISTRICT_TIME_ZONE} is assumed.",
            "Set DISTRICT_TIME_ZONE, such as America/Denver.",
        )
    else:
        yield fine(f"The district's days are those of {settings.DISTRICT_TIME_ZONE}.")


def key_files() -> Iterator[Finding]:
    """Files that hold secrets are for the portal's user alone."""
    named = [Path(value) for name, value in os.environ.items() if name.endswith("_FILE") and _holds_secret(name)]
    for path in [*named, *(settings.DATA_DIR / "keys").glob("*")]:
        if path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~stat.S_IRGRP:
            yield broken(f"{path} can be used by others on this machine.", f"chmod 600 {path}")
    if settings.PRODUCTION and not settings.BACKUP_KEY:
        yield doubtful(
            "BACKUP_KEY is not given: `backup` cannot encrypt.", "Set BACKUP_KEY_FILE, and keep a copy elsewhere."
        )


def _holds_secret(name: str) -> bool:
    return any(word in name for word in ("KEY", "SECRET", "TOKEN", "DATABASE_URL", "REDIS_URL", "MAIL_URL"))


def static_files() -> Iterator[Finding]:
    """Pages need their style sheets."""
    if settings.PRODUCTION and not any(Path(settings.STATIC_ROOT).glob("interop*")):
        yield broken(
            "The static files are not collected: pages have no style.", "Run manage.py collectstatic --no-input."
        )


def disks() -> Iterator[Finding]:
    """A full disk stops everything."""
    for name, path in vitals.disks().items():
        free = shutil.disk_usage(path).free
        words = f"The disk of {name} ({path}) has {free / GIGABYTE:.1f} GB left."
        if free < FULL:
            yield broken(words, "Make room now: PostgreSQL stops when its disk is full.")
        elif free < ENOUGH:
            yield doubtful(words, "Make room, or use a larger disk.")
        else:
            yield fine(words)
    if settings.PRODUCTION and settings.DATABASE_DISK is None:
        yield doubtful(
            "The portal does not know PostgreSQL's disk, so a refresh begins however full it is.",
            "Where PostgreSQL runs on this machine, set DATABASE_DISK to its data folder; else watch it there.",
        )


def mail() -> Iterator[Finding]:
    """Whoever may act is told by mail that a connection ends."""
    if not settings.MAIL:
        yield doubtful("MAIL_URL is not given: messages stay in the Message Center.", "Set MAIL_URL and MAIL_FROM.")
        return
    try:
        server = get_connection()
        server.open()
        server.close()
    except (SMTPException, OSError) as error:
        yield broken(
            f"The mail server does not let us in: {type(error).__name__}.", "Check MAIL_URL, then send_test_mail."
        )
    else:
        yield fine("The mail server lets us in.")
