"""Who read what: a row of the access log for each request of a connection we know, names of fields only.

The row is written when the answer is ready and before any of it is sent, so nobody has data the log does not know of.
It does not wait for the disk: a power cut may lose the rows of its last half second.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import connection as database
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from psycopg.adapt import PyFormat

from connections import limits, networks
from connections.grants import Grant
from connections.limits import Limits, TooMany, Turn, Waiting
from interop import statements
from interop.oneroster.answers import Answer
from interop.oneroster.middleware import request_id_of
from interop.statements import Statement

SIGN_IN, SIGNATURE = "token", "signature"
SIGN_IN_ROW = """INSERT INTO connections_accesslog
        (connection_id, credential_id, operation, filter_fields, status, request_id, address)"""
"""The columns a sign-in fills."""
_REFUSED_SIGN_IN = f"""
    WITH told (operation, status, request_id, address, client_id) AS (
        VALUES (%s::text, %s::int2, %s::text, %s::inet, %s::text)
    ), logged AS (
        {SIGN_IN_ROW}
        SELECT k.connection_id, k.id, told.operation, '', told.status, told.request_id, told.address
        FROM told JOIN connections_credential k USING (client_id)
        WHERE NOT EXISTS (
            SELECT 1 FROM connections_accesslog l
            WHERE l.at > statement_timestamp() - interval '1 second' AND l.connection_id = k.connection_id
              AND l.status >= 400 AND l.operation = told.operation)
    )
    SELECT set_config('synchronous_commit', 'off', true)
"""  # noqa: S608 - constants only
_ROW = Statement(
    "access_log",
    """
    INSERT INTO connections_accesslog (connection_id, credential_id, operation, version, filter_fields, "offset",
        "limit", records, total, bytes, milliseconds, edition, record, ids, times, status, request_id, address)
    VALUES ($1::int8, $2::int8, $3::text, $4::int2, $5::text, $6::int8, $7::int8, $8::int8, $9::int8, $10::int8,
            $11::float8, $12::int8, $13::int8, $14::bytea, $15::int4, $16::int2, $17::text, $18::inet)
    RETURNING id, set_config('synchronous_commit', 'off', true)
    """,
)
_FORMATS = [PyFormat.TEXT] * 13 + [PyFormat.BINARY] + [PyFormat.TEXT] * 4
_ENDED = """
    UPDATE connections_accesslog SET bytes = %s, milliseconds = %s
    WHERE id = %s AND at > statement_timestamp() - interval '1 day'
"""
REFUSED, TOO_MANY = 400, 429
BRIEFLY = frozenset({401, TOO_MANY, 503})
"""Refusals that a program may meet hundreds of times a second: one row a second of each tells how many they were."""


class Caller(NamedTuple):
    """A connection we know, by number, and the version it speaks."""

    connection: int
    credential: int | None
    version: int


class _Refusals:
    """What this process refused and has not written yet; a flood that ends leaves less than a second untold."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.written: dict[tuple[int, int], tuple[float, int]] = {}
        self.waiting = Waiting[tuple[Caller, Limits]]()

    def times(self, connection: int, status: int, now: float) -> int:
        """Return how many refusals the row of this one stands for; 0 for none, a later row counts it."""
        with self.lock:
            at, unwritten = self.written.get((connection, status), (-1.0, 0))
            due = now - at >= 1.0 or at < 0
            self.written[connection, status] = (now, 0) if due else (at, unwritten + 1)
            return unwritten + 1 if due else 0

    def turned_away(self, header: str, now: float) -> tuple[TooMany, Limits] | None:
        """Return the wait this bearer has to do still, and its limits, when a row of its refusals was written just
        now, and count this one; None when it may ask, or a row is due.
        """
        found = self.waiting.left(header, now)
        if found is None:
            return None
        wait, (caller, allowed) = found
        with self.lock:
            key = (caller.connection, TOO_MANY)
            at, unwritten = self.written.get(key, (-1.0, 0))
            if not 0 <= now - at < 1.0:
                return None
            self.written[key] = (at, unwritten + 1)
        return wait, allowed


_refusals = _Refusals()
turned_away = _refusals.turned_away


