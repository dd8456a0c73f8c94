"""Setting rows from a SELECT: insert what is new, change what differs, touch nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from roster import statistics
from roster.imports.sources import PREFIX

Change = tuple[int, int]
MANY = 100
"""New rows of a table from which on the planner is told before the next statement joins it."""


def run(sql: str, params: Iterable[Any] = ()) -> int:
    """Run one statement; return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(params) or None)
        return int(cursor.rowcount)


def upsert(
    table: str,
    columns: Mapping[str, str],
    source: str,
    *,
    key: str = "sourced_id",
    kept: frozenset[str] = frozenset(),
    ended: str = "",
) -> Change:
    """Upsert into `table` by `key`; `columns` maps each column to its SQL over `source`.

    Columns in `kept` are filled for new rows and left alone in existing ones. `ended` is the SQL of the moment a row
    ended (null: it lives, and revives if it was here as ended; a living row is not ended here, `endings` does that
    and counts it). Returns (new, changed).
    """
    values = dict(columns) | ({"ended_at": ended} if ended else {})
    changing = [name for name in values if name != key and name not in kept]
    selected = ", ".join(f"{value} AS {name}" for name, value in values.items())

    def given(row: str) -> str:
        revived = f"CASE WHEN {row}.ended_at IS NOT NULL THEN t.ended_at END"
        return ", ".join(revived if ended and name == "ended_at" else f"{row}.{name}" for name in changing)

    old = ", ".join(f"t.{name}" for name in changing)
    # what is equal is left out before the INSERT, which would lock every row it meets
    fresh = (
        f"SELECT {', '.join(values)} FROM (SELECT {selected} FROM {source}) v WHERE NOT EXISTS (SELECT 1 FROM {table} t"
    )
    fresh += f" WHERE t.{key} = v.{key} AND ROW({old}) IS NOT DISTINCT FROM ROW({given('v')}))"
    update = f"DO UPDATE SET ({', '.join(changing)}) = ROW({given('EXCLUDED')})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH up AS (INSERT INTO {table} AS t ({', '.join(values)}) {fresh} "
            f"ON CONFLICT ({key}) {update} RETURNING (xmax = 0) AS new) "
            "SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM up"
        )
        new, changed = map(int, cursor.fetchone())
    gather_if_many(table, new)
    return new, changed


def gather_if_many(table: str, new: int) -> None:
    """Let the planner count a table that got many new rows: what it takes for empty it joins row by row."""
    if new >= MANY:
        statistics.gather([table])


LIVES = "NULL::timestamptz"
ENDED = f"nullif(s.\"{PREFIX}endedAt\", '')::timestamptz"


def text(column: str) -> str:
    """The text of a staged column."""
    return f's."{column}"'


def date(column: str) -> str:
    """The date of a staged column, or null."""
    return f"nullif(s.\"{column}\", '')::date"


def items(column: str) -> str:
    """The list of a staged column, as an array."""
    return f"coalesce(string_to_array(nullif(s.\"{column}\", ''), ','), '{{}}')::varchar[]"


def flag(column: str, default: str = "false") -> str:
    """The boolean of a staged column; blank means the default (`NULL` for not known)."""
    return f"coalesce(nullif(s.\"{column}\", '')::boolean, {default})"
