"""Who uses the embedded servers: each command holds a shared lock, which the kernel drops when the command dies.

Lock files in DATA_DIR/embedded: `users` (shared by every command), `gate` (held while servers start or stop), `keeper`
(held by the one process that runs the servers and stops them after the last user, see keeper.py) and `ready` (held by
the same process while both servers answer).
"""

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from interop.embedded.errors import EmbeddedError
from interop.embedded.places import Places

PATIENCE = 120.0
"""Seconds to wait for servers that may be repairing themselves after a crash."""
PACE = 0.02
ANOTHER_RUNS = 3
"""What a keeper exits with when another one came first."""
ROOT = Path(__file__).resolve().parent.parent.parent


def lock_file(places: Places, name: str) -> int:
    """Open one of the lock files and return its descriptor (not inherited by programs we start)."""
    try:
        places.locks.mkdir(parents=True, exist_ok=True)
        return os.open(places.locks / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EmbeddedError(f"The data folder {places.locks} cannot be used: {error.strerror}.") from error


def try_lock(descriptor: int, kind: int) -> bool:
    """Take the lock without waiting; say whether that worked."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def ensure(places: Places) -> Iterator[None]:
    """Hold the embedded servers running; the last one out waits until they have stopped."""
    users = lock_file(places, "users")
    try:
        with _gate(places):
            fcntl.flock(users, fcntl.LOCK_SH)
            _wait_until_ready(places)
        yield
    finally:
        leave(places, users)


def stay(places: Places) -> int:
    """Use the servers, which run, once more: through a descriptor that the program this process becomes inherits."""
    users = lock_file(places, "users")
    fcntl.flock(users, fcntl.LOCK_SH)
    os.set_inheritable(users, True)  # noqa: FBT003 - the standard library's way
    return users


def leave(places: Places, users: int) -> None:
    """Give up one use; the last one out waits until the servers have stopped."""
    fcntl.flock(users, fcntl.LOCK_UN)
    _wait_if_last(places, users)
    os.close(users)


@contextlib.contextmanager
def _gate(places: Places) -> Iterator[None]:
    gate = lock_file(places, "gate")
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def _wait_until_ready(places: Places) -> None:
    deadline = time.monotonic() + PATIENCE
    keeper: subprocess.Popen[bytes] | None = None
    while not (_is_held(places, "ready") and is_ready(places)):
        if keeper and keeper.poll() == ANOTHER_RUNS:
            keeper = None
        if keeper and keeper.poll() is not None:
            raise EmbeddedError(f"The embedded servers did not start: {_last_words(places)} (see {places.log}).")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The embedded servers were not ready after {PATIENCE:.0f} s (see {places.log}).")
        if keeper is None and not keeper_lives(places):
            keeper = _spawn_keeper(places)
        time.sleep(PACE)


def _spawn_keeper(places: Places) -> subprocess.Popen[bytes]:
    """Start the keeper in a session of its own, so that it outlives this command and its terminal."""
    command = [sys.executable, "-m", "interop.embedded.keeper", *map(str, (places.locks, places.home, places.sockets))]
    with places.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def keeper_lives(places: Places) -> bool:
    """Whether a keeper runs for these places."""
    return _is_held(places, "keeper")


def _is_held(places: Places, name: str) -> bool:
    descriptor = lock_file(places, name)
    try:
        return not try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def is_ready(places: Places) -> bool:
    """Whether both servers answer."""
    import psycopg  # noqa: PLC0415 - takes 17 MB, which the portal's supervisor has no use for

    try:
        with psycopg.connect(places.database_url, connect_timeout=5):
            return _valkey_answers(places)
    except (psycopg.OperationalError, OSError):
        return False


def _valkey_answers(places: Places) -> bool:
    """Whether Valkey answers; asked without the redis package, whose import would slow every command down."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(5)
        door.connect(str(places.valkey_socket))
        door.sendall(b"PING\r\n")
        return door.recv(16).startswith(b"+PONG")


def _wait_if_last(places: Places, users: int) -> None:
    """Wait for the keeper to stop the servers, unless somebody else still uses them."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and keeper_lives(places):
        if try_lock(users, fcntl.LOCK_SH):
            alone = try_lock(users, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_UN)
            if not alone:
                return
        time.sleep(PACE)


def _last_words(places: Places) -> str:
    lines = places.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].rstrip(".") if lines else "nothing was logged"
