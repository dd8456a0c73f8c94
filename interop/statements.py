"""Statements of the hot path: prepared once a connection, sent through libpq, answered in binary.

A cursor adapts every value and row in Python. Where pages are assembled as bytes that is most of the cost, so these few
statements skip it. They join whatever transaction the connection is in, and are counted like any other query.
"""

import struct
from collections.abc import Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg import Cursor
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

INT8 = struct.Struct(">q")
INT8_OID = 20
_ARRAY_HEAD = struct.Struct(">iiiii")
_prepared: WeakKeyDictionary[Any, set[bytes]] = WeakKeyDictionary()


class Failed(Exception):
    """The server did not answer the statement; ask again through a cursor, which tells why and reconnects."""


class Statement:
    """One prepared statement. `text` names its parameters $1, $2, …; give each a type by a cast in the text."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name.encode()
        self.text = text.encode()

    def run(self, parameters: Sequence[bytes | None], formats: Sequence[int]) -> PGresult:
        """Execute with parameters in text (format 0) or binary (1); the result is binary. Raises Failed."""
        pgconn = self._ready()
        if connection.queries_logged:
            connection.queries_log.append({"sql": self.text.decode(), "time": "0"})
        # psycopg's stubs speak of libpq's enumeration where plain 0 and 1 are meant
        result = pgconn.exec_prepared(self.name, cast("Any", parameters), cast("Any", formats), cast("Any", 1))
        if result.status != ExecStatus.TUPLES_OK:
            _prepared.pop(connection.connection, None)
            raise Failed(self.name.decode())
        return result

    def _ready(self) -> PGconn:
        connection.ensure_connection()
        wrapped = connection.connection
        known = _prepared.setdefault(wrapped, set())
        if self.name not in known:
            if wrapped.pgconn.prepare(self.name, self.text).status != ExecStatus.COMMAND_OK:
                raise Failed(self.name.decode())
            known.add(self.name)
        return cast("PGconn", wrapped.pgconn)


def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement with %s in it, prepared under its text, its values bound by the server.

    For statements whose text takes few shapes; give each parameter a type by a cast where the place does not.
    """
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": "0"})
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=True, binary=True)
        return cursor.fetchall()


def int8(number: int) -> bytes:
    """Return the binary form of a bigint."""
    return INT8.pack(number)


def int8_array(numbers: Sequence[int]) -> bytes:
    """Return the binary form of a bigint[]."""
    parts = [0] * (2 * len(numbers))
    parts[0::2] = [8] * len(numbers)
    parts[1::2] = numbers
    return _ARRAY_HEAD.pack(1, 0, INT8_OID, len(numbers), 1) + struct.pack(">" + "iq" * len(numbers), *parts)
