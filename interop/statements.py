"""Statements of the hot path: prepared once a connection, sent through libpq, answered in binary.

A cursor adapts every value and row in Python. Where pages are assembled as bytes that is most of the cost, so these few
statements skip it. They join whatever transaction the connection is in, and are counted like any other query.
"""

import struct
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Cursor, Error
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

INT8 = struct.Struct(">q")
INT8_OID = 20
_ARRAY_HEAD = struct.Struct(">iiiii")
NO_LONGER_PREPARED = (b"26000", b"0A000")
"""PostgreSQL's codes of a name it does not know any more, and of a table that has changed since (SQLSTATE)."""
_prepared: WeakKeyDictionary[Any, set[bytes]] = WeakKeyDictionary()


class Failed(Exception):
    """The server did not answer the statement; ask again through a cursor, which tells why and reconnects."""


class Statement:
    """One prepared statement. `text` names its parameters $1, $2, …; give each a type by a cast in the text."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name.encode()
        self.text = text.encode()

    def run(
        self, parameters: Sequence[bytes | None], formats: Sequence[int], alias: str = DEFAULT_DB_ALIAS
    ) -> PGresult:
        """Execute with parameters in text (format 0) or binary (1); the result is binary. Raises Failed."""
        database = connections[alias]
        pgconn = self.ready(database)
        if database.queries_logged:
            database.queries_log.append({"sql": self.text.decode(), "time": "0"})
        # psycopg's stubs speak of libpq's enumeration where plain 0 and 1 are meant
        try:
            result = pgconn.exec_prepared(self.name, cast("Any", parameters), cast("Any", formats), cast("Any", 1))
        except Error as error:  # the server went away beneath the connection
            raise Failed(self.name.decode()) from error
        if result.status != ExecStatus.TUPLES_OK:
            self.forget(database, result)
            raise Failed(self.name.decode())
        return result

    def forget(self, database: BaseDatabaseWrapper, result: PGresult) -> None:
        """Prepare it again the next time, when the result says that it is no longer."""
        if result.error_field(DiagnosticField.SQLSTATE) in NO_LONGER_PREPARED:
            _prepared[database.connection].discard(self.name)

    def ready(self, database: BaseDatabaseWrapper) -> PGconn:
        """Return the connection with the statement prepared on it. Raises Failed."""
        database.ensure_connection()
        wrapped = database.connection
        known = _prepared.setdefault(wrapped, set())
        if self.name not in known:
            try:
                ready = self._prepare(wrapped.pgconn) or self._prepare_anew(wrapped.pgconn)
            except Error as error:
                raise Failed(self.name.decode()) from error
            if not ready:
                raise Failed(self.name.decode())
            known.add(self.name)
        return cast("PGconn", wrapped.pgconn)

    def _prepare(self, pgconn: PGconn) -> bool:
        return pgconn.prepare(self.name, self.text).status == ExecStatus.COMMAND_OK

    def _prepare_anew(self, pgconn: PGconn) -> bool:
        """Prepare what the server knows by this name in an older form."""
        pgconn.exec_(b"DEALLOCATE " + self.name)
        return self._prepare(pgconn)


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


def prepared(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement as `rows` does, planned once a connection: for what is asked all the time.

    Django keeps psycopg from preparing anything, so `rows` is planned anew each time. Values go as text, for the server
    to read by the types the statement gives them. Database errors are raised as Django's.
    """
    statement = _statement(sql)
    try:
        pgconn, wrapped = statement.ready(connection), connection.connection
    except Failed:
        return rows(sql, parameters)
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": "0"})
    if not wrapped.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
        pgconn.exec_(b"BEGIN")
    transformer = Transformer(wrapped)
    values: Any = transformer.dump_sequence(parameters, [PyFormat.TEXT] * len(parameters))
    with connection.wrap_database_errors:
        result = pgconn.exec_prepared(statement.name, values, None, cast("Any", 1))
        if result.status != ExecStatus.TUPLES_OK:
            statement.forget(connection, result)
            raise error_from_result(result)
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, tuple)


@cache
def _statement(sql: str) -> Statement:
    parts = sql.split("%s")
    text = "".join(f"{part}${at}" for at, part in enumerate(parts[:-1], 1)) + parts[-1]
    return Statement(f"own_{blake2b(sql.encode(), digest_size=12).hexdigest()}", text)


def int8(number: int) -> bytes:
    """Return the binary form of a bigint."""
    return INT8.pack(number)


def int8_values(stored: bytes) -> list[int]:
    """Return the numbers of a bigint[] in binary."""
    return [number for _, number in struct.iter_unpack(">iq", stored[_ARRAY_HEAD.size :])]


def int8_array(numbers: Sequence[int]) -> bytes:
    """Return the binary form of a bigint[]."""
    parts = [0] * (2 * len(numbers))
    parts[0::2] = [8] * len(numbers)
    parts[1::2] = numbers
    return _ARRAY_HEAD.pack(1, 0, INT8_OID, len(numbers), 1) + struct.pack(">" + "iq" * len(numbers), *parts)
