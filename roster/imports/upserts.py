"""Setting rows from a SELECT: insert what is new, change what differs, touch nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

Change = tuple[int, int]


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
    ends: bool = True,
) -> Change:
    """Upsert into `table` by `key`; `columns` maps each column to its SQL over `source`.

    Columns in `kept` are filled for new rows and left alone in existing ones. Returns (new, changed).
    """
    values = dict(columns)
    if ends:
        values["ended_at"] = "NULL::timestamptz"
    names = ", ".join(values)
    changing = [name for name in values if name != key and name not in kept]
    old = ", ".join(f"{table}.{name}" for name in changing)
    new = ", ".join(f"EXCLUDED.{name}" for name in changing)
    update = f"DO UPDATE SET ({old.replace(table + '.', '')}) = ROW({new}) WHERE ({old}) IS DISTINCT FROM ({new})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH up AS (INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} FROM {source} "
            f"ON CONFLICT ({key}) {update if len(changing) > 1 else 'DO NOTHING'} RETURNING (xmax = 0) AS new) "
            "SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM up"
        )
        row = cursor.fetchone()
    return int(row[0]), int(row[1])


def text(column: str) -> str:
    """The text of a staged column."""
    return f's."{column}"'


def date(column: str) -> str:
    """The date of a staged column, or null."""
    return f"nullif(s.\"{column}\", '')::date"


def items(column: str) -> str:
    """The list of a staged column, as an array."""
    return f"coalesce(string_to_array(nullif(s.\"{column}\", ''), ','), '{{}}')"


def flag(column: str, default: str = "false") -> str:
    """The boolean of a staged column; blank means the default (`NULL` for not known)."""
    return f"coalesce(nullif(s.\"{column}\", '')::boolean, {default})"
