"""A portal as people run it: `manage.py portal` in a process of its own, with a folder and a port of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interop.embedded import Places
from interop.embedded.users import ROOT
from tests.embedded.conftest import eventually

SETTINGS = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "DATA_DIR", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
RUNS = "Interop runs at "


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Portal:
    """One start of the portal."""

    def __init__(self, data_dir: Path, port: int, *options: str) -> None:
        self.data_dir, self.port, self.printed = data_dir, port, ""
        plain = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in SETTINGS}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "portal", "--port", str(port), *options],
            cwd=ROOT,
            env=plain | {"DATA_DIR": str(data_dir)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def places(self) -> Places:
        return Places.of(self.data_dir)

    def wait_until_it_runs(self) -> "Portal":
        """Read what it prints until it says that it runs, then until its web server answers."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.printed += line
            if line.startswith(RUNS):
                assert eventually(lambda: self.status("/livez") == 200)
                return self
        raise AssertionError(f"The portal stopped: {self.process.stderr.read()}")

    def status(self, path: str, **headers: str) -> int:
        """Return the status of an answer, 0 when nobody listens."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own portal
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def programs(self) -> list[int]:
        """Return every process that was started for this folder, the portal's own and the servers included."""
        mark = f"DATA_DIR={self.data_dir}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "environ").read_bytes().split(b"\0")
                if mark in words or str(self.places.sockets).encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
        return found

    def memory(self) -> float:
        """Return the megabytes of the portal and all it has started; pages that several share count once."""
        children: dict[int, list[int]] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                children.setdefault(int(parent), []).append(int(folder.name))
        family = [self.process.pid]
        for pid in family:
            family += children.get(pid, [])
        told = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in family]
        return sum(int(each.partition("\nPss:")[2].split()[0]) for each in told) / 1024

    def end(self, how: signal.Signals) -> tuple[int, str, str]:
        """Send the signal; return the exit code and what was still printed."""
        self.process.send_signal(how)
        printed, complained = self.process.communicate(timeout=120)
        return self.process.returncode, printed, complained


@pytest.fixture
def make_portal() -> Iterator[Callable[..., Portal]]:
    """Return a starter of portals; what is left of them is ended and removed after the test."""
    started: list[Portal] = []
    root = Path(tempfile.mkdtemp(prefix="interop portal "))
    root.chmod(0o755)

    def make(name: str, port: int, *options: str) -> Portal:
        portal = Portal(root / name, port, *options)
        started.append(portal)
        return portal

    yield make
    for portal in started:
        portal.process.kill()
        portal.process.communicate()
    for portal in started:
        eventually(lambda portal=portal: not portal.programs(), 20)
        for pid in portal.programs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for left in (portal.places.home, portal.places.sockets):
            shutil.rmtree(left, ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)
