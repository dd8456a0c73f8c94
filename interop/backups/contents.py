"""What a database holds: rows of each table and a sum over all of them, so that a copy can be compared."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""
"""The names of all tables of the portal; a partitioned one is one table."""
_SUM = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM public.{} t"


@dataclass(frozen=True)
class Table:
    """How many rows, and the sum of the hashes of all rows: the order of rows does not matter."""

    rows: int
    sum: str


def contents(database: psycopg.Connection[Any]) -> dict[str, Table]:
    """Return every table of the portal by name; reads the whole database once."""
    return {name: _of(database, name) for name in tables(database)}


def tables(database: psycopg.Connection[Any]) -> list[str]:
    """Return the names of all tables; a partitioned one is one table."""
    return [name for (name,) in database.execute(TABLES)]


def _of(database: psycopg.Connection[Any], name: str) -> Table:
    found = database.execute(sql.SQL(_SUM).format(sql.Identifier(name))).fetchone()
    rows, total = found or (0, "0")
    return Table(rows, total)
