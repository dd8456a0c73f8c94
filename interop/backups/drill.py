"""A restore drill: the whole way back, into a database beside the portal's own, compared, checked and dropped again."""

import datetime as dt
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from psycopg import sql

from interop import crypto, sealed
from interop.backups.restoring import Backup, differences, load, put_right, read
from interop.backups.tools import Database

CHECKS = {
    "records vendors read without a body": "SELECT count(*) FROM roster_record r LEFT JOIN roster_body b USING (id)"
    " WHERE r.retired_at IS NULL AND b.id IS NULL",
    "objects published twice": "SELECT count(*) FROM (SELECT 1 FROM roster_record WHERE retired_at IS NULL"
    " GROUP BY version, object, sourced_id HAVING count(*) > 1) twice",
    "constraints that were not checked": "SELECT count(*) FROM pg_constraint WHERE NOT convalidated",
    "indexes that are not valid": "SELECT count(*) FROM pg_index WHERE NOT indisvalid",
}
"""What must be none, and how it is counted."""


@dataclass(frozen=True)
class Report:
    """What a drill found; `faults` is empty when the backup is good."""

    backup: Backup
    seconds: float
    size: int
    faults: list[str]
    done: list[str]

    def told(self, now: dt.datetime) -> dict[str, Any]:
        """Return the report as JSON values: figures only."""
        return {
            "at": now.isoformat(),
            "backup_of": self.backup.at.isoformat(),
            "version": self.backup.version,
            "bytes": self.size,
            "tables": len(self.backup.tables),
            "rows": self.backup.rows,
            "seconds": round(self.seconds, 1),
            "faults": self.faults,
            "afterwards": self.done,
        }


def drill(path: Path, key: str, database: Database) -> Report:
    """Restore into a scratch database of the same server, and say what was found.

    Raises Unreadable, Refused, NoProgram, or a database error when no database may be made here.
    """
    began = time.monotonic()
    backup = read(path, key)
    with _scratch(database) as scratch:
        load(path, key, scratch)
        with scratch.connect() as server:
            faults = [*differences(backup, server), *_faults(server)]
            done = put_right(server)
    return Report(backup, time.monotonic() - began, path.stat().st_size, faults, done)


@contextmanager
def _scratch(database: Database) -> Iterator[Database]:
    """Make an empty database beside ours, and drop it afterwards."""
    name = f"interop_drill_{secrets.token_hex(4)}"
    with database.connect() as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield database.named(name)
    finally:
        with database.connect() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _faults(server: psycopg.Connection[Any]) -> Iterator[str]:
    for what, statement in CHECKS.items():
        [number] = server.execute(statement.encode()).fetchone() or [0]
        if number:
            yield f"{number:,} {what}"
    for place in sealed.places():
        if isinstance(place, sealed.Column) and (number := _closed(server, place)):
            yield f"{number:,} {place.name} that no key of FIELD_ENCRYPTION_KEYS opens"


def _closed(server: psycopg.Connection[Any], place: sealed.Column) -> int:
    model = apps.get_model(place.model)
    column = model._meta.get_field(place.field).column
    asked = sql.SQL("SELECT {0} FROM {1} WHERE {0} IS NOT NULL").format(
        sql.Identifier(column), sql.Identifier(model._meta.db_table)
    )
    return sum(not _opens(value) for (value,) in server.execute(asked))


def _opens(value: bytes) -> bool:
    try:
        crypto.unseal(bytes(value))
    except crypto.Unreadable:
        return False
    return True
