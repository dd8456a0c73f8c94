"""What a publication has to know of the scopes connections were served under (see roster/reading/history.py)."""

import datetime

from django.db import connection

_LATER = "EXISTS (SELECT 1 FROM roster_servedscope e WHERE e.connection = s.connection AND e.at {} s.at)"


def newest_change() -> datetime.datetime | None:
    """Return when a connection was last served under another scope than before."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(s.at) FROM roster_servedscope s WHERE {_LATER.format('<')}")
        found: datetime.datetime | None = cursor.fetchone()[0]
    return found


def forget() -> None:
    """Keep of each connection the newest scope alone: a new school year begins with a clean slate."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM roster_lost")
        cursor.execute(f"DELETE FROM roster_servedscope s WHERE {_LATER.format('>')}")
