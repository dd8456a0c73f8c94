"""Guessing secrets is slow: a few failures a minute, counted in PostgreSQL so that every process sees them.

A pair of client and address has its own limit, so nobody's failures elsewhere lock a vendor out. An address as a whole
has a wider one, and a vendor that was given a token there within a day, or signed a request, is not held to it: many
may share a proxy's address.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from connections.models import TokenFailure
from connections.secret import sha256
from interop import statements

WINDOW = 60
PAIR_LIMIT = 10
ADDRESS_LIMIT = 60

# What looks into the table of failures is planned each time: a plan kept from when it was nearly empty would read all
# of it in a flood. A lock's plan is always the same.
_LOCK = "SELECT pg_advisory_xact_lock(%s::bigint)::text"
_COUNT = """
    SELECT count(*) FILTER (WHERE client = %s::bytea),
           extract(epoch FROM min(at) FILTER (WHERE client = %s::bytea) - statement_timestamp())::float8,
           count(*),
           extract(epoch FROM min(at) - statement_timestamp())::float8
    FROM connections_tokenfailure
    WHERE address = %s::text AND at > statement_timestamp() - make_interval(secs => %s::float8)
"""
_SEEN = """
    SELECT EXISTS (
        SELECT 1 FROM connections_accesstoken t JOIN connections_credential k ON k.id = t.credential_id
        WHERE k.client_id = %s::text AND t.address = %s::text
          AND t.created_at > statement_timestamp() - interval '1 day'
        UNION ALL
        SELECT 1 FROM connections_nonce n JOIN connections_credential k ON k.id = n.credential_id
        WHERE k.client_id = %s::text AND n.address = %s::text AND n.at > statement_timestamp() - interval '1 day')
"""
# Old failures go as new ones come. The commit does not wait for the disk: a power cut forgets half a second of guesses.
_FAILED = """
    WITH purged AS (
        DELETE FROM connections_tokenfailure WHERE id IN (
            SELECT id FROM connections_tokenfailure WHERE at < statement_timestamp() - %s::interval LIMIT 100
            FOR UPDATE SKIP LOCKED)
    ), counted AS (
        INSERT INTO connections_tokenfailure (address, client) VALUES (%s::text, %s::bytea) RETURNING id
    )
    SELECT id, set_config('synchronous_commit', 'off', true) FROM counted
"""


class TooManyGuesses(Exception):
    """Too many refused attempts; `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds


@dataclass(frozen=True)
class Attempt:
    """One attempt to authenticate: who claims to be whom, from where."""

    client_id: str
    address: str

    @cached_property
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
    statements.prepared(_LOCK, [attempt.lock])
    return seconds_left(attempt)


def failed(attempt: Attempt) -> None:
    """Count a failure."""
    statements.rows(_FAILED, [str(TokenFailure.KEPT), attempt.address, attempt.client])


def seconds_left(attempt: Attempt) -> int | None:
    """Return the seconds to wait when this attempt comes too soon, None when it may go on."""
    asked = [attempt.client, attempt.client, attempt.address, WINDOW]
    [(by_pair, pair_age, by_address, address_age)] = statements.rows(_COUNT, asked)
    if by_pair >= PAIR_LIMIT:
        return _seconds(pair_age)
    if by_address >= ADDRESS_LIMIT:
        named = [attempt.client_id.replace("\0", ""), attempt.address]
        [[seen]] = statements.rows(_SEEN, [*named, *named])
        if not seen:
            return _seconds(address_age)
    return None


def _seconds(age: float) -> int:
    return max(1, math.ceil(WINDOW + age))
