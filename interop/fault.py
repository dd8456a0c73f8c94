"""Points at which a test kills a process, to see that nothing is lost: `FAULT=refresh.written` in the environment."""

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
"""Every point there is: of any job, of a publication, of an import, and of what a vendor writes."""


def point(name: str) -> None:
    """Die at once, as by `kill -9`, when FAULT names this point.

    FAULT_FILE names a file of a point and, perhaps, a process group: the first process that comes by the point takes
    the file away and kills the group instead, or itself. Without either variable nothing happens.
    """
    if os.environ.get(ENV) == name:
        os.kill(os.getpid(), signal.SIGKILL)
    if file := os.environ.get(FILE):
        _kill_once(Path(file), name)


def _kill_once(file: Path, name: str) -> None:
    try:
        wanted, _, group = file.read_text(encoding="utf-8").partition(" ")
        if wanted != name:
            return
        file.unlink()
    except FileNotFoundError:
        return
    if group:
        os.killpg(int(group), signal.SIGKILL)
    else:
        os.kill(os.getpid(), signal.SIGKILL)
