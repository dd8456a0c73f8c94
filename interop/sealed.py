"""Every place where something sealed is stored, and how all of it comes under the newest key.

A value is exchanged only while it is still the one that was read, so nothing that changes meanwhile is overwritten, and
a run that was broken off is simply started again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from interop import crypto

TABLES = (
    "interop.signin.sealed.PLACES",
    "connections.sealed.PLACES",
    "gradebook.sealed.PLACES",
    "lti.sealed.PLACES",
)


class Place(Protocol):
    """One kind of stored value."""

    @property
    def name(self) -> str:
        """Return what people call it."""

    def values(self) -> Iterator[tuple[Any, bytes]]:
        """Yield where each value is and what is stored there, a few at a time."""

    def exchange(self, where: Any, old: bytes, new: bytes) -> None:
        """Store the new value if the old one is still there."""


@dataclass(frozen=True)
class Column:
    """A BinaryField, null where there is nothing."""

    name: str
    model: str
    field: str = "sealed"

    def values(self) -> Iterator[tuple[Any, bytes]]:
        """Yield primary key and bytes."""
        filled = self._table().exclude(**{self.field: None}).order_by("pk").values_list("pk", self.field)
        for pk, sealed in filled.iterator(chunk_size=500):
            yield pk, bytes(sealed)

    def exchange(self, where: Any, old: bytes, new: bytes) -> None:
        """Update one row."""
        self._table().filter(**{"pk": where, self.field: old}).update(**{self.field: new})

    def _table(self) -> QuerySet[Model]:
        model: type[Model] = apps.get_model(self.model)
        return model._default_manager.all()


@dataclass
class Outcome:
    """What became of the values of one place."""

    name: str
    resealed: int = 0
    newest: int = 0
    unreadable: int = 0


def places() -> list[Place]:
    """Return all places of all apps."""
    return [place for table in TABLES for place in import_string(table)]


def reseal(place: Place) -> Outcome:
    """Bring every value of the place under the newest key; those under no known key stay and are counted."""
    outcome = Outcome(place.name)
    for where, sealed in place.values():
        if crypto.is_newest(sealed):
            outcome.newest += 1
            continue
        try:
            text = crypto.unseal(sealed)
        except crypto.Unreadable:
            outcome.unreadable += 1
            continue
        place.exchange(where, sealed, crypto.seal(text))
        outcome.resealed += 1
    return outcome
