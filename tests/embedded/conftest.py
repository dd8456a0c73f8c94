"""Embedded servers of a test's own, in a folder whose name has a space and a length that sockets cannot take."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interop.embedded import Places, ensure
from interop.embedded.places import SHARED
from interop.embedded.servers import own_folder
from interop.embedded.users import ROOT, is_ready, keeper_lives
from interop.embedded.wheels import find_install

USER = """
import sys, time
from pathlib import Path
from interop.embedded import Places, ensure
with ensure(Places.of(Path(sys.argv[1]))):
    print("in", flush=True)
    sys.stdin.readline()
"""


class User:
    """A command, in a process of its own, that uses the servers until it is told to leave."""

    def __init__(self, data_dir: Path) -> None:
        command = [sys.executable, "-c", USER, str(data_dir)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_until_in(self) -> "User":
        assert self.process.stdout
        assert self.process.stdout.readline() == "in\n"
        return self

    def leave(self) -> None:
        self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def server_pids(places: Places) -> list[int]:
    """Processes whose command line names these places."""
    listing = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.strip().partition(" ") for line in listing.splitlines()]
    return [int(pid) for pid, _, arguments in rows if str(places.sockets) in arguments]


def is_stopped(places: Places) -> bool:
    """Whether nothing of these servers runs any more."""
    return not keeper_lives(places) and not is_ready(places) and not server_pids(places)


@pytest.fixture
def make_data_dir(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Return a maker of data folders; what was started in them is ended and removed after the test."""
    made: list[Path] = []

    def make(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        made.append(folder)
        return folder

    yield make
    for folder in made:
        places = Places.of(folder)
        eventually(lambda places=places: is_stopped(places), 10)
        for pid in server_pids(places):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for left in (places.home, places.sockets):
            shutil.rmtree(left, ignore_errors=True)


@pytest.fixture
def data_dir(make_data_dir: Callable[[str], Path]) -> Path:
    return make_data_dir("a folder with spaces and a name too long for the path of a Unix socket " + "x" * 60)


@pytest.fixture
def places(data_dir: Path) -> Places:
    return Places.of(data_dir)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """The data folder of a PostgreSQL that has been started and stopped once."""
    folder = Path(tempfile.mkdtemp(prefix="interop-cluster-"))
    places = Places.of(folder)
    with ensure(places):
        pass
    yield places.postgres
    for left in (places.home, places.sockets, folder):
        shutil.rmtree(left, ignore_errors=True)


@pytest.fixture
def used(places: Places, cluster: Path) -> Places:
    """Places whose servers ran before: what the first start makes is there, as a copy, for tests of something else."""
    install = find_install()
    if SHARED in places.home.parents:
        own_folder(places.home, install.user)
    places.home.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", cluster, places.postgres], check=True)
    return places
