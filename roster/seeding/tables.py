"""Rows collected in memory and written by COPY."""

from collections.abc import Iterator
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from interop.progress import Advance


class Tables:
    """Collects rows by model, hands out primary keys from 1, and writes everything with COPY.

    `lines` are rows too many to keep, written last: COPY text of all columns.
    """

    def __init__(self) -> None:
        self.lines: dict[type[models.Model], Iterator[bytes]] = {}
        self._rows: dict[type[models.Model], list[list[Any]]] = {}
        self._shapes: dict[type[models.Model], tuple[list[Any], dict[str, int]]] = {}

    def add(self, model: type[models.Model], **values: Any) -> int:
        """Add one row, other columns taking the model's defaults; return its primary key."""
        if model not in self._shapes:
            self._shapes[model] = self._shape(model)
            self._rows[model] = []
        defaults, position = self._shapes[model]
        row = list(defaults)
        for name, value in values.items():
            row[position[name]] = value
        rows = self._rows[model]
        rows.append(row)
        row[0] = len(rows)
        return len(rows)

    def rows(self, model: type[models.Model], *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield these values of every row added, in the order they were."""
        if model in self._rows:
            _, position = self._shapes[model]
            places = [position[name] for name in names]
            for row in self._rows[model]:
                yield tuple(row[place] for place in places)

    def count(self, model: type[models.Model]) -> int:
        """How many rows of the model have been added."""
        return len(self._rows.get(model, ()))

    def write(self, order: tuple[type[models.Model], ...], advance: Advance) -> None:
        """Write the collected rows, tables in the given order, and set their sequences."""
        for model in order:
            if model in self._rows:
                self._copy(model)
                advance(str(model._meta.verbose_name_plural), len(self._rows[model]))
        for model, lines in self.lines.items():
            advance(str(model._meta.verbose_name_plural), self._copy_lines(model, lines))
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [*self._rows, *self.lines]):
                cursor.execute(statement)

    def _copy(self, model: type[models.Model]) -> None:
        columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
        with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
        ):
            for row in self._rows[model]:
                copy.write_row(row)

    @staticmethod
    def _copy_lines(model: type[models.Model], lines: Iterator[bytes]) -> int:
        columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
        count = 0
        with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy,
        ):
            for count, line in enumerate(lines, 1):  # noqa: B007 - the last one is what is wanted
                copy.write(line)
        return count

    @staticmethod
    def _shape(model: type[models.Model]) -> tuple[list[Any], dict[str, int]]:
        fields = model._meta.concrete_fields
        return [field.get_default() for field in fields], {field.attname: n for n, field in enumerate(fields)}
