"""The documents of live rows: selected, put into the words of the wire, and written by the declaration."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from connections.grants import Grant
from gradebook.reading.posted import keys_of
from gradebook.reading.sources import Source, sources_of
from gradebook.structure import tasks_of
from interop.oneroster.render import encode
from interop.oneroster.resource import REGISTRY

JSON = ("metadata", "learningObjectiveSet", "scoreScaleValue")
"""Columns of JSON; through a plain cursor they come as text."""


def documents(
    grant: Grant,
    kind: str,
    wanted: Sequence[Any],
    *,
    by: str = "id",
    until: dt.datetime | None = None,
    section: str | None = None,
) -> list[bytes]:
    """Return the documents of the rows with these ids (or other column) in their order; what is gone is a gap.

    By id also deleted rows are told, for deltas. `until` is the latest date to tell; `section` the class that
    categories are asked for, whose grading tasks they name.
    """
    own, *others = sources_of(grant, kind)
    rows = _rows(own, by, [each for each in wanted if by != "id" or each > 0])
    for source in others:
        rest = [each for each in wanted if each not in rows and (by != "id" or each < 0)]
        rows |= _rows(source, by, rest, keys_of(kind, by, rest))
    tasks = tasks_of(section) if section is not None else None
    resource = REGISTRY[kind]
    told = []
    for key in wanted:
        if (row := rows.get(key)) is not None:
            facts = _facts(row, until)
            if tasks is not None:
                facts["metadata"] = {**(facts["metadata"] or {}), "gradingTasks": tasks}
            told.append(encode(resource, grant.version, facts).doc)
    return told


def _rows(
    source: Source, by: str, wanted: Sequence[Any], keys: Sequence[int] | None = None
) -> dict[Any, dict[str, Any]]:
    """Return the rows of a source by what was wanted; `keys` are the only ones it can be made of."""
    if not wanted or (keys is not None and not keys):
        return {}
    sql, params = f'{source.select("q.*")} AND q."{by}" = ANY(%s)', [*source.params, list(wanted)]
    if by != "id":
        sql += " AND q.deleted_at IS NULL"
    if keys is not None:
        sql, params = f"{sql} AND q.key = ANY(%s::bigint[])", [*params, list(keys)]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description]
        return {row[names.index(by)]: dict(zip(names, row, strict=True)) for row in cursor}


def _facts(row: Mapping[str, Any], until: dt.datetime | None) -> dict[str, Any]:
    facts: dict[str, Any] = {name: float(value) if type(value) is Decimal else value for name, value in row.items()}
    for name in JSON:
        if type(facts.get(name)) is str:
            facts[name] = orjson.loads(facts[name])
    modified = row["modified"]
    facts["dateLastModified"] = modified if until is None or modified < until else until
    return facts
