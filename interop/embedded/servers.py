"""PostgreSQL and Valkey as child processes of the keeper."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interop.embedded.errors import EmbeddedError
from interop.embedded.places import NAME, SHARED, Places
from interop.embedded.wheels import Install, find_install, make_shared

PATIENCE = 60.0
READY = "ready"
"""What PostgreSQL notes in the eighth line of its pid file when it takes connections."""
PACE = 0.02
RETRIES = 10.0
"""Seconds in which a server that ends at once is tried again."""
POSTGRES_CONF = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
wal_level = minimal
wal_buffers = 32MB
max_wal_senders = 0
max_wal_size = 2GB
checkpoint_completion_target = 0.9
jit = off
max_parallel_workers_per_gather = 0
random_page_cost = 1.1
log_min_messages = warning
log_min_error_statement = panic
timezone = 'UTC'
"""


@dataclass
class Server:
    """One server program: how to start it, how to ask it to stop, what to do when it answers first."""

    name: str
    command: list[str]
    stop_signal: signal.Signals
    user: str | None
    folder: Path
    clear: Callable[[], None]
    after_start: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start the program and wait for its first answer; back ends of a killed server may hold it up a little."""
        deadline = time.monotonic() + RETRIES
        while True:
            self.clear()
            self._launch()
            try:
                self.after_start()
            except EmbeddedError:
                if self.lives() or time.monotonic() > deadline:
                    raise
                time.sleep(PACE * 10)
            else:
                return

    def _launch(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - programs of our own wheels
            self.command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": os.defpath, "TZ": "UTC"},
            **as_user(self.user),
        )

    def lives(self) -> bool:
        """Whether the program runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask the program to end, insist after a minute."""
        if self.process is None or not self.lives():
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def as_user(user: str | None) -> dict[str, Any]:
    """Return Popen's arguments for running as that user."""
    return (
        {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": [], "umask": 0o077}
    )


def prepare(places: Places) -> Install:
    """Make the folders and, the first time, the database cluster."""
    install = find_install()
    if SHARED in places.home.parents:
        make_shared()
        own_folder(places.home, install.user)
    for folder in (places.valkey, places.sockets):
        own_folder(folder, install.user)
    if not (places.postgres / "PG_VERSION").exists():
        _make_cluster(places, install)
    (places.postgres / "interop.conf").write_text(POSTGRES_CONF, encoding="utf-8")
    _write_logins(places, install)
    return install


def own_folder(path: Path, user: str | None) -> None:
    """Make a folder that only the servers' user can enter; refuse one that somebody else put there."""
    owner = os.geteuid() if user is None else pwd.getpwnam(user).pw_uid
    try:
        path.mkdir(mode=0o700)
        os.chown(path, owner, -1)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
            raise EmbeddedError(f"{path} belongs to somebody else; remove it") from None
        if found.st_uid != owner:  # we died between making it and giving it away
            os.chown(path, owner, -1)
        if stat.S_IMODE(found.st_mode) != 0o700:
            raise EmbeddedError(f"{path} is open to others; make it 0700 or remove it") from None


def _make_cluster(places: Places, install: Install) -> None:
    """Make cluster and database beside the final place and move them there: a killed run leaves nothing half made."""
    draft = places.postgres.with_name("postgres.new")
    if draft.exists():
        shutil.rmtree(draft)
    own_folder(draft, install.user)
    options = ["--auth-local=peer", "--auth-host=reject", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    initdb = install.postgres_bin / "initdb"
    _make([initdb, "-D", draft, "-U", NAME, "--builtin-locale=C.UTF-8", *options], draft, install)
    alone: list[str | Path] = [install.postgres_bin / "postgres", "--single", "-D", draft, "postgres"]
    _make(alone, draft, install, f"CREATE DATABASE {NAME}\n")
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("include 'interop.conf'\n")
    draft.rename(places.postgres)


def _make(command: list[str | Path], folder: Path, install: Install, told: str = "") -> None:
    """Run a program of the wheel to its end, telling it something. Raises EmbeddedError with its complaint."""
    done = subprocess.run(  # noqa: S603 - a program of our own wheel
        command,
        cwd=folder,
        input=told,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        **as_user(install.user),
    )
    if done.returncode or "ERROR:" in done.stderr:
        raise EmbeddedError(f"{Path(command[0]).name} failed: {' '.join(done.stderr.split())}")


def _write_logins(places: Places, install: Install) -> None:
    """Let in by the socket only: the user of the servers and the user we are, both as the one role."""
    names = {pwd.getpwuid(os.geteuid()).pw_name, *filter(None, [install.user])}
    (places.postgres / "pg_hba.conf").write_text(f"local all all peer map={NAME}\n", encoding="utf-8")
    lines = "".join(f'{NAME} "{name}" {NAME}\n' for name in sorted(names))
    (places.postgres / "pg_ident.conf").write_text(lines, encoding="utf-8")


def postgres(places: Places, install: Install) -> Server:
    """Return the PostgreSQL server."""
    server = Server(
        name="PostgreSQL",
        command=[str(install.postgres_bin / "postgres"), "-D", str(places.postgres), "-k", str(places.sockets)],
        stop_signal=signal.SIGINT,
        user=install.user,
        folder=places.postgres,
        clear=lambda: _clear_postgres(places),
    )
    server.after_start = lambda: _wait_until_ready(places, server)
    return server


def valkey(places: Places, install: Install) -> Server:
    """Return the Valkey server: a doorbell and a cache, so it keeps nothing on disk."""
    options = {
        "port": "0",
        "unixsocket": str(places.valkey_socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "dir": str(places.valkey),
    }
    return Server(
        name="Valkey",
        command=[str(install.valkey_server), *(part for key, value in options.items() for part in (f"--{key}", value))],
        stop_signal=signal.SIGTERM,
        user=install.user,
        folder=places.valkey,
        clear=lambda: _clear_valkey(places),
    )


def _running(marker: str) -> list[int]:
    """Return processes whose command line has the marker as one of its words (servers of a killed keeper)."""
    found = []
    listing = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=False)  # noqa: S607
    for line in listing.stdout.splitlines():
        pid, _, arguments = line.strip().partition(" ")
        if marker in arguments and int(pid) != os.getpid():
            found.append(int(pid))
    return found


def _end(pids: list[int], how: signal.Signals) -> None:
    deadline = time.monotonic() + PATIENCE
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
    while any(map(_lives, pids)):
        if time.monotonic() > deadline:
            raise EmbeddedError("A server left over from a killed run does not stop")
        time.sleep(PACE)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _clear_postgres(places: Places) -> None:
    """End a server that outlived its keeper; drop a pid file whose number now belongs to another program.

    A pid file of a dead process stays: PostgreSQL reads in it whether old back ends still hold shared memory.
    """
    leftover = _running(f"postgres -D {places.postgres} -k ")
    _end(leftover, signal.SIGINT)
    pid_file = places.postgres / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        pid_file.unlink(missing_ok=True)
        return
    if _lives(pid):
        pid_file.unlink(missing_ok=True)


def _clear_valkey(places: Places) -> None:
    _end(
        _running(f" unixsocket:{places.valkey_socket}") + _running(f"--unixsocket {places.valkey_socket} "),
        signal.SIGTERM,
    )
    places.valkey_socket.unlink(missing_ok=True)


def _wait_until_ready(places: Places, server: Server) -> None:
    """Wait for PostgreSQL, which may be repairing itself. Raises EmbeddedError when it ends or takes too long.

    It is not asked, so that the process that looks after it for as long as it runs needs no database driver.
    """
    deadline = time.monotonic() + PATIENCE * 5
    while not _is_ready(places, server):
        if not server.lives():
            raise EmbeddedError("PostgreSQL stopped while starting")
        if time.monotonic() > deadline:
            raise EmbeddedError("PostgreSQL does not become ready")
        time.sleep(PACE)


def _is_ready(places: Places, server: Server) -> bool:
    try:
        lines = (places.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    ours = server.process is not None and lines[:1] == [str(server.process.pid)]
    return ours and lines[7:8] != [] and lines[7].strip() == READY
