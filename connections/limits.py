"""How much one connection may ask: a bucket of requests that fills again, and so many at once.

The bucket is one number, the moment at which it would be full again (the generic cell rate algorithm). Redis keeps it
for all processes (connections/counting.py). When Redis is gone each process counts for itself, and reads go on.
"""

import itertools
import logging
import math
import os
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from connections.counting import Link

POLICY, STATE = "RateLimit-Policy", "RateLimit"
"""The headers that tell a client its limits and what is left of them (draft-ietf-httpapi-ratelimit-headers-11)."""
CALLS, AT_ONCE = '"calls"', '"at-once"'
MOST_WAITING = 1000
"""So many who have to wait are remembered in a process."""
REST = 5.0
"""Seconds a process counts for itself before it tries Redis again."""
CROWDED, ROUNDING = -1, 1e-6
_here = threading.local()
_numbers = itertools.count(1)
log = logging.getLogger(__name__)
Known = TypeVar("Known")
Who = int | str
"""Whose requests are counted together: a connection by its number; what else asks, by a word of its own."""


class Limits(NamedTuple):
    """A bucket of so many requests, refilled with so many a second, and so many at once; 0 is no limit."""

    bucket: int = 0
    refill: int = 1
    at_once: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything to count."""
        return self.bucket > 0 or self.at_once > 0


NONE = Limits()


@lru_cache(256)
def policy(limits: Limits) -> str:
    """Return the limits as RateLimit-Policy tells them: the window is what an empty bucket needs to be full."""
    told = []
    if limits.bucket:
        told.append(f"{CALLS};q={limits.bucket};w={math.ceil(limits.bucket / limits.refill)}")
    if limits.at_once:
        told.append(f'{AT_ONCE};q={limits.at_once};qu="concurrent-requests"')
    return ", ".join(told)


class TooMany(Exception):
    """The connection has to wait so many milliseconds; `crowded` when too many of its requests are at work."""

    def __init__(self, milliseconds: int, *, crowded: bool = False) -> None:
        super().__init__(f"wait {milliseconds} ms")
        self.milliseconds = milliseconds
        self.crowded = crowded

    @property
    def seconds(self) -> int:
        """Return how long to wait in whole seconds, as Retry-After tells it."""
        return max(1, math.ceil(self.milliseconds / 1000))

    def headers(self, limits: Limits) -> dict[str, str]:
        """Return what a refused client is told of its limits."""
        return {POLICY: policy(limits), STATE: f"{AT_ONCE if self.crowded else CALLS};r=0;t={self.seconds}"}


class Waiting(Generic[Known]):
    """Who has been told to wait by this process, until when, and what else is known of them.

    Whoever asks on is told so again without asking anybody, so that impatience costs next to nothing.
    """

    def __init__(self) -> None:
        self.until: dict[int, tuple[float, Known]] = {}

    def left(self, who: str, now: float) -> tuple[TooMany, Known] | None:
        """Return the wait somebody has to do still, and what is known of them; None when they may ask."""
        found = self.until.get(hash(who)) if self.until else None
        if found is None:
            return None
        if found[0] <= now:
            self.until.pop(hash(who), None)
            return None
        return TooMany(int((found[0] - now) * 1000) + 1), found[1]

    def remember(self, who: str, wait: TooMany, now: float, known: Known) -> None:
        """Have somebody wait. The bucket fills meanwhile, so nothing is lost by it; a place among those at work may be
        free any moment.
        """
        if len(self.until) >= MOST_WAITING:
            self.until.clear()
        if who and not wait.crowded:
            self.until[hash(who)] = (now + wait.seconds, known)


class Turn(NamedTuple):
    """A request that was let in, and how many more may come at once. Give it back when it is answered."""

    connection: Who
    name: str = ""
    left: int = 0

    def headers(self, limits: Limits) -> dict[str, str]:
        """Return what the client is told of its limits; a bucket gets something every second."""
        if not limits.any:
            return {}
        state = {STATE: f"{CALLS};r={self.left};t=1"} if limits.bucket else {}
        return {POLICY: policy(limits), **state}

    def give_back(self) -> None:
        """Free its place among those at work; nobody waits for the answer."""
        if not self.name:
            return
        if _local.leave(self):
            return
        try:
            _link().leave(self)
        except OSError:
            _rest()


def come_in(connection: Who, limits: Limits) -> Turn:
    """Count a request of the connection. Raises TooMany when it has to wait."""
    if not limits.any:
        return Turn(connection)
    name = f"{os.getpid()}.{next(_numbers)}" if limits.at_once else ""
    turn = Turn(connection, name)
    if time.monotonic() >= getattr(_here, "resting_until", 0.0):
        try:
            told = _link().come_in(turn, limits)
        except OSError:
            _rest()
        else:
            return _judged(turn, told)
    return _judged(turn, _local.come_in(turn, limits, time.monotonic()))


def _judged(turn: Turn, told: int) -> Turn:
    """Return the turn with what is left; raises TooMany for one that was refused."""
    if told < 0:
        raise TooMany(1000, crowded=True) if told == CROWDED else TooMany(CROWDED - told)
    return turn._replace(left=told)


def _rest() -> None:
    """Count here for a while: Redis does not answer."""
    log.warning("limits: Redis does not answer, each process counts for itself")
    _here.resting_until = time.monotonic() + REST
    link = _here.__dict__.pop("link", None)
    if link is not None:
        link.close()


def _link() -> "Link":
    link: Link | None = getattr(_here, "link", None)
    if link is None:
        from connections import counting  # noqa: PLC0415 - most commands know limits and never count

        link = _here.link = counting.Link()
    return link


class Local:
    """The same count in one process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.full: dict[Who, float] = {}
        self.working: dict[Who, set[str]] = {}

    def come_in(self, turn: Turn, limits: Limits, now: float) -> int:
        """Return what Redis would answer; `now` in seconds."""
        with self.lock:
            working = self.working.setdefault(turn.connection, set())
            if 0 < limits.at_once <= len(working):
                return CROWDED
            left = 0
            if limits.bucket:
                full = max(self.full.get(turn.connection, 0.0), now) + 1 / limits.refill
                wait = full - limits.bucket / limits.refill - now
                if wait > ROUNDING:
                    return CROWDED - math.ceil(wait * 1000)
                self.full[turn.connection] = full
                left = math.floor(-wait * limits.refill + ROUNDING)
            if turn.name:
                working.add(turn.name)
            return left

    def leave(self, turn: Turn) -> bool:
        """Free the place; False when it was not given here."""
        with self.lock:
            working = self.working.get(turn.connection, set())
            known = turn.name in working
            working.discard(turn.name)
            return known


_local = Local()
