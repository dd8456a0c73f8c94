"""What a publication depends on besides the tables of SIS data, whose changes are noted (see touched.py)."""

import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

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
    """`rendering` stands for code and PUBLIC_URL; `day` is the district's date, None when not all was published."""

    rendering: str
    day: datetime.date | None

    @classmethod
    def now(cls, today: datetime.date) -> "Fingerprint":
        """Return what a publication on that day depends on."""
        text = settings.PUBLIC_URL.encode() + _code()
        return cls(blake2b(text, digest_size=DIGITS // 2).hexdigest(), today)

    @classmethod
    def parse(cls, text: str) -> "Fingerprint":
        """Return what an edition has stored."""
        day = text[DIGITS:]
        return cls(text[:DIGITS], datetime.date.fromisoformat(day) if len(day) == len("2026-01-01") else None)

    def __str__(self) -> str:
        return self.rendering + (self.day.isoformat() if self.day else "")

    def incomplete(self) -> "Fingerprint":
        """Return the fingerprint of an edition after which the next refresh has to compare everything."""
        return self._replace(day=None)
