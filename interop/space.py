"""Room on the disk: asked before work that fills it, because a full disk stops PostgreSQL for everybody."""

import shutil

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

LEAST = 256 * 2**20
TIMES = 2.5
"""How often what is published has to fit once more: new rows, their indexes, and the log of both."""
MEGABYTE = 2**20
_PUBLISHED = """
    SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
    WHERE relname IN ('roster_record', 'roster_body') AND relkind = 'r'
"""


class NoSpace(Exception):
    """The disk is too full to begin; the message says how much is missing, and what to do."""


def make_sure_of_room() -> None:
    """Raise NoSpace when a refresh or an import could fill PostgreSQL's disk. Vendors keep reading what is published.

    Where the disk is another machine's, nothing is known and nothing refused: DATABASE_DISK names it where it is ours.
    """
    free = free_bytes()
    if free is not None and free < (needed := needed_bytes()):
        raise NoSpace(
            _("The database’s disk has %(free)d MB left; a refresh may need %(needed)d MB. Make room, then try again.")
            % {"free": free // MEGABYTE, "needed": needed // MEGABYTE}
        )


def free_bytes() -> int | None:
    """Return the room on PostgreSQL's disk; None when that cannot be known here."""
    if settings.DATABASE_DISK is None:
        return None
    try:
        return shutil.disk_usage(settings.DATABASE_DISK).free
    except OSError:
        return None


def needed_bytes() -> int:
    """Return how much room a refresh may take."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED)
        [published] = cursor.fetchone()
    return max(LEAST, int(TIMES * published))
