"""Bringing a backup back, and proving that it could be: every table is compared with what was backed up."""

import datetime as dt
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg
from django.utils.module_loading import import_string

from interop.backups.contents import Table, contents, tables
from interop.backups.sealing import Unreadable, opened
from interop.backups.taking import LENGTH
from interop.backups.tools import Database

AFTERWARDS = ("connections.restored.end_access", "lti.restored.end_tokens", "roster.restored.stamp_anew")
"""What has to be done to a database that went back in time; each takes a connection and returns a sentence."""
RESTORE = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Refused(Exception):
    """Nothing was restored; the message is for people."""


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself."""

    version: str
    at: dt.datetime
    tables: dict[str, Table]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(table.rows for table in self.tables.values())


def read(path: Path, key: str) -> Backup:
    """Return what a backup says of itself, after every byte of it was found authentic. Raises Unreadable or OSError."""
    with path.open("rb") as file:
        pieces = opened(file, key)
        backup, _rest = _begun(pieces)
        for _piece in pieces:
            pass
    return backup


def load(path: Path, key: str, database: Database) -> None:
    """Fill an empty database from a backup that `read` has found good, all of it or nothing. Raises Refused."""
    with database.connect() as server:
        if tables(server):
            raise Refused(f"The database {database.name} is not empty. Restore into a new one.")
    program = database.run(
        "pg_restore", *RESTORE, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if program.stdin is None or program.stderr is None:
        raise Refused("pg_restore has no input.")
    said: list[bytes] = []
    listening = threading.Thread(target=lambda pipe=program.stderr: said.append(pipe.read()))
    listening.start()
    with path.open("rb") as file:
        pieces = opened(file, key)
        _backup, rest = _begun(pieces)
        try:
            program.stdin.write(rest)
            for piece in pieces:
                program.stdin.write(piece)
            program.stdin.close()
        except BrokenPipeError:
            pass  # it ended early, and its exit code says so
        except Unreadable:
            program.kill()
            raise
    listening.join()
    if program.wait():
        complaint = b"".join(said).decode(errors="replace").strip()
        raise Refused(f"pg_restore failed: {complaint.splitlines()[0] if complaint else program.returncode}")


def differences(backup: Backup, server: psycopg.Connection[Any]) -> list[str]:
    """Return the tables that are not as they were backed up, each in a sentence."""
    now = contents(server)
    return [
        f"{name}: {_words(now.get(name))} instead of {_words(backup.tables.get(name))}"
        for name in sorted(now.keys() | backup.tables.keys())
        if now.get(name) != backup.tables.get(name)
    ]


def put_right(server: psycopg.Connection[Any]) -> list[str]:
    """Do what a database needs that went back in time, in one transaction; return what was done, in sentences."""
    with server.transaction():
        return [import_string(name)(server) for name in AFTERWARDS]


def others(server: psycopg.Connection[Any]) -> int:
    """Return how many other sessions use this database."""
    [number] = server.execute(_OTHERS).fetchone() or [0]
    return int(number)


def _begun(pieces: Iterator[bytes]) -> tuple[Backup, bytes]:
    """Return what stands at the beginning of a backup, and the first bytes of the dump after it."""
    begun = bytearray()
    needed = LENGTH
    for piece in pieces:
        begun += piece
        if len(begun) >= LENGTH:
            needed = LENGTH + int.from_bytes(begun[:LENGTH], "big")
        if len(begun) >= needed:
            break
    told = orjson.loads(begun[LENGTH:needed])
    held = {name: Table(**table) for name, table in told["tables"].items()}
    return Backup(told["version"], dt.datetime.fromisoformat(told["at"]), held), bytes(begun[needed:])


def _words(table: Table | None) -> str:
    return "no table" if table is None else f"{table.rows:,} rows ({table.sum[-6:]})"
