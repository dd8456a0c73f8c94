"""The command lines of the portal's programs, each after the Python interpreter; the one place of their options."""

import os
import shutil
from pathlib import Path

HOST = "127.0.0.1"
QUIET = "ignore:No directory at,ignore:You're running the worker with superuser privileges"
"""PYTHONWARNINGS that say nothing on one machine: static files come from the apps, root may run its own portal."""


def environment(counters: Path) -> dict[str, str]:
    """Return what the programs find in their environment; `counters` is where the web server's processes count.

    The folder is emptied: what an earlier web server counted is over. Django's checks are for people who change code;
    the worker would do them at every start.
    """
    shutil.rmtree(counters, ignore_errors=True)
    counters.mkdir(mode=0o700, parents=True)
    ours = {"PYTHONWARNINGS": QUIET, "CELERY_SKIP_CHECKS": "1", "PROMETHEUS_MULTIPROC_DIR": str(counters)}
    return os.environ | ours


def web_server(
    port: int, application: str = "interop.wsgi:application", *, host: str = HOST, processes: int = 2
) -> list[str]:
    """Return the web server on this port: some processes, each answering one request at a time."""
    return [
        *("-m", "interop.portal.web", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(processes), "--blocking-threads", "1", "--log-level", "warning", "--no-ws", application),
    ]


def worker() -> list[str]:
    """Return the program that does the jobs: processes, so that one that dies or hangs harms no other."""
    return [
        *("-m", "celery", "-A", "interop.celery", "--quiet", "worker", "-P", "prefork", "-c", "3"),
        *("--without-gossip", "--without-mingle", "-l", "warning"),
    ]


def scheduler(memory: Path) -> list[str]:
    """Return the program that rings the bells of interop/schedule.py; it notes in `memory` when each rang last."""
    return ["-m", "interop.portal.scheduler", str(memory)]
