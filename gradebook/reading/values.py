"""The values of live rows by path, as filters and orders compare them: the same texts as `find` of published records.

Only the paths a query names are worked out.
"""

from collections.abc import Iterable
from typing import Any

from interop.oneroster.filters import And, Comparison, Node
from interop.oneroster.resource import COLUMNS, Field, Resource
from roster.reading.freeze import paths_of
from roster.reading.scope import Sql

DELTA = (">", ">=")


def found_sql(paths: Iterable[str], resource: Resource, version: int) -> Sql:
    """Return the jsonb with the values of these paths; q is the row, its columns named by the object's fields."""
    pairs, params = [], list[Any]()
    for path in sorted({_real(path) for path in paths} - set(COLUMNS)):
        pairs.append(f"%s::text, {_value(path, resource, version)}")
        params.append(path)
    return (f"jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)}))" if pairs else "NULL::jsonb"), params


def touched(where: Node | None, sort: str | None) -> set[str]:
    """Return the paths a query compares or orders by."""
    return set(paths_of(where)) | ({sort} if sort else set())


def certain(where: Node | None) -> list[Comparison]:
    """Return the comparisons that every row of the answer passes."""
    if isinstance(where, Comparison):
        return [where]
    return [each for part in where.nodes for each in certain(part)] if isinstance(where, And) else []


def asks_for_deleted(where: Node | None) -> bool:
    """Return whether rows that were deleted are told: to a delta, and to who asks for them by their status."""
    return any(
        (test.path == "dateLastModified" and test.op in DELTA)
        or (test.path, test.op, test.value) == ("status", "=", "tobedeleted")
        for test in _every(where)
    )


def _every(where: Node | None) -> list[Comparison]:
    if where is None or isinstance(where, Comparison):
        return [where] if where else []
    return [each for part in where.nodes for each in _every(part)]


def _real(path: str) -> str:
    """An address or type of a reference is compared by the sourcedId beside it."""
    head, _, last = path.rpartition(".")
    return f"{head}.sourcedId" if last in ("href", "type") and head else path


def _value(path: str, resource: Resource, version: int) -> str:
    name, _, rest = path.partition(".")
    field = next(each for each in resource.fields_in(version) if each.name == name)
    column = f'q."{name}"'
    if field.kind == "metadata":
        keys = ",".join('"' + part.replace("\\", "").replace('"', "") + '"' for part in rest.split("."))
        return f"{column} #>> '{{{keys}}}'"
    if field.kind == "object":
        return _parts(column, field, rest.split("."))
    return _text(column, field)


def _text(column: str, field: Field) -> str:
    if field.kind == "float":
        return f"trim_scale({column}::numeric)::text"
    if field.kind == "datetime":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    return f"nullif({column}::text, '')"


def _parts(column: str, field: Field, names: list[str]) -> str:
    """Return the list of texts that lie at a path inside a list of objects."""
    steps, inner = "$[*]", field
    for name in names:
        inner = next(part for part in inner.parts if part.name == name)
        steps += f".{name}" + ("[*]" if inner.many else "")
    text = "trim_scale((each #>> '{}')::numeric)::text" if inner.kind == "float" else "each #>> '{}'"
    return f"(SELECT jsonb_agg({text}) FROM jsonb_path_query({column}, '{steps}') each)"
