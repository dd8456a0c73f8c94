"""The streaming replica of DATABASE_REPLICA_URL, for what never changes once it is written.

Everything that decides is asked of the primary: token, grant, scope, list, what is withheld, and the access log. Only
bodies by number come from here; a number never gets another body, so an answer of the replica is right however far it
lags behind, and what it does not have yet is fetched from the primary. See docs/decisions/0008-a-replica-for-bodies.md.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import Error, connection, connections
from psycopg.pq.abc import PGresult

from interop.statements import Failed, Statement

ALIAS = "replica"
PAUSE = 5.0
"""Seconds without the replica after it failed."""
_CLUSTER = "SELECT system_identifier FROM pg_control_system()"
log = logging.getLogger("interop.replica")


@dataclass
class _Standing:
    """What this process knows of the replica: until when it is left alone, and whether it is a copy of our primary."""

    away_until: float = 0.0
    is_ours: bool = False


_standing = _Standing()


def configured() -> bool:
    """Return whether there is a replica."""
    return ALIAS in connections


def ask(statement: Statement, parameters: Sequence[bytes | None], formats: Sequence[int]) -> PGresult | None:
    """Return the replica's answer to a hot statement; None while it is away, or when it is no copy of the primary."""
    if time.monotonic() < _standing.away_until:
        return None
    try:
        if not _standing.is_ours:
            _compare()
        return statement.run(parameters, formats, ALIAS)
    except (Error, Failed) as error:
        _leave_alone(type(error).__name__)
        return None


def _compare() -> None:
    """Make sure that both are one cluster; raises Failed when they are not."""
    found = []
    for each in (connection, connections[ALIAS]):
        with each.cursor() as cursor:
            cursor.execute(_CLUSTER)
            found.append(cursor.fetchone())
    if found[0] != found[1]:
        raise Failed("another cluster")
    _standing.is_ours = True


def _leave_alone(why: str) -> None:
    _standing.away_until, _standing.is_ours = time.monotonic() + PAUSE, False
    connections[ALIAS].close()
    log.warning("The replica is left alone for %d s: %s.", PAUSE, why)
