"""How much one connection may ask: a bucket of requests that fills again, and so many at once.

The bucket is one number, the moment at which it would be full again (the generic cell rate algorithm). Redis keeps it
for all processes, and a script there decides in one round trip. When Redis is gone each process counts for itself, and
reads go on.
"""

import contextlib
import hashlib
import itertools
import logging
import math
import os
import threading
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

import redis
from django.conf import settings
from redis.exceptions import NoScriptError, RedisError

POLICY, STATE = "RateLimit-Policy", "RateLimit"
"""The headers that tell a client its limits and what is left of them (draft-ietf-httpapi-ratelimit-headers-11)."""
CALLS, AT_ONCE = '"calls"', '"at-once"'
LEASE_MS = 60_000
"""A place among those at work is free again after this, also when its process was killed."""
PATIENCE = 0.25
"""Seconds Redis may take for an answer."""
MOST_WAITING = 1000
"""So many who have to wait are remembered in a process."""
REST = 5.0
"""Seconds a process counts for itself before it tries Redis again."""
_ROOM = """
local told = redis.call('TIME')
local now = told[1] * 1000 + told[2] / 1000
local bucket, each, at_once, left = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), 0
if at_once > 0 then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
    if redis.call('ZCARD', KEYS[2]) >= at_once then return -1 end
end
if bucket > 0 then
    local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + each
    local wait = full - bucket * each - now
    if wait > 0 then return -1 - math.ceil(wait) end
    redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now) + 1000)
    left = math.floor(-wait / each + 1e-6)
end
if at_once > 0 then
    redis.call('ZADD', KEYS[2], now + ARGV[5], ARGV[4])
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
return left
"""
"""Answers what is left of the bucket; -1: too many at work; below that, -1 less the milliseconds to wait."""
CROWDED, ROUNDING = -1, 1e-6
_SHA = hashlib.sha1(_ROOM.encode(), usedforsecurity=False).hexdigest()
_here = threading.local()
_numbers = itertools.count(1)
log = logging.getLogger(__name__)
Known = TypeVar("Known")
Who = int | str
"""Whose requests are counted together: a connection by its number; what else asks, by a word of its own."""


@dataclass(frozen=True)
class Limits:
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
        found = self.until.get(hash(who))
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


@dataclass(frozen=True)
class Turn:
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
        except (RedisError, OSError):
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
        except (RedisError, OSError):
            _rest()
        else:
            return _judged(turn, told)
    return _judged(turn, _local.come_in(turn, limits, time.monotonic()))


def _judged(turn: Turn, told: int) -> Turn:
    """Return the turn with what is left; raises TooMany for one that was refused."""
    if told < 0:
        raise TooMany(1000, crowded=True) if told == CROWDED else TooMany(CROWDED - told)
    return replace(turn, left=told)


def _rest() -> None:
    """Count here for a while: Redis does not answer."""
    log.warning("limits: Redis does not answer, each process counts for itself")
    _here.resting_until = time.monotonic() + REST
    link = _here.__dict__.pop("link", None)
    if link is not None:
        link.close()


class _Link:
    """One thread's connection to Redis, without the pool and the retries of a client."""

    def __init__(self) -> None:
        pool = redis.ConnectionPool.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, protocol=2
        )
        self.wire: Any = pool.make_connection()
        self.unread = 0

    def come_in(self, turn: Turn, limits: Limits) -> int:
        """Return what _ROOM answers."""
        arguments = (
            2, f"limits:{{{turn.connection}}}:full", f"limits:{{{turn.connection}}}:working",
            limits.bucket, 1000 / limits.refill, limits.at_once, turn.name, LEASE_MS,
        )  # fmt: skip
        try:
            return int(self._answer("EVALSHA", _SHA, *arguments))
        except NoScriptError:
            return int(self._answer("EVAL", _ROOM, *arguments))

    def leave(self, turn: Turn) -> None:
        """Send the word; its answer is read before the next question."""
        done = _packed("ZREM", f"limits:{{{turn.connection}}}:working", turn.name)
        self.wire.send_packed_command([done], check_health=False)
        self.unread += 1

    def close(self) -> None:
        """Forget the connection; the next question makes one."""
        self.wire.disconnect()
        self.unread = 0

    def _answer(self, *command: Any) -> Any:
        """Return the answer; asks again over a new connection when Redis has closed the old one."""
        try:
            return self._asked(*command)
        except redis.TimeoutError:
            raise
        except (redis.ConnectionError, OSError):
            self.close()
            return self._asked(*command)

    def _asked(self, *command: Any) -> Any:
        self.wire.send_packed_command([_packed(*command)], check_health=False)
        while self.unread:
            self.unread -= 1
            with contextlib.suppress(redis.ResponseError):
                self.wire.read_response()
        return self.wire.read_response()


def _packed(*command: Any) -> bytes:
    """Return a command as Redis reads it."""
    words = [str(word).encode() for word in command]
    return b"*%d\r\n%b" % (len(words), b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words))


def _link() -> _Link:
    link: _Link | None = getattr(_here, "link", None)
    if link is None:
        link = _here.link = _Link()
    return link


class Local:
    """The same count in one process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.full: dict[Who, float] = {}
        self.working: dict[Who, set[str]] = {}

    def come_in(self, turn: Turn, limits: Limits, now: float) -> int:
        """Return what _ROOM would answer; `now` in seconds."""
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
