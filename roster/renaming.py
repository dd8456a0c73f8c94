"""The setting Role-prefixed user ids: whom the vendors of OneRoster 1.1 will see twice when it changes.

They are told of every user again: the one they know as deleted, and one of another id as new.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from connections.models import Connection
from interop import statements
from interop.oneroster.resource import V1P1
from roster.models import Person
from roster.publishing.identity import foreseen

FIELD = "role_prefixed_ids"
_TOLD = """
    SELECT i.person_id, i.role, i.sourced_id
    FROM roster_roleid i JOIN roster_record r ON r.version = 11 AND r.object = 'user' AND r.sourced_id = i.sourced_id
    WHERE i.prefixed = %s AND r.retired_at IS NULL AND r.status = 'active'
    ORDER BY i.id
"""


@dataclass(frozen=True)
class Renaming:
    """What a change would do: how many users of 1.1 get another id, by role, and the connections that are told."""

    users: Mapping[str, int]
    connections: tuple[Connection, ...]

    @property
    def total(self) -> int:
        """Return how many users get another id."""
        return sum(self.users.values())


def renaming(*, prefixed: bool) -> Renaming:
    """Return what setting Role-prefixed user ids to this does, changing nothing: four statements."""
    now: dict[tuple[int, str], str] = {
        (person, role): name for person, role, name in statements.rows(_TOLD, [not prefixed])
    }
    wanted: dict[int, list[str]] = defaultdict(list)
    for person, role in now:
        wanted[person].append(role)
    rows = Person.objects.order_by().values_list("pk", "sourced_id", "local_id")
    then = foreseen(wanted, {person: (name, local) for person, name, local in rows}, prefixed=prefixed)
    users = Counter(role for (person, role), name in now.items() if then[person, role] != name)
    concerned = Connection.objects.filter(version=V1P1, enabled=True).select_related("application")
    return Renaming(dict(sorted(users.items())), tuple(concerned))
