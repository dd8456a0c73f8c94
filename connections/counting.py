"""Where all processes count the requests of a connection: in Redis, by a script that decides in one round trip.

Apart from the limits themselves, because loading the redis package takes every command a twentieth of a second.
"""

import contextlib
import hashlib
from collections.abc import Sequence
from typing import Any

import redis
from django.conf import settings
from redis.exceptions import NoScriptError, RedisError

from connections.limits import Limits, Turn

LEASE_MS = 60_000
"""A place among those at work is free again after this, also when its process was killed."""
PATIENCE = 0.25
"""Seconds Redis may take for an answer."""
ROOM = """
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
_SHA = hashlib.sha1(ROOM.encode(), usedforsecurity=False).hexdigest()


class Link:
    """One thread's connection to Redis, without the pool and the retries of a client."""

    def __init__(self) -> None:
        pool = redis.ConnectionPool.from_url(
            settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, protocol=2
        )
        self.wire: Any = pool.make_connection()
        self.unread = 0

    def come_in(self, turn: Turn, limits: Limits) -> int:
        """Return what ROOM answers. Raises OSError when Redis does not."""
        arguments = (
            2, f"limits:{{{turn.connection}}}:full", f"limits:{{{turn.connection}}}:working",
            limits.bucket, 1000 / limits.refill, limits.at_once, turn.name, LEASE_MS,
        )  # fmt: skip
        try:
            return int(self._decided(arguments))
        except RedisError as error:
            raise OSError(str(error)) from error

    def leave(self, turn: Turn) -> None:
        """Send the word; its answer is read before the next question. Raises OSError when Redis does not take it."""
        done = _packed("ZREM", f"limits:{{{turn.connection}}}:working", turn.name)
        try:
            self.wire.send_packed_command([done], check_health=False)
        except RedisError as error:
            raise OSError(str(error)) from error
        self.unread += 1

    def close(self) -> None:
        """Forget the connection; the next question makes one."""
        self.wire.disconnect()
        self.unread = 0

    def _decided(self, arguments: Sequence[Any]) -> Any:
        try:
            return self._answer("EVALSHA", _SHA, *arguments)
        except NoScriptError:
            return self._answer("EVAL", ROOM, *arguments)

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
