"""The documents of live rows: selected, put into the words of the wire, and written by the declaration."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from connections.grants import Grant
from gradebook.reading.sources import source_of
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
    source = source_of(grant, kind)
    sql = f'{source.select("q.*")} AND q."{by}" = ANY(%s)'
    if by != "id":
        sql += " AND q.deleted_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*source.params, list(wanted)])
        names = [column.name for column in cursor.description]
        rows = {row[names.index(by)]: dict(zip(names, row, strict=True)) for row in cursor}
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


def _facts(row: Mapping[str, Any], until: dt.datetime | None) -> dict[str, Any]:
    facts: dict[str, Any] = {name: float(value) if type(value) is Decimal else value for name, value in row.items()}
    for name in JSON:
        if type(facts.get(name)) is str:
            facts[name] = orjson.loads(facts[name])
    modified = row["modified"]
    facts["dateLastModified"] = modified if until is None or modified < until else until
    return facts
