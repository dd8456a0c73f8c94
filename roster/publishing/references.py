"""Which other records a record names, read from its `find`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import roster.wire  # noqa: F401  (its declarations register themselves)
from interop.oneroster.resource import REGISTRY, Field

Name = tuple[str, str]
"""Wire object and sourcedId."""


class Reference(NamedTuple):
    """Where a kind of record names another: the path in `find`, whether a list stands there, and what it names."""

    path: str
    many: bool
    target: str


@cache
def references(version: int, kind: str) -> tuple[Reference, ...]:
    """Return every place where records of a kind name others in a version."""
    return tuple(_references(version, REGISTRY[kind].fields_in(version)))


def names(version: int, kind: str, find: Mapping[str, Any]) -> Iterator[Name]:
    """Yield what one record names."""
    for path, many, target in references(version, kind):
        if found := find.get(path):
            for sourced_id in found if many else (found,):
                yield target, sourced_id


def _references(version: int, fields: Sequence[Field], prefix: str = "", *, many: bool = False) -> Iterator[Reference]:
    for field in fields:
        if field.kind == "ref":
            yield Reference(f"{prefix}{field.name}.sourcedId", many or field.many, field.target or "")
        elif field.parts:
            parts = [part for part in field.parts if part.exists_in(version)]
            yield from _references(version, parts, f"{prefix}{field.name}.", many=many or field.many)
