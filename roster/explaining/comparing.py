"""One record against every connection that is open: who has it by the rules of today, and what decides where not."""

from collections.abc import Sequence
from dataclasses import dataclass

from connections.grants import open_grants, vendors_held
from connections.models import VERSIONS, Connection
from connections.offers import vendor_of
from roster.explaining import conditions
from roster.explaining.explanation import Explanation, of_version
from roster.explaining.lines import Line


@dataclass(frozen=True)
class Compared:
    """An open connection, and what keeps the record from it: nothing when it is shared.

    Of several ways to share it those lines are told that are the fewest. There is no way at all for somebody who is
    neither enrolled, nor staff, nor related to a student.
    """

    connection: Connection
    failed: Sequence[Line]
    no_way: bool

    @property
    def shared(self) -> bool:
        """Whether the next refresh leaves it among what the connection reads."""
        return not self.no_way and not self.failed

    @property
    def title(self) -> str:
        """Return what tells the connection from others."""
        return f"{vendor_of(self.connection)} — {self.connection.name} ({VERSIONS[self.connection.version]})"


def compare(told: Explanation) -> list[Compared]:
    """Return the open connections by name; their number adds no statement. None while no school year is active."""
    record, moment = told.record, told.moment
    if moment is None:
        return []
    held, grants = vendors_held(), open_grants()
    known = Connection.objects.select_related("application").in_bulk([grant.connection for grant in grants])
    by_version = {
        version: [line for line in of_version(record, version, moment) if not line.passed] for version in VERSIONS
    }
    found = []
    for grant in grants:
        connection = known[grant.connection]
        parts = [way.asked_by(connection, grant) for way in told.ways]
        least = min((part.failed for part in parts), key=len, default=[])
        closed = [line for line in conditions.district(grant, held=held) if not line.passed]
        found.append(Compared(connection, [*least, *by_version[grant.version], *closed], no_way=not parts))
    return sorted(found, key=lambda each: each.title.casefold())
