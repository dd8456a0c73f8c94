"""Has anything changed that a publication depends on? One statement over all tables of SIS data.

Every version of a row has its own writing transaction (xmin) and place (ctid), so the sum of their hashes stands for
the rows without reading them. The district's date, PUBLIC_URL and the code count too; what
is rendered from the same facts depends on the last two alone.
"""

import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from roster import statistics

GROWN = 1_000
DIGITS = 32
PACKAGES = ("roster/visibility", "roster/publishing", "roster/wire", "roster/models", "interop/oneroster")


@cache
def _code() -> bytes:
    """Digest of the sources that decide what is published."""
    digest = blake2b(digest_size=16)
    root = Path(__file__).resolve().parent.parent.parent
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()


class Fingerprint(NamedTuple):
    """`rendering` stands for code and PUBLIC_URL, `data` for the tables and the date; 32 hexadecimal digits each."""

    rendering: str
    data: str

    @classmethod
    def parse(cls, text: str) -> "Fingerprint":
        """Return what an edition has stored."""
        return cls(text[:DIGITS], text[DIGITS:])

    def __str__(self) -> str:
        return self.rendering + self.data

    def incomplete(self) -> "Fingerprint":
        """Return the fingerprint of an edition after which the next refresh has to look again."""
        return self._replace(data="")


def fingerprint(today: datetime.date) -> Fingerprint:
    """Return what is the same as long as a publication would change nothing."""
    quote = connection.ops.quote_name
    parts = [
        f"SELECT {place}, count(*), coalesce(sum(hashtextextended(xmin::text || ctid::text, 0)), 0) FROM {quote(table)}"
        for place, table in enumerate(statistics.sis_tables())
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 1")
        counted = cursor.fetchall()
    _learn(dict(zip(statistics.sis_tables(), (row[1] for row in counted), strict=True)))
    data = repr((today, statistics.sis_tables(), [tuple(map(int, row)) for row in counted]))
    return Fingerprint(_digest(settings.PUBLIC_URL.encode() + _code()), _digest(data.encode()))


def _digest(text: bytes) -> str:
    return blake2b(text, digest_size=DIGITS // 2).hexdigest()


def _learn(counts: dict[str, int]) -> None:
    """Give the planner new statistics of tables that have just been filled; without them it plans for empty ones."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relname = ANY(%s)", [list(counts)])
        known = cursor.fetchall()
    statistics.gather(name for name, rows in known if counts[name] >= GROWN and rows < counts[name] / 2)
