"""The command lines of the portal's programs, each after the Python interpreter; the one place of their options."""

from pathlib import Path

HOST = "127.0.0.1"
QUIET = "ignore:No directory at,ignore:You're running the worker with superuser privileges"
"""PYTHONWARNINGS that say nothing on one machine: static files come from the apps, root may run its own portal."""
CELERY = ("-m", "celery", "-A", "interop.celery", "--quiet")


def web_server(port: int, application: str = "interop.wsgi:application") -> list[str]:
    """Return the web server on this port: two processes, each answering one request at a time."""
    return [
        *("-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "2"),
        *("--blocking-threads", "1", "--log-level", "warning", "--no-ws", application),
    ]


def worker() -> list[str]:
    """Return the program that does the jobs: processes, so that one that dies or hangs harms no other."""
    return [*CELERY, "worker", "-P", "prefork", "-c", "3", "--without-gossip", "--without-mingle", "-l", "warning"]


def scheduler(memory: Path) -> list[str]:
    """Return the program that rings the bells of interop/schedule.py; it notes in `memory` when each rang last."""
    return [*CELERY, "beat", "-s", str(memory), "--pidfile=", "-l", "warning"]
