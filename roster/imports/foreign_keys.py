"""The foreign keys that lead to a table, and deleting most of a table without a look for each row and each of them.

For every deleted row PostgreSQL asks each referencing table whether it still names the row: nearly two million looks
for 80,000 people, even where those tables are empty. Who empties a table takes the keys off instead and puts them back
afterwards, in the same transaction: then all that is left is checked at once, and a row that names nothing is as much
of an error as before.
"""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction

MANY = 5_000
"""Rows from which on it pays."""
PATIENCE = "2s"
"""How long whoever uses the tables is waited for; everybody else waits for us until the commit."""


class ForeignKey(NamedTuple):
    """A foreign key of `table`, on its `column`; `definition` is what ADD CONSTRAINT takes."""

    table: str
    column: str
    name: str
    definition: str


def leading_to(table: str) -> list[ForeignKey]:
    """Return the foreign keys of the database that lead to a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.conrelid::regclass::text, a.attname, quote_ident(k.conname), pg_get_constraintdef(k.oid)"
            " FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
            " WHERE k.contype = 'f' AND k.confrelid = %s::regclass ORDER BY 1, 3",
            [table],
        )
        return [ForeignKey(*row) for row in cursor.fetchall()]


@contextlib.contextmanager
def checked_at_once(table: str, rows: int) -> Iterator[None]:
    """Within the block so many rows of a table are deleted; if that is most of it, references are checked at its end.

    Part of the caller's transaction. Raises IntegrityError when a deleted row is still named then.
    """
    keys = leading_to(table) if rows >= MANY and rows > _count(table) // 2 else []
    keys = keys if _taken_off(keys) else []
    yield
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {key.definition}")


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _taken_off(keys: list[ForeignKey]) -> bool:
    """Take the keys off; False when somebody is using the tables, or when they may not be changed now."""
    with contextlib.suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks yet to be done cannot be changed
        for key in keys:
            cursor.execute(f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
        return True
    return False
