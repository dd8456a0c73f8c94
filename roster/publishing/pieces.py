"""Drafts a piece at a time: this process asks the database, and whoever renders a piece may make its drafts as well."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from interop.oneroster.resource import VERSIONS
from roster.publishing.draft import Draft


class Piece(NamedTuple):
    """Some drafts of one kind in one version: how many at most, and what makes them, once and without the database."""

    most: int
    drafts: Callable[[], Iterable[Draft]]

    @classmethod
    def of(cls, drafts: list[Draft]) -> "Piece":
        """Return a piece of drafts that are made already."""
        return cls(len(drafts), lambda: drafts)


Pieces = Mapping[int, Piece]
"""Some drafts of one kind in each version, made from the same rows."""


def same(drafts: list[Draft]) -> Pieces:
    """Return drafts that are made already and are the same in all versions."""
    return dict.fromkeys(VERSIONS, Piece.of(drafts))


class Answer:
    """Rows asked for now and made into values when they are read first: by a process beside, nothing has to be copied.

    They stay in memory as the database sent them, so they can be read without a connection.
    """

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._cursor = connection.cursor()
        self._cursor.execute(*rows.query.sql_with_params())
        self._many = int(self._cursor.rowcount)

    def __len__(self) -> int:
        return self._many

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._rows)

    @cached_property
    def _rows(self) -> list[tuple[Any, ...]]:
        with self._cursor:
            return self._cursor.fetchall()  # type: ignore[no-any-return]
