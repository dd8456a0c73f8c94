"""Guessing secrets is slow: a few failures a minute, counted in PostgreSQL so that every process sees them.

A pair of client and address has its own limit, so nobody's failures elsewhere lock a vendor out. An address as a whole
has a wider one, and a vendor that was given a token there within a day, or signed a request, is not held to it: many
may share a proxy's address.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection as database

from connections.models import TokenFailure
from connections.secret import sha256

WINDOW = 60
PAIR_LIMIT = 10
ADDRESS_LIMIT = 60

_COUNT = """
    SELECT count(*) FILTER (WHERE client = %(client)s),
           extract(epoch FROM min(at) FILTER (WHERE client = %(client)s) - statement_timestamp()),
           count(*),
           extract(epoch FROM min(at) - statement_timestamp())
    FROM connections_tokenfailure
    WHERE address = %(address)s AND at > statement_timestamp() - make_interval(secs => %(window)s)
"""
_SEEN = """
    SELECT EXISTS (
        SELECT 1 FROM connections_accesstoken t JOIN connections_credential k ON k.id = t.credential_id
        WHERE k.client_id = %(client_id)s AND t.address = %(address)s
          AND t.created_at > statement_timestamp() - interval '1 day'
        UNION ALL
        SELECT 1 FROM connections_nonce n JOIN connections_credential k ON k.id = n.credential_id
        WHERE k.client_id = %(client_id)s AND n.address = %(address)s
          AND n.at > statement_timestamp() - interval '1 day')
"""
_PURGE = """
    DELETE FROM connections_tokenfailure WHERE id IN (
        SELECT id FROM connections_tokenfailure WHERE at < statement_timestamp() - %s::interval LIMIT 100
        FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True)
class Attempt:
    """One attempt to authenticate: who claims to be whom, from where."""

    client_id: str
    address: str

    @property
    def client(self) -> bytes:
        """The client as counted: hashed, because what is sent here may be a secret pasted into the wrong box."""
        return sha256(self.client_id)

    @property
    def lock(self) -> int:
        """A number for PostgreSQL's advisory lock."""
        return int.from_bytes(sha256(f"{self.address} {self.client_id}")[:8], "big", signed=True)


def wait_for(attempt: Attempt) -> int | None:
    """Return the seconds to wait when this attempt comes too soon, None when it may go on.

    Call it in the transaction that also authenticates: attempts of one pair queue here, so none slips through beside.
    """
    if (wait := seconds_left(attempt)) is not None:
        return wait
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [attempt.lock])
    return seconds_left(attempt)


def failed(attempt: Attempt) -> None:
    """Count a failure."""
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO connections_tokenfailure (address, client) VALUES (%s, %s)", [attempt.address, attempt.client]
        )
        cursor.execute(_PURGE, [str(TokenFailure.KEPT)])


def seconds_left(attempt: Attempt) -> int | None:
    with database.cursor() as cursor:
        cursor.execute(_COUNT, {"client": attempt.client, "address": attempt.address, "window": WINDOW})
        by_pair, pair_age, by_address, address_age = cursor.fetchone()
        if by_pair >= PAIR_LIMIT:
            return _seconds(pair_age)
        if by_address >= ADDRESS_LIMIT:
            named = {"client_id": attempt.client_id.replace("\0", ""), "address": attempt.address}
            cursor.execute(_SEEN, named)
            if not cursor.fetchone()[0]:
                return _seconds(address_age)
    return None


def _seconds(age: Decimal) -> int:
    return max(1, math.ceil(WINDOW + age))
