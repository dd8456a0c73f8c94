"""Points at which a test kills the process, to see that nothing is lost: `FAULT=refresh.written` in the environment."""

import os
import signal

ENV = "FAULT"
POINTS = (
    "job.claimed", "job.done",
    "refresh.begun", "refresh.rendered", "refresh.written", "refresh.committed",
    "import.staged", "import.applied", "import.committed",
    "bulk.begun", "bulk.written", "bulk.committed",
)  # fmt: skip
"""Every point there is; a name outside the table is an error at the first call."""


def point(name: str) -> None:
    """Die at once, as by `kill -9`, when the environment names this point; otherwise do nothing."""
    if os.environ.get(ENV) == name:
        os.kill(os.getpid(), signal.SIGKILL)
