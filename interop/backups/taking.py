"""Taking a backup: PostgreSQL's dump of one instant, encrypted on its way to the file, with a list of what it holds."""

import datetime as dt
import os
import secrets
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from django.utils import timezone

from interop.backups.contents import contents
from interop.backups.sealing import Sealer
from interop.backups.tools import Database
from interop.version import installed

READ = 1 << 20
LENGTH = 8
SUFFIX = ".interop-backup"
DUMP = ("--format=custom", "--compress=6", "--no-owner", "--no-privileges", "--no-comments")


class Failed(Exception):
    """No backup was made; the message is for people."""


@dataclass(frozen=True)
class Taken:
    """A finished backup."""

    path: Path
    at: dt.datetime
    rows: int
    size: int


def name_for(at: dt.datetime) -> str:
    """Return the file name of a backup; names sort as the backups were made."""
    return f"interop-{at:%Y%m%d-%H%M%S}{SUFFIX}"


def take(path: Path, key: str, database: Database) -> Taken:
    """Write a backup to this file, which appears only when it is complete. Raises Failed or NoProgram."""
    at = timezone.now()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            sealer = Sealer(file, key)
            rows = _write(sealer, database, at)
            sealer.close()
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return Taken(path, at, rows, path.stat().st_size)


def _write(sealer: Sealer, database: Database, at: dt.datetime) -> int:
    """Write the list and the dump, both of the same instant; return the number of rows."""
    with database.connect() as server, server.transaction():
        server.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        [snapshot] = server.execute("SELECT pg_export_snapshot()").fetchone() or [""]
        held = contents(server)
        told = {"version": installed(), "at": at.isoformat(), "server": server.info.server_version,
                "tables": {name: asdict(table) for name, table in held.items()}}  # fmt: skip
        manifest = orjson.dumps(told)
        sealer.write(len(manifest).to_bytes(LENGTH, "big") + manifest)
        _dump(sealer, database, snapshot)
    return sum(table.rows for table in held.values())


def _dump(sealer: Sealer, database: Database, snapshot: str) -> None:
    dump = database.run(
        "pg_dump", *DUMP, f"--snapshot={snapshot}", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    with dump:
        if dump.stdout is None or dump.stderr is None:
            raise Failed("pg_dump has no output.")
        while content := dump.stdout.read(READ):
            sealer.write(content)
        complaint = dump.stderr.read().decode(errors="replace").strip()
    if dump.returncode:
        raise Failed(f"pg_dump failed: {complaint.splitlines()[0] if complaint else dump.returncode}")


def keep_newest(folder: Path, number: int) -> list[Path]:
    """Delete all backups of a folder but the newest; return what was deleted."""
    old = sorted(folder.glob(f"interop-*{SUFFIX}"))[:-number]
    for path in old:
        path.unlink()
    return old
