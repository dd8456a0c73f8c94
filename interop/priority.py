"""Work nobody waits for gives way: whoever answers vendors and people gets the processor first."""

import contextlib
import os
from pathlib import Path

from django.core.management.base import BaseCommand

NICE = 5
_SESSION = Path("/proc/self/autogroup")


def give_way() -> None:
    """Have this process, and those it makes from now on, run when others leave the processor free.

    Linux may share the processor between sessions before it looks at how nice their processes are (sched_autogroup),
    so a session of our own is made as nice; one that we share with others, like a terminal's, is left alone.
    """
    os.nice(NICE)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            _SESSION.write_text(str(NICE))


class GivingWay(BaseCommand):
    """A command that gives way when it is a process of its own."""

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as the command line says."""
        give_way()
        super().run_from_argv(argv)
