"""Records found by what people call them, and what the records a document names are called."""

from collections.abc import Iterable
from dataclasses import dataclass

from connections.grants import Grant
from interop import statements
from roster.reading.scope import SENT, in_scope
from roster.reading.trim import Reference

SEARCHED = {
    "user": ("familyName", "givenName", "preferredFirstName", "preferredLastName", "username"),
    "class": ("title", "classCode"),
    "course": ("title", "courseCode"),
    "org": ("name",),
    "academicSession": ("title",),
    "resource": ("title",),
    "enrollment": ("user.sourcedId", "class.sourcedId"),
    "demographics": (),
}
FOUND_AT_MOST = 20
_NAME = (
    "coalesce(nullif(concat_ws(', ', nullif(r.find->>'familyName', ''), nullif(r.find->>'givenName', '')), ''),"
    " r.find->>'name', r.find->>'title')"
)


@dataclass(frozen=True)
class Found:
    """A record that matches a search."""

    object: str
    sourced_id: str
    name: str


def by_name(grant: Grant, wire_object: str, words: str) -> list[Found]:
    """Return records in the grant whose name or sourcedId holds every word, one more than are shown at most."""
    wanted = words.replace("\0", "").split()[:10]
    if not wanted:
        return []
    text = "lower(concat_ws(' ', r.sourced_id" + "".join(f", r.find->>'{p}'" for p in SEARCHED[wire_object]) + "))"
    scope, values = in_scope(grant)
    sql = (
        f"SELECT r.sourced_id, {_NAME} FROM roster_record r"
        f" WHERE r.version = %s AND r.object = %s AND r.retired_at IS NULL AND ({scope}) AND {SENT}"
        f" AND NOT EXISTS (SELECT 1 FROM unnest(%s::text[]) w WHERE position(lower(w) IN {text}) = 0)"
        f" ORDER BY 2, 1 LIMIT {FOUND_AT_MOST + 1}"
    )
    found = statements.rows(sql, [grant.version, wire_object, *values, wanted])
    return [Found(wire_object, sourced_id, name or sourced_id) for sourced_id, name in found]


def names_of(grant: Grant, references: Iterable[Reference]) -> dict[Reference, str]:
    """Return what the records in the grant are called, of those named; one statement."""
    wanted = sorted(set(references))
    scope, values = in_scope(grant)
    sql = (
        f"SELECT r.object, r.sourced_id, {_NAME} FROM roster_record r"
        " JOIN unnest(%s::text[], %s::text[]) AS named(object, sourced_id)"
        " ON r.object = named.object AND r.sourced_id = named.sourced_id"
        f" WHERE r.version = %s AND r.retired_at IS NULL AND ({scope}) AND {SENT}"
    )
    pairs = [[pair[0] for pair in wanted], [pair[1] for pair in wanted]]
    return {(row[0], row[1]): row[2] or row[1] for row in statements.rows(sql, [*pairs, grant.version, *values])}
