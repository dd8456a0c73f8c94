"""Web server, worker and scheduler as real processes on the test database, begun again when they die.

Whoever looks after them is played by `tend`: systemd or a container engine does the same.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
from django.conf import settings
from django.db import connection

from interop import fault
from interop.portal import programs
from tests.conftest import TEST_DATA
from tests.live import free_port

WITHIN = 90
PROCESSES = 2 if os.environ.get("INTEROP_PROVE") else 1
STAND_INS = {"interop.celery": "tests.live_celery", "interop.portal.scheduler": "tests.live_scheduler"}


class Programs:
    """What runs, by name; `file` is where a round says what is to be killed where."""

    def __init__(self, folder: Path, *names: str, fatal: str = "") -> None:
        self.folder, self.names, self.file = folder, names, folder / "armed"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.begun: dict[str, int] = dict.fromkeys(names, 0)
        self.fatal = fatal

    def _command(self, name: str) -> list[str]:
        if name == "web":
            return programs.web_server(self.port, "tests.live_wsgi:application", processes=PROCESSES)
        command = programs.worker() if name == "worker" else programs.scheduler(self.folder / "beat")
        return [STAND_INS.get(each, each) for each in command]

    def _environment(self) -> dict[str, str]:
        told = os.environ | {
            "INTEROP_TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "INTEROP_TEST_BROKER": settings.CELERY_BROKER_URL,
            "INTEROP_TEST_QUEUE": settings.CELERY_TASK_DEFAULT_QUEUE,
            "SECRET_KEY": settings.SECRET_KEY,
            "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
            "PUBLIC_URL": self.url,
            "PYTHONWARNINGS": programs.QUIET,
            fault.ENV: self.fatal,
            fault.FILE: str(self.file),
        }
        return told | ({"DATA_DIR": os.environ[TEST_DATA]} if settings.EMBEDDED else {})

    def tend(self) -> None:
        """Start what does not run, each in a session of its own."""
        for name in self.names:
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                if process is not None:
                    _kill(process.pid)  # what its children still do
                with (self.folder / f"{name}.log").open("ab") as log:
                    self.running[name] = subprocess.Popen(
                        [sys.executable, *self._command(name)], env=self._environment(), cwd=settings.BASE_DIR,
                        start_new_session=True, stdout=log, stderr=log,
                    )  # fmt: skip
                self.begun[name] += 1

    def arm(self, point: str, victim: str) -> None:
        """Have the next process that comes by the point killed, or the whole program `victim`."""
        group = f" {self.running[victim].pid}" if victim in self.running else ""
        part = self.file.with_suffix(".part")
        part.write_text(f"{point}{group}", encoding="utf-8")
        part.rename(self.file)

    def answers(self) -> bool:
        """Return whether the web server answers."""
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/livez", timeout=5).status_code == 200
        return False

    def eventually(self, told: Callable[[], object], *, meanwhile: Callable[[], None] = lambda: None) -> bool:
        """Look after the programs until it is so."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            self.tend()
            meanwhile()
            if told():
                return True
            time.sleep(0.2)
        return False


@contextlib.contextmanager
def started(folder: Path, *names: str, fatal: str = "") -> Iterator[Programs]:
    """Run programs; everything they started is ended afterwards."""
    found = Programs(folder, *names, fatal=fatal)
    found.tend()
    try:
        yield found
    finally:
        for process in found.running.values():
            _kill(process.pid)
            process.wait(30)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