class Call:
    """One request below /ims/ on its way: who asks, whether there is room for it, and what the log will tell of it."""

    caller: Caller | None = None
    turn: Turn | None = None
    limits: Mapping[str, str] = MappingProxyType({})
    operation = ""
    told: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, request: HttpRequest) -> None:
        self.began = time.perf_counter()
        self.request = request
        self.header: str = request.META.get("HTTP_AUTHORIZATION", "")
        self.address = networks.plain(request.META.get("REMOTE_ADDR", ""))

    def known_wait(self) -> TooMany | None:
        """Return the wait this process has imposed on the bearer already, without asking anybody."""
        found = _refusals.waiting.left(self.header, time.perf_counter())
        if found is None:
            return None
        refusal, (self.caller, allowed) = found
        self.limits = refusal.headers(allowed)
        return refusal

    def asked_by(self, grant: Grant) -> None:
        """Note who asks."""
        self.caller = Caller(grant.connection, grant.credential, grant.version)

    def come_in(self, caller: Caller, allowed: Limits) -> None:
        """Note who asks and count the request, once. Raises TooMany when the connection has to wait."""
        self.caller = caller
        if self.turn is not None:
            return
        try:
            self.turn = limits.come_in(caller.connection, allowed)
        except TooMany as refusal:
            self.limits = refusal.headers(allowed)
            _refusals.waiting.remember(self.header, refusal, time.perf_counter(), (caller, allowed))
            raise
        self.limits = self.turn.headers(allowed)

    def let_in(self, grant: Grant) -> None:
        """Count the request of a grant. Raises TooMany when its connection has to wait."""
        self.come_in(Caller(grant.connection, grant.credential, grant.version), grant.limits)

    def tells(self, operation: str, **told: Any) -> None:
        """Note what the log is to tell: filter_fields, offset, limit, records, total, edition, record, ids."""
        self.operation, self.told = operation, told

    def finished(self, answer: Answer | HttpResponseBase) -> Answer | HttpResponseBase:
        """Tell the client its limits, write the row, and free the place among those at work when the last byte is
        ready.
        """
        for name, value in self.limits.items():
            answer.headers[name] = value
        if self.caller is None:
            self.give_back()
            return answer
        if not answer.streaming:
            try:
                self._write(self.caller, answer.status_code, len(answer.content))  # type: ignore[union-attr]
            finally:
                self.give_back()
            return answer
        length = answer.headers.get("Content-Length")
        number = self._write(self.caller, answer.status_code, None if length is None else int(length))
        pieces: Any = answer
        pieces.streaming_content = self._watched(pieces.streaming_content, None if length else number)
        return answer

    def _watched(self, pieces: Iterable[bytes], number: int | None) -> Iterator[bytes]:
        """Yield the pieces; at the end, or where it is broken off, tell what was sent in the row of that number."""
        sent = 0
        try:
            for piece in pieces:
                sent += len(piece)
                yield piece
        finally:
            self.give_back()
            if number is not None:
                with database.cursor() as cursor:
                    cursor.execute(_ENDED, [sent, self._milliseconds(), number])

    def give_back(self) -> None:
        """Free the request's place among those at work."""
        if self.turn is not None:
            self.turn.give_back()

    def _milliseconds(self) -> float:
        return round((time.perf_counter() - self.began) * 1000, 3)

    def _write(self, caller: Caller, status: int, size: int | None) -> int | None:
        """Insert the row and return its number; None when a later row will tell of this refusal too."""
        times = 1
        if status in BRIEFLY:
            times = _refusals.times(caller.connection, status, self.began)
            if not times:
                return None
        told = self.told if status < REFUSED else {}
        tell = told.get
        row = (
            caller.connection, caller.credential, self.operation[:100], caller.version,
            ",".join(tell("filter_fields", ()))[:500], tell("offset"), tell("limit"), tell("records"), tell("total"),
            size, self._milliseconds(), tell("edition"), tell("record"), tell("ids"), times, status,
            request_id_of(self.request)[:64], self.address or None,
        )  # fmt: skip
        number: int = _ROW.ask(row, _FORMATS)[0]
        return number


def record_refused(client_id: str, status: int, *, request_id: str, address: str, operation: str = SIGN_IN) -> None:
    """Write that a client we know was refused a token, at most once a second; a refused signature is SIGNATURE.

    What is accepted is logged with the token that is issued, or with what was read. The same one statement whether the
    client is known or not; an unknown one leaves no row.
    """
    told = (operation, status, request_id[:64], networks.plain(address) or None, client_id.replace("\0", ""))
    statements.prepared(_REFUSED_SIGN_IN, told)
