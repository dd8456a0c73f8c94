"""What may be used only once: noted by its hash, on disk before anything follows from it."""

import datetime as dt
from hashlib import sha256

from django.db import connection

from lti.models import Tool

_USE = "INSERT INTO lti_usedmark (digest, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def use(tool: Tool, kind: str, value: str, until: dt.datetime) -> bool:
    """Note the use of something of the tool's; False when it was used before, by whatever process."""
    digest = sha256(f"{tool.pk}\n{kind}\n{value}".encode("utf-8", "surrogatepass")).digest()
    with connection.cursor() as cursor:
        cursor.execute(_USE, [digest, until])
        return bool(cursor.rowcount)
