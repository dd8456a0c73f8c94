"""What a request may do, decided once and frozen. Always read from the database: cut-off acts on the next request."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property

from connections.scopes import allowed_scopes
from connections.secret import sha256
from interop import statements

_LIVE = """
    c.enabled AND (c.expires_at IS NULL OR c.expires_at > statement_timestamp())
"""
_CREDENTIAL_LIVE = "k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > statement_timestamp())"

BEARER = """connections_accesstoken t
    JOIN connections_credential k ON k.id = t.credential_id
    JOIN connections_connection c ON c.id = k.connection_id AND c.oauth = 2"""
"""Where a bearer token leads: t the token, k its credential, c its connection; see BEARER_LIVE."""
BEARER_LIVE = f"t.expires_at > statement_timestamp() AND {_CREDENTIAL_LIVE} AND {_LIVE}"

_TOKEN = f"""
    SELECT t.expires_at > statement_timestamp(), {_CREDENTIAL_LIVE}, {_LIVE},
           t.scope, t.expires_at, k.id, c.id, c.version, c.revision,
           CASE WHEN c.all_schools THEN NULL
                ELSE ARRAY(SELECT s.school_id FROM connections_connection_schools s WHERE s.connection_id = c.id) END,
           c.share_guardians, c.share_relatives, c.use_secondary_email, c.share_demographics,
           coalesce(a.partner, false), c.share_gradebook AND coalesce(s.gradebook_sync, true),
           c.share_assessments AND coalesce(s.assessments_sync, true), coalesce(s.roster_sync, true)
    FROM {BEARER}
    LEFT JOIN connections_application a ON a.id = c.application_id
    LEFT JOIN connections_sharingsettings s ON s.id = 1
    WHERE t.token_sha256 = %s
"""  # noqa: S608 - constants only

_STILL = f"""
    SELECT EXISTS (
        SELECT 1 FROM connections_connection c
        WHERE c.id = %s AND c.revision = %s::int8 AND {_LIVE}
          AND (%s::bigint IS NULL OR EXISTS (
              SELECT 1 FROM connections_credential k WHERE k.id = %s AND k.connection_id = c.id AND {_CREDENTIAL_LIVE}))
    )
"""  # noqa: S608 - constants only


class Refused(Exception):
    """The token opens nothing. `reason` is for the log, never for the client."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Grant:
    """What this request may do. `schools` None means every school; `changed` is the connection's revision."""

    connection: int
    credential: int | None
    version: int
    scopes: frozenset[str]
    schools: frozenset[int] | None
    guardians: bool
    relatives: bool
    secondary_email: bool
    demographics: bool
    changed: int
    expires_at: dt.datetime | None

    @cached_property
    def scope_key(self) -> bytes:
        """A hash of what decides visibility, so connections with equal choices share their frozen lists."""
        schools = None if self.schools is None else sorted(self.schools)
        facts = (self.version, schools, self.guardians, self.relatives, self.secondary_email, self.demographics)
        return hashlib.blake2b(repr(facts).encode(), digest_size=16).digest()


def grant_for_token(token: str) -> Grant:
    """Return what the bearer of the token may do now, by one statement.

    Raises Refused for an unknown or expired token, a revoked or expired credential, a disabled or expired connection.
    """
    found = statements.rows(_TOKEN, [sha256(token)])
    if not found:
        raise Refused("unknown token")
    [row] = found
    token_live, credential_live, connection_live, scope, expires_at, credential, *rest = row
    connection, version, revision, schools, guardians, relatives, secondary, demographics, *shared = rest
    for live, reason in (
        (connection_live, "connection disabled or expired"),
        (credential_live, "credential removed or expired"),
        (token_live, "token expired"),
    ):
        if not live:
            raise Refused(reason)
    partner, gradebook, assessments, roster = shared
    allowed = allowed_scopes(
        version, partner=partner, gradebook=gradebook, assessments=assessments, demographics=demographics, roster=roster
    )
    return Grant(
        connection=connection,
        credential=credential,
        version=version,
        scopes=frozenset(allowed).intersection(scope.split()),
        schools=None if schools is None else frozenset(schools),
        guardians=guardians,
        relatives=relatives,
        secondary_email=secondary,
        demographics=demographics,
        changed=revision,
        expires_at=expires_at,
    )


def still_valid(grant: Grant) -> bool:
    """Say whether nothing about the grant's connection and credential has changed; one cheap statement."""
    [[live]] = statements.rows(_STILL, [grant.connection, grant.changed, grant.credential, grant.credential])
    return bool(live)
