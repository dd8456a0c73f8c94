"""Drafts a piece at a time: this process asks the database, and whoever renders a piece may make its drafts as well."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from roster.publishing.draft import Draft


class Piece(NamedTuple):
    """Some drafts of one kind: how many they are at most, and what makes them, once and without the database."""

    most: int
    drafts: Callable[[], Iterable[Draft]]

    @classmethod
    def of(cls, drafts: list[Draft]) -> "Piece":
        """Return a piece of drafts that are made already."""
        return cls(len(drafts), lambda: drafts)


class Answer:
    """Rows asked for now and made into values when they are read, once: by a process beside, nothing has to be copied.

    They stay in memory as the database sent them, so they can be read without a connection.
    """

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._cursor = connection.cursor()
        self._cursor.execute(*rows.query.sql_with_params())

    def __len__(self) -> int:
        return int(self._cursor.rowcount)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._cursor)
