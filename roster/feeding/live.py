"""What an import is at right now, for the page that watches it; kept in the shared cache and lost without harm."""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from interop.jobs.running import Run
from interop.progress import Advance

STAGES = {
    "unpack": _("Unpack"),
    "check": _("Check"),
    "compare": _("Compare"),
    "apply": _("Apply"),
    "publish": _("Publish"),
}
EVERY = 0.5
"""Seconds between two words about progress."""
REMEMBERED = 3600


class Live:
    """Tells which stage of an import is at work and how far it is; afterwards `times` has the seconds of each."""

    def __init__(self, feed: int, run: Run) -> None:
        self.feed, self.run = feed, run
        self.stage, self.began = "", time.monotonic()
        self.times: dict[str, float] = {}
        self.told = 0.0

    def enter(self, stage: str) -> None:
        """Begin a stage."""
        self.close()
        self.stage, self.began = stage, time.monotonic()
        self._tell("", 0, 0)

    def close(self) -> None:
        """Note how long the stage took."""
        if self.stage:
            self.times[self.stage] = round(time.monotonic() - self.began, 1)

    @contextmanager
    def bar(self, title: str, total: int, unit: str) -> Iterator[Advance]:  # noqa: ARG002 - the shape of a Bar
        """Tell progress within the stage."""
        done = 0

        def advance(what: str, amount: int) -> None:
            nonlocal done
            done += amount
            if time.monotonic() - self.told >= EVERY:
                self._tell(what, done, total)

        yield advance

    def _tell(self, what: str, done: int, total: int) -> None:
        self.told = time.monotonic()
        self.run.advance(what or str(STAGES.get(self.stage, "")), done, total)
        now = {"stage": self.stage, "what": what, "done": done, "total": total}
        with contextlib.suppress(Exception):  # whatever ails the cache, the work goes on
            cache.set(_key(self.feed), now, REMEMBERED)


def now(feed: int) -> dict[str, object]:
    """Return stage, what, done and total of an import at work; nothing when it has told nothing."""
    told: dict[str, object] = cache.get(_key(feed)) or {}
    return told


def _key(feed: int) -> str:
    return f"feed:{feed}"
