"""The documents of live rows: selected, put into the words of the wire, and written by the declaration."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connections.grants import Grant
from gradebook.reading.posted import keys_of
from gradebook.reading.sources import Source, sources_of
from gradebook.structure import tasks_of
from interop import statements
from interop.oneroster.render import Row, row_encoder, stamp
from interop.oneroster.resource import REGISTRY
from roster.publishing.arrays import array


def documents(
    grant: Grant,
    kind: str,
    wanted: Sequence[Any],
    *,
    by: str = "id",
    until: dt.datetime | None = None,
    section: str | None = None,
) -> list[bytes]:
    """Return the documents of the rows with these ids in their order; what is gone is a gap.

    By id also deleted rows are told, for deltas; by another column one is asked for. `until` is the latest date to
    tell; `section` the class that categories are asked for, whose grading tasks they name.
    """
    tasks = None if section is None else tasks_of(section)

    def told_by(source: Source, asked: Sequence[Any], keys: Sequence[int] | None = None) -> dict[Any, bytes]:
        names, rows = _rows(source, by, asked, keys)
        if not rows:
            return {}
        write, place, modified = (
            row_encoder(REGISTRY[kind], grant.version, names),
            names.index(by),
            _dated(names, until),
        )
        if tasks is not None:
            rows = [_with_tasks(row, names.index("metadata"), tasks) for row in rows]
        return {row[place]: write(row, modified(row)) for row in rows}

    own, *others = sources_of(grant, kind)
    told = told_by(own, [each for each in wanted if by != "id" or each > 0])
    for source in others:
        rest = [each for each in wanted if each not in told and (by != "id" or each < 0)]
        told |= told_by(source, rest, keys_of(kind, by, rest))
    return [told[each] for each in wanted if each in told]


def _rows(
    source: Source, by: str, wanted: Sequence[Any], keys: Sequence[int] | None
) -> tuple[tuple[str, ...], Sequence[Row]]:
    """Return the columns' names and the rows of a source; `keys` are the only ones it can be made of."""
    if not wanted or (keys is not None and not keys):
        return (), []
    if by == "id":
        sql, values = f"{source.select('q.*')} AND q.id = ANY(%s::bigint[])", [*source.params, array(wanted)]
    else:
        sql, values = f'{source.select("q.*")} AND q."{by}" = %s AND q.deleted_at IS NULL', [*source.params, wanted[0]]
    if keys is not None:
        sql, values = f"{sql} AND q.key = ANY(%s::bigint[])", [*values, array(keys)]
    names, rows = statements.named(sql, values)
    return tuple(names), rows


def _dated(names: Sequence[str], until: dt.datetime | None) -> Callable[[Row], bytes]:
    """Return what tells when a row was modified, no later than `until`."""
    place, latest = names.index("modified"), until or dt.datetime.max.replace(tzinfo=dt.UTC)
    return lambda row: stamp(min(row[place], latest)).encode()


def _with_tasks(row: Row, place: int, tasks: Sequence[Mapping[str, str]]) -> Row:
    """Return a category's row with the grading tasks of a class in its metadata."""
    return (*row[:place], {**(row[place] or {}), "gradingTasks": tasks}, *row[place + 1 :])
