"""Rows written as one statement, whatever their number: an upsert that only the owner's rows take part in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from django.db import connection

from gradebook.services.act import Act, Part
from interop import statements
from interop.statements import Question, Rows


class Again(Exception):
    """Somebody else wrote the same row first; the whole act is to be done again, on what is there now."""


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
            RETURNING t.sourced_id, t.xmax = 0 AS created
        """

    @cached_property
    def select(self) -> str:
        """The statement that locks the rows with given sourcedIds and returns them."""
        names = ", ".join(f't."{name}"' for name in self.columns)
        return f"""
            SELECT t.id, t.sourced_id, t.owner_id, t.deleted_at, {names} FROM {self.name} t
            WHERE t.sourced_id = ANY(%s::text[]) ORDER BY t.id FOR NO KEY UPDATE OF t
        """

    def lock(self, sourced_ids: Sequence[str]) -> Question:
        """Return the question for the rows there are; others are kept from changing them until the act ends."""
        return Question(self.select, [list(sourced_ids)])

    def those(self, found: Rows) -> dict[str, dict[str, Any]]:
        """Return the rows that were asked for, by sourcedId."""
        names = ("id", "sourced_id", "owner_id", "deleted_at", *self.columns)
        return {row[1]: dict(zip(names, row, strict=True)) for row in found}

    def locked(self, sourced_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the rows there are, by sourcedId, and keep others from changing them until the act ends."""
        return self.those(statements.prepared(*self.lock(sourced_ids)))

    def write(self, act: Act, owner: int | None, rows: Sequence[Mapping[str, Any]], new: set[str]) -> None:
        """Have the rows written when the act is settled; `new` are those that nobody had.

        Again is raised then when somebody has one of them by now.
        """
        if not rows:
            return

        def check(stored: list[tuple[Any, ...]]) -> None:
            if len(stored) < len(rows) or new - {name for name, created in stored if created}:
                raise Again

        act.last(Part(self.upsert, [owner, act.at, orjson.dumps(rows, default=str).decode()], check))

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
