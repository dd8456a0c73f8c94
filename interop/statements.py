"""Statements of the hot path: prepared once a connection, sent through libpq, answered in binary.

A cursor adapts every value and row in Python. Where pages are assembled as bytes that is most of the cost, so these few
statements skip it. They join whatever transaction the connection is in, and are counted like any other query.
"""

import struct
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Cursor, Error, OperationalError
from psycopg.abc import PQGen
from psycopg.abc import Transformer as Loader
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch, send
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

INT8 = struct.Struct(">q")
INT8_OID = 20
_ARRAY_HEAD = struct.Struct(">iiiii")
NO_LONGER_PREPARED = (b"26000", b"0A000")
"""PostgreSQL's codes of a name it does not know any more, and of a table that has changed since (SQLSTATE)."""
ANSWERED = ExecStatus.TUPLES_OK
Names = list[str]
Rows = list[tuple[Any, ...]]


class Question(NamedTuple):
    """A statement with %s in it, and its values; give each a type by a cast where the place does not."""

    sql: str
    values: Sequence[Any]


_ONE_PLAN, _PLANS = (
    Question(f"SELECT set_config('plan_cache_mode', '{mode}', true)", ()) for mode in ("force_generic_plan", "auto")
)


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
        return self._answer(database, self.ready(database).pgconn, parameters, formats)

    def ask(self, values: Sequence[Any], formats: Sequence[PyFormat]) -> tuple[Any, ...]:
        """Execute with values, each sent in its format, and return the first row; empty: none. Raises Failed.

        Values go and come through the driver's compiled part, at a fraction of what as many steps in Python cost.
        """
        database = connections[DEFAULT_DB_ALIAS]
        link = self.ready(database)
        load = link.load
        result = self._answer(database, link.pgconn, load.dump_sequence(values, formats), load.formats)
        if not result.ntuples:
            return ()
        load.set_pgresult(result)
        return load.load_row(0, tuple) or ()

    def _answer(self, database: BaseDatabaseWrapper, pgconn: Any, parameters: Any, formats: Any) -> PGresult:
        if database.force_debug_cursor:  # somebody counts
            database.queries_log.append({"sql": self.text.decode(), "time": "0"})
        try:
            result: PGresult = pgconn.exec_prepared(self.name, parameters, formats, 1)
        except Error as error:  # the server went away beneath the connection
            raise self._failed(database) from error
        if result.status != ANSWERED:
            self.forget(database, result)
            raise self._failed(database)
        _checked(database, lives=True)
        return result

    def forget(self, database: BaseDatabaseWrapper, result: PGresult) -> None:
        """Prepare it again the next time, when the result says that it is no longer."""
        if result.error_field(DiagnosticField.SQLSTATE) in NO_LONGER_PREPARED:
            _link(database).prepared.discard(self.name)

    def ready(self, database: BaseDatabaseWrapper) -> "_Link":
        """Return what is kept with the connection, the statement prepared on it. Raises Failed."""
        link = _link(database)
        if self.name not in link.prepared:
            try:
                ready = self._prepare(link.pgconn) or self._prepare_anew(link.pgconn)
            except Error as error:
                raise self._failed(database) from error
            if not ready:
                raise self._failed(database)
            link.prepared.add(self.name)
        return link

    def _failed(self, database: BaseDatabaseWrapper) -> Failed:
        """Return what tells that there was no answer; Django shall look at the connection before it begins anything."""
        _checked(database, lives=database.in_atomic_block)
        return Failed(self.name.decode())

    def _prepare(self, pgconn: PGconn) -> bool:
        return pgconn.prepare(self.name, self.text).status == ExecStatus.COMMAND_OK

    def _prepare_anew(self, pgconn: PGconn) -> bool:
        """Prepare what the server knows by this name in an older form."""
        pgconn.exec_(b"DEALLOCATE " + self.name)
        return self._prepare(pgconn)


class _Link:
    """What a thread keeps with a connection: which names are prepared on it, and what makes values of its answers."""

    def __init__(self, wrapped: Any) -> None:
        self.wrapped = wrapped
        # psycopg's stubs speak of libpq's enumeration where plain 0 and 1 are meant
        self.pgconn: Any = wrapped.pgconn
        self.prepared: set[bytes] = set()
        self.load: Loader = Transformer(wrapped)  # keeps what it learns of types


def _link(database: BaseDatabaseWrapper) -> _Link:
    """Return what is kept with the connection as it is now, which is made if need be."""
    known: _Link | None = database.__dict__.get("hot_link")
    if known is None or known.wrapped is not database.connection:
        database.ensure_connection()
        known = database.__dict__["hot_link"] = _Link(database.connection)
    return known


def rows(sql: str, parameters: Sequence[Any]) -> Rows:
    """Return the rows of a statement with %s in it, prepared under its text, its values bound by the server.

    For statements whose text takes few shapes; give each parameter a type by a cast where the place does not.
    """
    return _planned_anew(sql, parameters)[1]


def prepared(sql: str, parameters: Sequence[Any]) -> Rows:
    """Return the rows of a statement as `rows` does, planned once a connection: for what is asked all the time.

    Django keeps psycopg from preparing anything, so `rows` is planned anew each time. Values go as text, for the server
    to read by the types the statement gives them. Database errors are raised as Django's.
    """
    [found] = together(Question(sql, parameters))
    return found


