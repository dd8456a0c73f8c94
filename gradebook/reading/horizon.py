"""Until when a reader may tell dates: what commits later is dated later, so that no delta misses it."""

import datetime as dt

from gradebook.services.act import LIVE, LOCK
from interop import statements

# Taken before the list's own snapshot. An act that holds the lock took its date after its transaction began; one that
# takes the lock after this moment gets a date after it.
_HORIZON = """
    SELECT date_trunc('milliseconds', least(clock_timestamp(), min(a.xact_start)))
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.classid = %s::oid AND l.objid = %s::oid AND l.objsubid = 2
      AND l.pid <> pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def horizon() -> dt.datetime:
    """Return the latest date that may be told now."""
    found: dt.datetime
    [(found,)] = statements.prepared(_HORIZON, [LOCK, LIVE])
    return found
