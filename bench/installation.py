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


@dataclass(frozen=True)
class Installation:
    """One database with the environment its commands run in."""

    database_url: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> tuple[str, float]:
        """Run a management command; return what it printed and the seconds it took, start of the process included."""
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"manage.py {' '.join(arguments)} failed:\n{done.stderr}")
        return done.stdout, time.perf_counter() - began

    def postmaster(self) -> int | None:
        """Return the process of the database server; None when it is on another machine."""
        with psycopg.connect(self.database_url) as connection:
            row = connection.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL").fetchone()
            return parents().get(row[0]) if row and row[1] else None

    def credential(self, *school: str, version: str = "1.2") -> tuple[str, str]:
        """Make a connection that may read everything, of one school if named; return client id and secret."""
        named = [word for sourced_id in school for word in ("--school", sourced_id)]
        options = ["--version", version, "--share", "demographics,guardians,relatives", "--no-limits", "--json"]
        made = json.loads(self.manage("create_connection", "--application", "Bench", *options, *named)[0])
        return made["client_id"], made["client_secret"]

    def token(self, port: int, *school: str, version: str = "1.2") -> str:
        """Make a connection that may read everything, of one school if named; return an access token."""
        client_id, secret = self.credential(*school, version=version)
        form = f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}"
        with urllib.request.urlopen(f"http://{HOST}:{port}/oauth2/token", form.encode()) as answer:
            return str(json.load(answer)["access_token"])


@contextlib.contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """Yield the addresses of PostgreSQL and Valkey: those of the environment, else embedded ones for this run alone."""
    if given := os.environ.get("DATABASE_URL"):
        yield given, os.environ["REDIS_URL"]
        return
    folder = Path(tempfile.mkdtemp(prefix="interop-bench-"))
    folder.chmod(0o755)  # the servers' user comes by
    places = Places.of(folder)
    try:
        with ensure(places):
            yield places.database_url, places.redis_url
    finally:
        shutil.rmtree(places.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


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
    with subprocess.Popen([sys.executable, *web_server(port, application)], cwd=ROOT, env=environment) as process:
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
