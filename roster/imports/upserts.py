"""Every statement an import changes a table by: each notes, in the same statement, how it is undone (`undoing`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from roster import statistics
from roster.imports.sources import PREFIX

Change = tuple[int, int]
MANY = 100
"""New rows of a table from which on the planner is told before the next statement joins it."""
KEEP = 'INSERT INTO roster_feedtrace (step_id, "row")'


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
    names = ", ".join(values)
    # what is equal is left out before the INSERT, which would lock every row it meets
    fresh = f"SELECT {names} FROM (SELECT {selected} FROM {source}) v WHERE NOT EXISTS (SELECT 1 FROM {table} t"
    fresh += f" WHERE t.{key} = v.{key} AND ROW({old}) IS NOT DISTINCT FROM ROW({given('v')}))"
    update = f"DO UPDATE SET ({', '.join(changing)}) = ROW({given('EXCLUDED')})"
    step = _step(table, changing)
    # in order, so that all rows are found before the first is inserted: whoever looks must not see the table grow
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH fresh AS MATERIALIZED ({fresh}), was AS ({KEEP} SELECT {step}, to_jsonb(o) FROM "
            f"(SELECT t.id, {old} FROM {table} t JOIN fresh f ON f.{key} = t.{key}) o), "
            f"up AS (INSERT INTO {table} AS t ({names}) SELECT {names} FROM fresh ORDER BY {key} "
            f"ON CONFLICT ({key}) {update} RETURNING t.id, (xmax = 0) AS new), {_noting(step, 'up WHERE new')} "
            "SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM up"
        )
        new, changed = map(int, cursor.fetchone())
    gather_if_many(table, new)
    return new, changed


def add(table: str, insert: str) -> int:
    """Run an INSERT into the table whose conflicts do nothing; return how many rows are new."""
    new = _counted(f"WITH up AS ({insert} RETURNING id), {_noting(_step(table, []), 'up')} SELECT count(*) FROM up")
    gather_if_many(table, new)
    return new


def set_columns(
    table: str, values: Mapping[str, str], test: str, *, beside: str = "", params: Sequence[Any] = ()
) -> int:
    """Set columns of the rows `t` that pass the test, joined with what is named `beside`; return how many."""
    news = ", ".join(f"{value} AS new_{name}" for name, value in values.items())
    olds = ", ".join(f"'{name}', t.{name}" for name in values)
    sets = ", ".join(f"{name} = f.new_{name}" for name in values)
    step = _step(table, list(values))
    return run(
        f"WITH f AS MATERIALIZED (SELECT t.id, {news}, jsonb_build_object('id', t.id, {olds}) AS was "
        f"FROM {table} t{', ' + beside if beside else ''} WHERE {test}), "
        f"kept AS ({KEEP} SELECT {step}, was FROM f) "
        f"UPDATE {table} t SET {sets} FROM f WHERE f.id = t.id",
        params,
    )


def remove(table: str, test: str, *, using: str = "") -> int:
    """Delete the rows `t` that pass the test, joined with what is named in `using`; return how many."""
    step = _step(table, [])
    return _counted(
        f"WITH gone AS (DELETE FROM {table} t{' USING ' + using if using else ''} WHERE {test} RETURNING t.*), "
        f"kept AS ({KEEP} SELECT {step}, to_jsonb(gone) FROM gone) SELECT count(*) FROM gone"
    )


def note_rows(table: str, columns: Sequence[str], test: str) -> None:
    """Note these columns of some rows as they are, and nothing else: for what is about to be set elsewhere."""
    step, named = _step(table, columns), ", ".join(f"t.{name}" for name in columns)
    run(f"{KEEP} SELECT {step}, to_jsonb(o) FROM (SELECT t.id, {named} FROM {table} t WHERE {test}) o")


def note_made(table: str, test: str) -> None:
    """Note rows that were made elsewhere."""
    run(f"WITH {_noting(_step(table, []), f'{table} WHERE {test}')} SELECT 1")


def _step(table: str, columns: Sequence[str]) -> int:
    """Begin a step of the import at work and return its number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO roster_feedstep (table_name, columns) VALUES (%s, %s) RETURNING id", [table, list(columns)]
        )
        return int(cursor.fetchone()[0])


def _noting(step: int, rows: str) -> str:
    """Return a part of a WITH that notes the ids of new rows."""
    return (
        f"noted AS (INSERT INTO roster_feedtrace (step_id, made) SELECT {step}, array_agg(id) FROM {rows} "
        "HAVING count(*) > 0)"
    )


def _counted(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


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
