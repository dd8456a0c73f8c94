"""The whole portal with servers of its own, as `make run` starts it: how soon it is ready, and what memory it takes."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.installation import HOST, ROOT, Installation, data_folder, free_port
from bench.load import rate
from bench.processes import children, command, proportional_megabytes
from bench.reading import BASE, GRADES
from bench.report import Report
from interop.portal.programs import QUIET

GIVEN = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
"""What would make it another portal than one with servers of its own."""
READ = [
    f"{BASE}/users?limit=100", f"{BASE}/users?limit=10000", f"{BASE}/enrollments?limit=1000", f"{BASE}/classes",
    f"{BASE}/users?limit=100&sort=familyName", f"{GRADES}/results?limit=1000",
]  # fmt: skip
PARTS = {"keeper": "PostgreSQL and Valkey", "portal.web": "web server", "scheduler": "scheduler", "celery": "worker"}
"""What a program is called whose command line has this word."""
PATIENCE = 300.0


def whole(report: Report) -> None:
    """Measure the portal of the demo district: its second start, and its memory after some reads."""
    port = free_port()
    with data_folder() as folder:
        own = {name: value for name, value in os.environ.items() if name not in GIVEN}
        environment = own | {"DATA_DIR": str(folder), "PYTHONWARNINGS": QUIET}
        with _running(environment, port, folder):
            pass
        with _running(environment, port, folder) as (process, seconds):
            token = Installation("", environment).token(port, partner=True)
            rate(port, token, READ, seconds=3)
            parts = [(_name(child), proportional_megabytes(child)) for child in children(process)]
            memory = proportional_megabytes(process)
            parts.append(("what starts them", memory - sum(megabytes for _, megabytes in parts)))
    report.row("whole portal with servers of its own, 300 students: start until it is ready", f"{seconds:.1f} s", "4 s")
    told = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in parts)
    report.row("its memory after some reads, shared pages divided", f"{memory:.0f} MB ({told})", "500 MB")


@contextlib.contextmanager
def _running(environment: dict[str, str], port: int, folder: Path) -> Iterator[tuple[int, float]]:
    """Yield the process of a portal that is ready, and the seconds it took to be."""
    start = [sys.executable, "manage.py", "portal", "--port", str(port)]
    with (folder / "said").open("wb") as said:
        began = time.perf_counter()
        process = subprocess.Popen(start, cwd=ROOT, env=environment, stdout=said, stderr=said)
    try:
        while not _is_ready(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise SystemExit(f"The portal did not start:\n{(folder / 'said').read_text()}")
            time.sleep(0.02)
        yield process.pid, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _name(pid: int) -> str:
    words = command(pid)
    return next((name for word, name in PARTS.items() if word in words), "another program")


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
