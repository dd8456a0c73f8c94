"""An installation of the portal for measuring: databases of its own, management commands, the web server."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql

from bench.load import HOST
from bench.processes import family, parents
from interop.embedded import Places, ensure
from interop.portal.programs import QUIET, web_server

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0


class Done(NamedTuple):
    """What a command printed, its seconds with the start of its process, and the most memory one process of it held."""

    printed: str
    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Installation:
    """One database with the environment its commands run in."""

    database_url: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> Done:
        """Run a management command to its end, in a session of its own as the portal runs its programs.

        Raises SystemExit with what it said when it fails.
        """
        with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as complaint:
            began = time.perf_counter()
            command = [sys.executable, "manage.py", *arguments]
            files: Any = {"stdout": printed, "stderr": complaint}
            with subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True, **files) as process:
                try:
                    _, status, usage = os.wait4(process.pid, 0)
                except BaseException:
                    process.kill()
                    raise
                process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.perf_counter() - began
            printed.seek(0)
            complaint.seek(0)
            if process.returncode:
                raise SystemExit(f"manage.py {' '.join(arguments)} failed:\n{complaint.read()}")
            return Done(printed.read(), seconds, usage.ru_maxrss / 1024)

    def shell(self, code: str) -> Done:
        """Run code inside the portal's settings."""
        return self.manage("shell", "--verbosity", "0", "--command", code)

    def postmaster(self) -> int | None:
        """Return the process of the database server; None when it is on another machine."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL").fetchone()
            return parents().get(row[0]) if row and row[1] else None

    def credential(self, *school: str, version: str = "1.2", partner: bool = False) -> tuple[str, str]:
        """Make a connection that may read everything, of one school if named; return client id and secret.

        A `partner` writes grades and assessments too.
        """
        named = [word for sourced_id in school for word in ("--school", sourced_id)]
        shared = "demographics,guardians,relatives" + (",gradebook,assessments" if partner else "")
        who = ["--application", "Partner", "--partner"] if partner else ["--application", "Bench"]
        options = ["--version", version, "--share", shared, "--no-limits", "--json"]
        made = json.loads(self.manage("create_connection", *who, *options, *named).printed)
        return made["client_id"], made["client_secret"]

    def token(self, port: int, *school: str, version: str = "1.2", partner: bool = False) -> str:
        """Make a connection, see above; return an access token of it."""
        client_id, secret = self.credential(*school, version=version, partner=partner)
        form = f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}"
        with urllib.request.urlopen(f"http://{HOST}:{port}/oauth2/token", form.encode()) as answer:
            return str(json.load(answer)["access_token"])


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """Yield an empty DATA_DIR for servers of its own; what they kept is removed with it."""
    folder = Path(tempfile.mkdtemp(prefix="interop-bench-"))
    folder.chmod(0o755)  # the servers' user comes by
    try:
        yield folder
    finally:
        shutil.rmtree(Places.of(folder).home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """Yield the addresses of PostgreSQL and Valkey: those of the environment, else embedded ones for this run alone."""
    if given := os.environ.get("DATABASE_URL"):
        yield given, os.environ["REDIS_URL"]
        return
    with data_folder() as folder:
        places = Places.of(folder)
        with ensure(places):
            yield places.database_url, places.redis_url


@contextlib.contextmanager
def installation(addresses: tuple[str, str], name: str, port: int) -> Iterator[Installation]:
    """Yield an installation with an empty database of this name, which is dropped afterwards."""
    server_url, redis_url = addresses
    with tempfile.TemporaryDirectory(prefix="interop-bench-data-") as data_dir:
        url = urlsplit(server_url)._replace(path=f"/{name}").geturl()
        environment = os.environ | {
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "DATA_DIR": data_dir,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "PUBLIC_URL": f"http://{HOST}:{port}",
            "PYTHONWARNINGS": QUIET,
        }
        _drop(server_url, name)
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            made = Installation(url, environment)
            made.manage("migrate")
            yield made
        finally:
            _drop(server_url, name)


def _drop(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(application: str, port: int, environment: dict[str, str]) -> Iterator[int]:
    """Serve the application as the portal serves itself; yield the process once it answers."""
    command = [sys.executable, *web_server(port, application)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as process:
        try:
            _wait_for(port)
            yield process.pid
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end; one that was told while it started may not hear it."""
    members = family(process.pid)
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        for member in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
