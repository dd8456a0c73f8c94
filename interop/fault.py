"""Points at which a test kills the process, to see that nothing is lost: `FAULT=refresh.written` in the environment."""

import contextlib
import os
import signal
from pathlib import Path

ENV, FILE = "FAULT", "FAULT_FILE"
POINTS = (
    "job.claimed", "job.done",
    "refresh.begun", "refresh.rendered", "refresh.written", "refresh.committed",
    "import.staged", "import.applied", "import.committed",
    "bulk.begun", "bulk.written", "bulk.committed",
)  # fmt: skip
"""Every point there is."""


def point(name: str) -> None:
    """Die at once, as by `kill -9`, when the environment names this point; otherwise do nothing.

    With a file in FAULT_FILE only the first process to come by dies: it takes the file with it.
    """
    if os.environ.get(ENV) != name:
        return
    with contextlib.suppress(FileNotFoundError):
        if file := os.environ.get(FILE):
            Path(file).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
