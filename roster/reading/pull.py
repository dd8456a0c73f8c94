"""A vendor's walk through one list: every page is a slice of the ids its first page froze."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from connections.access import Caller
from connections.grants import Grant, Holder, Refused, grant_for_token, unchanged
from connections.limits import NONE, Limits
from interop.oneroster.answers import IN_MEMORY, CutOff, Joined
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.errors import OneRosterError, unknown_object
from interop.oneroster.query import Query
from interop.oneroster.resource import V1P1
from roster.endpoints import PARENTS
from roster.models import DistrictSettings
from roster.reading.bodies import Standing, bodies, withheld
from roster.reading.freeze import FrozenList, Selection, freeze, paths_of
from roster.reading.frozen import Hit, Slice, frozen_page, one_at_a_time, pull_key, resumed, store
from roster.reading.history import noted, with_past
from roster.reading.mirror import origin
from roster.reading.records import Shown, by_sourced_id
from roster.reading.trimmed import Sight, trimmed

if TYPE_CHECKING:
    from array import array

BATCH = 1000
NOTHING = Slice(0, b"", 0)
PEOPLE = frozenset({"user", "demographics"})
"""The objects of which the access log can tell who received them."""


class Page(NamedTuple):
    """One slice of a list: what is on it, how long the list is, and whose it is. Without a sight it needs none.

    `keeps` says that the access log keeps who is on it. `caller` and `limits` are there where nobody has asked yet
    whether there is room for the request, and `standing` where the database has told what holds of bodies.
    """

    holder: Holder
    sight: Sight | None
    slice: Slice
    keeps: bool = False
    caller: Caller | None = None
    limits: Limits = NONE
    standing: Standing | None = None

    @property
    def total(self) -> int:
        """Return how long the list is."""
        return self.slice.total

    @property
    def ids(self) -> "array[int]":
        """Return the record numbers of the page."""
        return self.slice.ids

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the access log tells of it besides the query."""
        return {"edition": self.slice.edition, "ids": self.slice.stored if self.keeps else None}

    def batches(self) -> Iterator[Joined]:
        """Yield the documents in order, a thousand at a time.

        Where a page is sent while it is read, grant and withheld records are asked again before each further batch.
        """
        is_long = len(self.ids) > IN_MEMORY
        for start in range(0, len(self.ids), BATCH):
            if start and is_long:
                self.check()
            ids = self.ids[start : start + BATCH]
            yield documents(self.sight, ids, self.slice.edition, None if start and is_long else self.standing)

    @property
    def tag(self) -> bytes | None:
        """Return what stands for the documents: their numbers. None where how they look depends on who asks."""
        return origin() + self.slice.stored if self.slice.stored and self.slice.is_plain else None

    def is_whole(self) -> bool:
        """Return whether no record of the page is withheld."""
        return not withheld(self.ids)

    def check(self) -> None:
        """Raise CutOff when the connection may not have the rest any more."""
        if not unchanged(self.holder):
            raise CutOff


def documents(sight: Sight | None, ids: "array[int]", edition: int, standing: Standing | None = None) -> Joined:
    """Return the documents of these records as a grant sees them in an edition, in order.

    A record withheld since is a gap.
    """
    if sight is None or not ids or min(ids) > 0:
        return bodies(ids, standing)
    return trimmed(sight, ids, edition, standing)


def read_page(token: str, endpoint: Endpoint, version: int, query: Query, address: str) -> Page | None:
    """Return the page when the bearer's pull of this list is frozen already; None: read_list."""
    found = frozen_page(endpoint, version, query, token, address=address)
    if found is None:
        return None
    sight = None if found.slice.is_plain else Sight(found.scope_key, partial(_grant_again, found, token, address))
    holder = Holder(found.caller.connection, found.revision, found.caller.credential)
    return Page(holder, sight, found.slice, _keeps(endpoint, query), found.caller, found.limits, found.standing)


def _grant_again(found: Hit, token: str, address: str) -> Grant:
    """Return the grant the list was frozen for; raises CutOff when the bearer has it no more."""
    try:
        grant = with_past(grant_for_token(token, address))
    except Refused as refused:
        raise CutOff from refused
    if grant.scope_key != found.scope_key:
        raise CutOff
    return grant


