"""An installation as it runs in production: PostgreSQL with a replica, Valkey, and the programs of deploy/.

It is filled from a backup, so that backing up and restoring are proven on the way.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import requests
from django.conf import settings
from django.core.management import call_command

from interop.backups import restoring, taking
from interop.backups.tools import Database
from interop.embedded.servers import as_user
from interop.embedded.wheels import find_install
from tests.embedded.conftest import eventually
from tests.live import _district_and_vendor, free_port

KEY = "a key that only tests know, long enough"
CONF = """
listen_addresses = ''
wal_level = replica
max_wal_senders = 4
hot_standby = on
max_connections = 40
shared_buffers = 32MB
timezone = 'UTC'
"""


@dataclass
class Cluster:
    """One PostgreSQL server of its own."""

    folder: Path
    sockets: Path
    install: Any = field(default_factory=find_install)

    def program(self, name: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs to its end and return what it says."""
        environment = {"PATH": os.defpath, "LC_ALL": "C"}
        done = subprocess.run(
            [self.install.postgres_bin / name, *arguments], cwd=self.folder.parent, env=environment, check=False,
            capture_output=True, text=True, stdin=subprocess.DEVNULL, **as_user(self.install.user),
        )  # fmt: skip
        assert done.returncode == 0, f"{name}: {done.stderr}"
        return done.stdout

    def make(self) -> "Cluster":
        self.program("initdb", "-D", str(self.folder), "-U", "interop", "--auth=trust", "--no-sync", "--locale=C.UTF-8")
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write(CONF)
        return self

    def copy(self, folder: Path, sockets: Path) -> "Cluster":
        """Return a streaming replica of this server."""
        self.program(
            "pg_basebackup", "-D", str(folder), "-h", str(self.sockets), "-U", "interop", "-R", "--checkpoint=fast",
            "--no-sync",
        )  # fmt: skip
        return Cluster(folder, sockets)

    def control(self, *what: str) -> None:
        """Run pg_ctl; the server's words go to a file, so that nobody waits for its output to end."""
        options = ["-D", str(self.folder), "-l", str(self.folder / "log"), "-o", f"-k {self.sockets}", "-w"]
        self.program("pg_ctl", *options, *what)

    def said(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def runs(self) -> bool:
        """Return whether the server accepts connections."""
        try:
            return self.ask("SELECT 1") == 1
        except psycopg.OperationalError:
            return False

    def url(self, name: str = "interop") -> str:
        return f"postgresql://interop@/{name}?host={quote(str(self.sockets), safe='')}"

    def ask(self, statement: str, name: str = "interop") -> Any:
        """Return the first value of a statement's answer, None when it has none."""
        with psycopg.connect(self.url(name), autocommit=True) as server:
            found = server.execute(statement)
            row = found.fetchone() if found.description else None
            return row and row[0]


class Valkey:
    """A Valkey of its own."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([find_install().valkey_server, *options], stdout=subprocess.DEVNULL)
        assert eventually(self.socket.exists)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.socket.unlink(missing_ok=True)


@dataclass
class Installation:
    """A running portal, its servers, and a vendor that may read."""

    folder: Path
    primary: Cluster
    replica: Cluster
    valkey: Valkey
    port: int
    client_id: str
    secret: str = field(repr=False)
    backup: restoring.Backup
    file: Path
    programs: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the programs find; everything that is no setting of ours comes from here."""
        return {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "LANG")},
            "DATABASE_URL": self.primary.url(),
            "DATABASE_REPLICA_URL": self.replica.url(),
            "DATABASE_DISK": str(self.folder),
            "REDIS_URL": f"unix://{self.valkey.socket}",
            "SECRET_KEY": settings.SECRET_KEY,
            "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
            "PUBLIC_URL": self.url,
            "DATA_DIR": str(self.folder / "data"),
            "DISTRICT_TIME_ZONE": "America/Denver",
        }

    def start(self, program: str, *options: str, name: str = "") -> "subprocess.Popen[bytes]":
        """Start a program as deploy/ does; a second one of its kind has a name of its own."""
        with (self.folder / f"{program}.log").open("ab") as log:
            self.programs[name or program] = subprocess.Popen(
                [sys.executable, "manage.py", "serve", program, *options],
                cwd=settings.BASE_DIR, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        return self.programs[name or program]

    def said(self, program: str) -> str:
        return (self.folder / f"{program}.log").read_text(encoding="utf-8", errors="replace")

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", headers=headers, timeout=30)

    def ask_token(self) -> requests.Response:
        told = {"grant_type": "client_credentials"}
        return requests.post(f"{self.url}/oauth2/token", data=told, auth=(self.client_id, self.secret), timeout=30)

    def users(self, token: str, **asked: str) -> requests.Response:
        query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
        return self.get(f"/ims/oneroster/rostering/v1p2/users?{query}", Authorization=f"Bearer {token}")


@pytest.fixture(scope="module")
def backup(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[tuple[Path, Any, Any]]:
    """Publish a district in the tests' database, back it up, and empty the tables; yield file, taken, vendor."""
    file = tmp_path_factory.mktemp("backup") / taking.name_for(taking.timezone.now())
    with django_db_blocker.unblock():
        try:
            vendor = _district_and_vendor()
            taken = taking.take(file, KEY, Database.configured())
        finally:
            call_command("flush", verbosity=0, interactive=False)
        yield file, taken, vendor


@pytest.fixture(scope="module")
def installation(backup: tuple[Path, Any, Any]) -> Iterator[Installation]:
    """Start all servers, restore the backup, start the web server."""
    file, _taken, (client_id, secret) = backup
    root = Path(tempfile.mkdtemp(prefix="interop-deploy-"))
    root.chmod(0o755)
    try:
        with running(file, client_id, secret, root) as found:
            yield found
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def running(file: Path, client_id: str, secret: str, root: Path) -> Iterator[Installation]:
    """Run an installation in a folder, filled from a backup."""
    with contextlib.ExitStack() as stack:
        home = _home(root)
        primary = Cluster(home / "primary", _sockets(home, "p")).make()
        stack.callback(_stop, primary)
        primary.control("start")
        primary.ask("CREATE DATABASE interop", "postgres")
        restored = restoring.read(file, KEY)
        restoring.load(file, KEY, Database(f"host={primary.sockets} user=interop", "", "interop"))
        replica = primary.copy(home / "replica", _sockets(home, "r"))
        stack.callback(_stop, replica)
        replica.control("start")
        valkey = Valkey(root)
        stack.callback(valkey.kill)
        valkey.start()
        found = Installation(root, primary, replica, valkey, free_port(), client_id, secret, restored, file)
        stack.callback(_end, found.programs)
        found.start("web", "--port", str(found.port), "--processes", "2" if os.environ.get("INTEROP_PROVE") else "1")
        assert eventually(lambda: _status(found, "/livez") == 200), found.said("web")
        yield found


def _home(root: Path) -> Path:
    """Return a folder that the servers' user owns."""
    home = root / "servers"
    home.mkdir(mode=0o700)
    if user := find_install().user:
        shutil.chown(home, user, user)
    return home


def _sockets(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir(mode=0o700)
    if user := find_install().user:
        shutil.chown(folder, user, user)
    return folder


def _status(found: Installation, path: str) -> int:
    try:
        return found.get(path).status_code
    except requests.ConnectionError:
        return 0


def _stop(cluster: Cluster) -> None:
    with contextlib.suppress(AssertionError):
        cluster.control("stop", "-m", "immediate")


def _end(programs: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for process in programs.values():
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 20
    for process in programs.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