def together(*questions: Question) -> list[Rows]:
    """Return the rows of several statements as `prepared` does, in one trip to the server: none needs another's answer.

    They are executed one after the other, and each sees what is committed when its turn comes.
    """
    try:
        results = _results(questions)
    except Failed:
        return [rows(*each) for each in questions]
    return [_loaded(result) for result in results]


def planned_once(sql: str, parameters: Sequence[Any]) -> Rows:
    """Return the rows of a statement as `prepared` does, by one plan for whatever values.

    PostgreSQL would make one for each, where that seems cheaper to it; it takes longer than the little that is asked.
    """
    _, found, _ = together(_ONE_PLAN, Question(sql, parameters), _PLANS)
    return found


def named(sql: str, parameters: Sequence[Any]) -> tuple[Names, Rows]:
    """Return the names of the columns, and the rows as `prepared` does."""
    try:
        [result] = _results([Question(sql, parameters)])
    except Failed:
        return _planned_anew(sql, parameters)
    return [(result.fname(column) or b"").decode() for column in range(result.nfields)], _loaded(result)


def _checked(database: BaseDatabaseWrapper, *, lives: bool) -> None:
    """Tell Django whether a statement was answered: it would ask one of its own, once a request, to know."""
    database.health_check_done = lives  # type: ignore[attr-defined]  # unknown to the stubs


def _planned_anew(sql: str, parameters: Sequence[Any]) -> tuple[Names, Rows]:
    connection.ensure_connection()
    if connection.force_debug_cursor:
        connection.queries_log.append({"sql": sql, "time": "0"})
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=True, binary=True)
        return [column.name for column in cursor.description or ()], cursor.fetchall()


def _results(questions: Sequence[Question]) -> list[PGresult]:
    """Return the answers of statements that are prepared by now. Raises Failed for one that cannot be."""
    database = connections[DEFAULT_DB_ALIAS]
    asked = [_statement(each.sql) for each in questions]
    [link, *_] = [statement.ready(database) for statement in asked]
    if database.force_debug_cursor:
        database.queries_log.extend({"sql": each.sql, "time": "0"} for each in questions)
    given = [
        (statement.name, link.load.dump_sequence(each.values, [PyFormat.TEXT] * len(each.values)))
        for statement, each in zip(asked, questions, strict=True)
    ]
    begins = not database.connection.autocommit and link.pgconn.transaction_status == TransactionStatus.IDLE
    with database.wrap_database_errors:
        if begins or len(given) > 1:
            results = _in_one_trip(database, link.pgconn, given, begins=begins)
        else:
            [(name, values)] = given
            results = [link.pgconn.exec_prepared(name, values, None, 1)]
        for statement, result in zip(asked, results, strict=True):
            if result.status != ANSWERED:
                statement.forget(database, result)
                raise _error_of(result)
    _checked(database, lives=True)
    return results


def _in_one_trip(
    database: BaseDatabaseWrapper, pgconn: Any, given: Sequence[tuple[bytes, Any]], *, begins: bool
) -> list[PGresult]:
    """Execute statements, beginning a transaction with the first. While it waits, other threads go on."""
    pgconn.enter_pipeline_mode()
    try:
        if begins:
            pgconn.send_query_params(b"BEGIN", None)
        for name, values in given:
            pgconn.send_query_prepared(name, values, None, 1)
        pgconn.pipeline_sync()
        # of each its result and a None, and at last that of the end of the trip
        results: list[Any] = database.connection.wait(_fetched(pgconn, 2 * (begins + len(given)) + 1))[:-1:2]
    finally:
        pgconn.exit_pipeline_mode()
    if begins and results[0].status != ExecStatus.COMMAND_OK:
        raise _error_of(results[0])
    return results[begins:]


def _error_of(result: PGresult) -> Error:
    """Return what a failed statement raises; PostgreSQL gives a reason unless it went away before it answered."""
    if result.error_field(DiagnosticField.SQLSTATE) is None:
        return OperationalError("The server went away before it answered.")
    return error_from_result(result)


def _fetched(pgconn: PGconn, many: int) -> PQGen[list[Any]]:
    yield from send(pgconn)
    results = []
    for _ in range(many):
        results.append((yield from fetch(pgconn)))  # noqa: PERF401 - a comprehension cannot wait
    return results


def _loaded(result: PGresult) -> Rows:
    load = _link(connections[DEFAULT_DB_ALIAS]).load
    load.set_pgresult(result)
    found = load.load_rows(0, result.ntuples, tuple)
    load.set_pgresult(None)
    return found


@cache
def _statement(sql: str) -> Statement:
    parts = sql.split("%s")
    text = "".join(f"{part}${at}" for at, part in enumerate(parts[:-1], 1)) + parts[-1]
    return Statement(f"own_{blake2b(sql.encode(), digest_size=12).hexdigest()}", text)


def int8(number: int) -> bytes:
    """Return the binary form of a bigint."""
    return INT8.pack(number)


def int8_array(numbers: Sequence[int]) -> bytes:
    """Return the binary form of a bigint[]."""
    parts = [0] * (2 * len(numbers))
    parts[0::2] = [8] * len(numbers)
    parts[1::2] = numbers
    return _ARRAY_HEAD.pack(1, 0, INT8_OID, len(numbers), 1) + struct.pack(">" + "iq" * len(numbers), *parts)