def read_list(grant: Grant, endpoint: Endpoint, names: Mapping[str, str], query: Query) -> Page:
    """Return one page of a list; raises the standard's 404 for a parent that is unknown or unseen.

    Under such a parent 1.1 has an empty list, unless the district's setting Strict 1.1 parents is on.
    """
    grant = noted(grant)
    parents = parents_for_list(grant, endpoint, names)
    if parents is None:
        return Page(grant.holder, None, NOTHING)
    selection = Selection(grant, endpoint, parents, query)
    key = selection.key
    pull = pull_key(endpoint, tuple(parent.row.sourced_id for parent in selection.parents), query)
    # what is found sooner than it is known whether somebody has frozen it is found anew
    found = None if selection.is_brief and not query.offset else resumed(grant, key, pull, query)
    if found is None and (endpoint.parents or selection.is_brief):
        found = _frozen(selection, key, pull)
    elif found is None:
        with one_at_a_time(grant, key, pull, query) as frozen:
            found = frozen or _frozen(selection, key, pull)
    return Page(grant.holder, Sight.of(grant), found, _keeps(endpoint, query))


def tried_list(grant: Grant, endpoint: Endpoint, names: Mapping[str, str], query: Query) -> Page:
    """Return the page read_list would, without a trace: nothing is noted of the connection, and no list is kept."""
    grant = with_past(grant)
    parents = parents_for_list(grant, endpoint, names)
    if parents is None:
        return Page(grant.holder, None, NOTHING)
    frozen = freeze(Selection(grant, endpoint, parents, query))
    return Page(grant.holder, Sight.of(grant), _slice(frozen, query))


def read_single(
    grant: Grant, endpoint: Endpoint, names: Mapping[str, str], facts: dict[str, Any] | None = None
) -> bytes:
    """Return one document; raises the standard's 404 when it is unknown or unseen.

    `facts` is told what the access log keeps of it: the number of its record.
    """
    grant, sourced_id = with_past(grant), names["sourcedId"]
    found = by_sourced_id(grant, [(endpoint.resource, sourced_id)], lost_too=True)
    shown = _fitting(found.get((endpoint.resource, sourced_id)), endpoint, grant, sourced_id)
    if facts is not None:
        facts["record"] = shown.row.id
    return shown.data


def filter_fields(query: Query) -> tuple[str, ...]:
    """Return the names of the fields a query filters by, for the access log."""
    return tuple(sorted(set(paths_of(query.where))))


def _keeps(endpoint: Endpoint, query: Query) -> bool:
    """Return whether the log keeps who is on a page: whoever was in a whole list follows from its edition."""
    return endpoint.resource in PEOPLE and (query.where is not None or bool(endpoint.parents))


def _parents(grant: Grant, endpoint: Endpoint, names: Mapping[str, str]) -> tuple[Shown, ...]:
    if not endpoint.parents:
        return ()
    singles = [(PARENTS[name], names[name]) for name in endpoint.parents]
    found = by_sourced_id(grant, [(single.resource, value) for single, value in singles])
    parents = tuple(_fitting(found.get((single.resource, value)), single, grant, value) for single, value in singles)
    school = dict(zip(endpoint.parents, parents, strict=True)).get("school")
    if school and "class" in endpoint.parents and parents[-1].find.get("school.sourcedId") != school.row.sourced_id:
        raise unknown_object("class", names["class"])
    return parents


def parents_for_list(grant: Grant, endpoint: Endpoint, names: Mapping[str, str]) -> tuple[Shown, ...] | None:
    """Return the parents; None where 1.1 has an empty list for one that is unknown or unseen."""
    try:
        return _parents(grant, endpoint, names)
    except OneRosterError:
        if grant.version == V1P1 and not DistrictSettings.load().strict_older_parents:
            return None
        raise


def _fitting(shown: Shown | None, single: Endpoint, grant: Grant, sourced_id: str) -> Shown:
    refusal: OneRosterError = unknown_object(single.resource, sourced_id)
    if shown is None:
        raise refusal
    find = shown.row.find if shown.row.former else shown.find
    for path, value in single.where_in(grant.version):
        held = find.get(path)
        if not (value in held if isinstance(held, list) else held == value):
            raise refusal
    return shown


def _frozen(selection: Selection, key: bytes, pull: bytes) -> Slice:
    query = selection.query
    frozen = freeze(selection)
    if query.limit and frozen.total > query.limit:
        store(selection.grant, key, pull, edition=frozen.edition, total=frozen.total, ids=frozen.ids)
    return _slice(frozen, query)


def _slice(frozen: FrozenList, query: Query) -> Slice:
    first = 8 * query.offset
    end = None if query.limit is None else first + 8 * query.limit
    return Slice(frozen.total, frozen.ids[first:end], frozen.edition)
