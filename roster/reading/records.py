"""Published records as one grant sees them: by id for pages, by sourcedId for singles and parents."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from connections.grants import Grant
from interop import statements
from interop.oneroster.render import stamp
from roster.publishing.arrays import array
from roster.reading.scope import SENT, Sql, in_scope, lost, marked, modified, only_former, reachable, restricted, sent
from roster.reading.trim import Document, Reference, Trimmer, flatten, hidden_roles

FIND = "r.find::text"
Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Row:
    """One record with its body; `marked` means the document may have to be trimmed, `former` that it left the scope."""

    id: int
    object: str
    sourced_id: str
    status: str
    modified: datetime
    flat: str
    doc: bytes
    marked: bool
    former: bool

    @cached_property
    def find(self) -> Mapping[str, Any]:
        """Return the flat values filters judge, parsed when they are needed."""
        found: Mapping[str, Any] = orjson.loads(self.flat)
        return found


@dataclass(frozen=True)
class Shown:
    """A record as the grant sees it; `doc` is None when the published bytes can be sent as they are."""

    row: Row
    doc: Document | None

    @property
    def status(self) -> str:
        return "tobedeleted" if self.row.former else self.row.status

    @property
    def find(self) -> Mapping[str, Any]:
        return self.row.find if self.doc is None else flatten(self.doc)

    @property
    def data(self) -> bytes:
        return self.row.doc if self.doc is None else orjson.dumps(self.doc)


def by_id(grant: Grant, ids: Sequence[int], *, find: str = FIND, edition: int | None = None) -> list[Shown]:
    """Return the records with these ids as the grant sees them, in no particular order; `edition` is that of a pull."""
    rows = select(grant, "r.id = ANY(%s::bigint[])", [list(ids)], find=find, ask=statements.planned_once)
    return show(grant, rows, edition)


def by_sourced_id(grant: Grant, wanted: Iterable[Reference], *, lost_too: bool = False) -> dict[Reference, Shown]:
    """Return the live records with these (object, sourcedId) that the grant reaches.

    With `lost_too` also those a change of its scope took from the connection: they are told as deleted, as in lists.
    """
    pairs = [pair for pair in wanted if "\0" not in pair[1]]
    inside, params = reachable(grant)
    where = f"r.retired_at IS NULL AND {inside}"
    if lost_too and grant.past:
        gone, gone_params = lost(grant)
        where, params = f"({where} OR {gone})", [*params, *gone_params]
    if len(pairs) == 1:  # what is asked most: without arrays PostgreSQL keeps its plan unasked
        named, values, ask = "(r.object, r.sourced_id) = (%s, %s)", list[Any](pairs[0]), statements.prepared
    else:
        named = "(r.object, r.sourced_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
        values, ask = [[pair[at] for pair in pairs] for at in (0, 1)], statements.planned_once
    found = select(grant, f"r.version = %s AND {named} AND {where}", [grant.version, *values, *params], ask=ask)
    return {(shown.row.object, shown.row.sourced_id): shown for shown in show(grant, found)}


def to_send(grant: Grant, ids: Sequence[int], edition: int) -> dict[int, bytes]:
    """Return the documents of these records as the grant sees them in an edition, by id."""
    asked = grant.secondary_email or hidden_roles(grant)
    # `find` is read only where it is needed
    find = FIND if asked else f"CASE WHEN r.former IS NULL THEN '{{}}' ELSE {FIND} END"
    return {shown.row.id: shown.data for shown in by_id(grant, ids, find=find, edition=edition)}


def select(
    grant: Grant, where: str, params: Sequence[Any], *, find: str = FIND, ask: Ask = statements.rows
) -> list[Row]:
    """Return the rows a condition on `r` names, with their bodies.

    `find` is what is read as the flat values, where hardly anything needs them; `ask` is `prepared` for conditions of
    few shapes.
    """
    is_marked, marked_params = marked(grant)
    is_former, former_params = only_former(grant)
    at, at_params = modified(grant)
    sql = (
        f"SELECT r.id, r.object, r.sourced_id, r.status, {at}, {find}, b.doc, {is_marked}, {is_former}"
        f" FROM roster_record r JOIN roster_body b ON b.id = r.id WHERE ({where}) AND {SENT}"
    )
    return [Row(*row) for row in ask(sql, [*at_params, *marked_params, *former_params, *params])]


def show(grant: Grant, rows: Sequence[Row], edition: int | None = None) -> list[Shown]:
    """Trim the marked rows; one statement tells which of all their references are visible, now or in an edition."""
    if not restricted(grant):
        return [Shown(row, None) for row in rows]
    parsed = {row.id: orjson.loads(row.doc) for row in rows if row.marked or row.former}
    trimmers = {row.object: Trimmer(row.object, grant) for row in rows}
    names: set[Reference] = set()
    for row in rows:
        if row.id in parsed:
            names.update(trimmers[row.object].references(parsed[row.id]))
    visible = _visible(grant, names, edition)
    return [_shown(row, parsed.get(row.id), trimmers[row.object], visible) for row in rows]


def _shown(row: Row, doc: Document | None, trimmer: Trimmer, visible: frozenset[Reference]) -> Shown:
    if doc is None:
        return Shown(row, None)
    shown = trimmer.trim(doc, visible, row, tombstone=row.former)
    if trimmer.grant.past:
        shown["dateLastModified"] = stamp(row.modified)
    return Shown(row, shown)


def _visible(grant: Grant, names: set[Reference], edition: int | None) -> frozenset[Reference]:
    """Return which of these records the grant sees: as they are, or as they were in an edition.

    A pull goes on in its edition whatever is published meanwhile; what is withheld since is not seen in any. But a
    version of then may be withheld only for whom it names: references to it stand while the record itself is shared.
    """
    if not names:
        return frozenset()
    scope, scope_params = in_scope(grant)
    named = (
        "SELECT r.object, r.sourced_id FROM roster_record r"
        " JOIN unnest(%s::text[], %s::text[]) AS named(object, sourced_id)"
        " ON r.object = named.object AND r.sourced_id = named.sourced_id"
        f" WHERE r.version = %s AND {scope}"
    )
    values = [*(array(part) for part in zip(*names, strict=True)), grant.version, *scope_params]
    if edition is None:
        found = statements.planned_once(f"{named} AND {SENT} AND r.retired_at IS NULL", values)
    else:
        over = "coalesce((SELECT min(published_at) FROM roster_edition WHERE number > %s::bigint), 'infinity')"
        shared, shared_params = _shared_now(grant)
        found = statements.planned_once(
            # two halves, because each has an index of its own
            f"{named} AND {SENT} AND r.retired_at IS NULL AND r.modified < {over}"
            f" UNION ALL {named} AND ({SENT} OR {shared}) AND r.retired_at >= {over} AND r.modified < {over}",
            [*values, edition, *values, *shared_params, edition, edition],
        )
    return frozenset((row[0], row[1]) for row in found)


def _shared_now(grant: Grant) -> Sql:
    """Return the predicate for versions of records whose live version is active, in scope and not withheld."""
    scope, params = in_scope(grant, "n")
    text = (
        "EXISTS (SELECT 1 FROM roster_record n WHERE n.version = r.version AND n.object = r.object"
        " AND n.sourced_id = r.sourced_id AND n.retired_at IS NULL AND n.status = 'active'"
        f" AND {sent('n')} AND {scope})"
    )
    return text, params
