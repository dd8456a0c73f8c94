"""Changing what is kept here, one row or many: what it would do first, then at once, with a line in the audit trail."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from connections.grants import Grant, open_grants
from connections.models import Connection
from interop import audit, statements
from roster import refreshing, seen
from roster.protection import acting_at_once, foreseen

CHANGED = "changed district data"
NAMED = 5
_OBJECTS = """
    SELECT r.object, count(*) FROM roster_record r
    WHERE r.id = ANY(%s) AND r.status = 'active' AND r.retired_at IS NULL GROUP BY r.version, r.object
"""


@dataclass(frozen=True)
class Effect:
    """What a change would do at once: how many records it hides and shows again, by wire object, and who has them now.

    `holders` is how many connections have some of what would be hidden, `named` the first of them.
    """

    hides: Mapping[str, int] = field(default_factory=dict)
    shows: Mapping[str, int] = field(default_factory=dict)
    holders: int = 0
    named: Sequence[Connection] = ()


def rows(found: QuerySet[Any], pks: Collection[int]) -> QuerySet[Any]:
    """Return those of the rows, in a fixed order, so that two changes at a time never wait for each other."""
    return found.filter(pk__in=pks).order_by("pk")


def change(found: QuerySet[Any], values: Mapping[str, Any], *, actor: str, now: dt.datetime) -> int:
    """Give the rows these values; return how many differ now.

    Boxes act on the vendors' next request, what else changes is published within seconds.
    """
    with acting_at_once(now):
        changed = _change(found, values, actor)
        if changed:
            refreshing.soon()
    return changed


def effect(found: QuerySet[Any], values: Mapping[str, Any], now: dt.datetime) -> Effect:
    """Return what `change` would do; it is tried and undone. A fixed number of statements, however many rows."""
    hidden, shown = foreseen(lambda: _change(found, values, ""), now)
    holders = _holders(hidden)
    named = Connection.objects.filter(pk__in=holders).select_related("application")[:NAMED]
    return Effect(_counted(hidden), _counted(shown), len(holders), list(named))


@transaction.atomic
def _change(found: QuerySet[Any], values: Mapping[str, Any], actor: str) -> int:
    told: list[tuple[Model, Mapping[str, Any], Mapping[str, Any]]] = []
    for row in found.select_for_update(of=("self",)):
        before = {name: getattr(row, name) for name in values}
        if before != dict(values):
            for name, value in values.items():
                setattr(row, name, value)
            told.append((row, before, values))
    found.model._default_manager.bulk_update([row for row, _before, _after in told], list(values))
    audit.record_each(actor, CHANGED, told)
    return len(told)


def _counted(records: Collection[int]) -> dict[str, int]:
    """Return how many records of each wire object these are; one that is published in both versions counts once."""
    most: Counter[str] = Counter()
    for name, number in statements.rows(_OBJECTS, [list(records)]) if records else ():
        most[name] = max(most[name], number)
    return {name: most[name] for name in seen.OBJECTS if most[name]}


def _holders(records: Collection[int]) -> list[int]:
    """Return the connections that see some of these records now; connections with equal choices are asked once."""
    if not records:
        return []
    alike: dict[Any, list[Grant]] = defaultdict(list)
    for grant in open_grants():
        alike[grant.version, grant.schools, grant.guardians, grant.relatives, seen.shared_objects(grant)].append(grant)
    if not alike:
        return []
    tests = [seen.sees(first) for first, *_others in alike.values()]
    asked = ", ".join(f"coalesce(bool_or(r.version = %s AND {text}), false)" for text, _values in tests)
    values = [
        value
        for (first, *_others), (_text, given) in zip(alike.values(), tests, strict=True)
        for value in (first.version, *given)
    ]
    sql = f"SELECT {asked} FROM roster_record r WHERE r.id = ANY(%s) AND r.status = 'active'"  # noqa: S608
    [answers] = statements.rows(sql, [*values, list(records)])
    return [grant.connection for grants, has in zip(alike.values(), answers, strict=True) if has for grant in grants]
