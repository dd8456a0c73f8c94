"""Until when a reader may tell dates: what commits later is dated later, so that no delta misses it."""

import datetime as dt

from django.db import connection

from gradebook.services.act import LIVE, LOCK

# Taken before the list's own snapshot. An act that holds the lock took its date after its transaction began; one that
# takes the lock after this moment gets a date after it.
_HORIZON = """
    SELECT date_trunc('milliseconds', least(clock_timestamp(), min(a.xact_start)))
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objid = %s AND l.objsubid = 2
      AND l.pid <> pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def horizon() -> dt.datetime:
    """Return the latest date that may be told now."""
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON, [LOCK, LIVE])
        found: dt.datetime = cursor.fetchone()[0]
    return found
