"""What a change of a connection would change for its vendor, told before it is saved.

What begins and ends is counted in the database. Of the records that stay, those whose document could differ are
trimmed both ways and compared; beyond LOOKED_AT of them their number is an upper bound.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from connections.grants import Grant
from roster.reading.groups import Group, Orgs, groups, opposite, roles_at, schools_of_orgs, some_ids, surely
from roster.reading.records import Shown, by_id
from roster.reading.scope import Sql, marked
from roster.seen import KINDS, kinds, sees, shared_objects

LOOKED_AT, SHOWN_AT_MOST = 2000, 10


@dataclass(frozen=True)
class Change:
    """One kind of KINDS: how many records it has now, gains, loses and changes, and has afterwards."""

    kind: str
    now: int
    added: int
    changed: int
    ended: int
    after: int

    @property
    def title(self) -> Any:
        """Return what the office calls the kind."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Pair:
    """One record before and after; None where it is not shared."""

    now: Shown | None
    after: Shown | None


@dataclass(frozen=True)
class Difference:
    """All that would change. `exact` is false when the numbers of changed records are upper bounds."""

    changes: Sequence[Change]
    samples: Sequence[Pair]
    exact: bool

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing would begin, end or change."""
        return not any(each.added or each.ended or each.changed for each in self.changes)


@dataclass
class _Tally:
    """How many records of each kind."""

    now: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    may_change: Counter[str] = field(default_factory=Counter)

    def add(self, group: Group, before: set[str], then: set[str]) -> None:
        """Count a group that has these kinds before and then."""
        for counter, names in (
            (self.now, before), (self.added, then - before), (self.ended, before - then), (self.after, then),
            (self.may_change, before & then if group.passed[2] else ()),
        ):  # fmt: skip
            for kind in names:
                counter[kind] += group.number


def difference(now: Grant, after: Grant) -> Difference:
    """Return what would change for the vendor; a fixed number of statements."""
    orgs = schools_of_orgs(now.version)
    seen, will_see = sees(now), sees(after)
    may = surely(seen, will_see, _may_differ(now, after))
    tally = _Tally()
    for group in groups(now.version, shared_objects(now) | shared_objects(after), [seen, will_see, may]):
        if group.active:
            was, will = group.passed[:2]
            tally.add(group, _kinds(group, now, orgs) if was else set(), _kinds(group, after, orgs) if will else set())
    begins, ends = surely(will_see, opposite(seen)), surely(seen, opposite(will_see))
    wanted = ((begins, SHOWN_AT_MOST), (ends, SHOWN_AT_MOST), (may, LOOKED_AT))
    begin, end, candidates = some_ids(now.version, wanted)
    before, then = _by_id(now, [*candidates, *end]), _by_id(after, [*candidates, *begin])
    stay = [(before[each], then[each]) for each in candidates if each in before and each in then]
    altered = [(one, other) for one, other in stay if one.data != other.data]
    exact = len(candidates) < LOOKED_AT
    changed = _changed(altered, now, after, orgs) if exact else tally.may_change
    shown = [
        *(Pair(None, then[each]) for each in begin if each in then),
        *(Pair(one, other) for one, other in altered[:SHOWN_AT_MOST]),
        *(Pair(before[each], None) for each in end if each in before),
    ]
    return Difference([_change(kind, tally, changed) for kind in KINDS if _is_there(kind, tally)], shown, exact)


def _change(kind: str, tally: _Tally, changed: Counter[str]) -> Change:
    return Change(kind, tally.now[kind], tally.added[kind], changed[kind], tally.ended[kind], tally.after[kind])


def _is_there(kind: str, tally: _Tally) -> bool:
    return bool(tally.now[kind] or tally.after[kind])


def _kinds(group: Group, grant: Grant, orgs: Orgs) -> set[str]:
    return {kind for kind, _school in kinds(group, grant, orgs)}


def _changed(altered: Sequence[tuple[Shown, Shown]], now: Grant, after: Grant, orgs: Orgs) -> Counter[str]:
    """Count changed records by the kinds they have both before and after."""
    found: Counter[str] = Counter()
    for before, then in altered:
        found.update(_kinds(_group_of(before), now, orgs) & _kinds(_group_of(then), after, orgs))
    return found


def _group_of(shown: Shown) -> Group:
    find = shown.row.find
    held, at = ("roles.role", "roles.org.sourcedId") if "roles.role" in find else ("role", "orgs.sourcedId")
    roles = roles_at(find.get(held), find.get(at)) if shown.row.object == "user" else ()
    return Group(shown.row.object, active=True, schools=(), roles=roles, passed=(), number=1)


def _may_differ(now: Grant, after: Grant) -> Sql:
    """Return the predicate on records in both grants whose documents could differ."""
    tests: list[Sql] = [("false", [])]
    if now.schools != after.schools:
        tests.append(_beside_the_schools(now, after))
    if (now.guardians, now.relatives) != (after.guardians, after.relatives):
        tests.append(marked(replace(after, schools=None, guardians=False, secondary_email=False)))
    if now.secondary_email != after.secondary_email:
        tests.append(("(r.object = 'user' AND r.find->'email' IS DISTINCT FROM r.find->'_secondaryEmail')", []))
    return "(" + " OR ".join(test[0] for test in tests) + ")", [value for test in tests for value in test[1]]


def _beside_the_schools(now: Grant, after: Grant) -> Sql:
    """Return the predicate on records that may name something of a school that is added or taken away."""
    if now.schools is None or after.schools is None:
        return "(r.school IS NULL OR r.others IS NOT NULL)", []
    moved = sorted(now.schools ^ after.schools)
    text = "(r.school IS NULL OR r.others IS NOT NULL AND (r.school = ANY(%s::bigint[]) OR r.others && %s::bigint[]))"
    return text, [moved, moved]


def _by_id(grant: Grant, ids: Sequence[int]) -> dict[int, Shown]:
    return {shown.row.id: shown for shown in by_id(grant, ids)}
