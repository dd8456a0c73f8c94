"""Rows written as one statement, whatever their number: an upsert that only the owner's rows take part in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from django.db import connection

from gradebook.services.act import Act
from interop import statements


class Again(Exception):
    """Somebody else wrote the same row first; the whole act is to be done again, on what is there now."""


class Stored(NamedTuple):
    """A row that was written: its key, and whether it is new."""

    id: int
    created: bool


@dataclass(frozen=True)
class Table:
    """A table of shared rows and those of its columns that an upsert writes, with their types.

    `fixed` columns are written when a row is created and never again.
    """

    name: str
    columns: Mapping[str, str]
    fixed: tuple[str, ...] = ()

    @cached_property
    def upsert(self) -> str:
        """The statement; its parameters are the owner, the date and the rows as JSON."""
        names = ", ".join(f'"{name}"' for name in self.columns)
        types = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        changed = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in self.columns if name not in self.fixed)
        return f"""
            INSERT INTO {self.name} AS t (sourced_id, owner_id, modified, {names})
            SELECT sourced_id, %s::bigint, %s::timestamptz, {names}
            FROM json_to_recordset(%s::json) AS n(sourced_id text, {types}) ORDER BY sourced_id
            ON CONFLICT (sourced_id) DO UPDATE SET {changed}, deleted_at = NULL,
                modified = greatest(EXCLUDED.modified, t.modified + interval '1 millisecond')
            WHERE t.owner_id IS NOT DISTINCT FROM EXCLUDED.owner_id
            RETURNING t.sourced_id, t.id, t.xmax = 0
        """

    @cached_property
    def select(self) -> str:
        """The statement that locks the rows with given sourcedIds and returns them."""
        names = ", ".join(f't."{name}"' for name in self.columns)
        return f"""
            SELECT t.id, t.sourced_id, t.owner_id, t.deleted_at, {names} FROM {self.name} t
            WHERE t.sourced_id = ANY(%s) ORDER BY t.id FOR NO KEY UPDATE OF t
        """

    def locked(self, sourced_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the rows there are, by sourcedId, and keep others from changing them until the act ends."""
        with connection.cursor() as cursor:
            cursor.execute(self.select, [list(sourced_ids)])
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for name, kind in self.columns.items():
            if kind == "jsonb":
                for row in rows:
                    row[name] = orjson.loads(row[name]) if isinstance(row[name], str) else row[name]
        return {row["sourced_id"]: row for row in rows}

    def write(self, act: Act, owner: int | None, rows: Sequence[Mapping[str, Any]], new: set[str]) -> dict[str, Stored]:
        """Write the rows; `new` are those that nobody had. Raises Again when somebody has one of them by now."""
        if not rows:
            return {}
        found = statements.prepared(self.upsert, [owner, act.at, orjson.dumps(rows, default=str).decode()])
        stored = {sourced_id: Stored(key, created) for sourced_id, key, created in found}
        if len(stored) < len(rows) or any(not stored[name].created for name in new):
            raise Again
        return stored

    def bury(self, act: Act, keys: Sequence[int]) -> None:
        """Mark rows as deleted."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.name} SET deleted_at = %s, modified = greatest(%s, modified + interval '1 millisecond')"
                " WHERE id = ANY(%s)",
                [act.at, act.at, list(keys)],
            )


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what differs, as it was and as it is; of `before` only what `after` names counts."""
    names = [name for name, value in after.items() if before.get(name) != value]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
