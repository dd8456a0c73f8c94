"""What a request may do, decided once and frozen. Always read from the database: cut-off acts on the next request."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from connections.models import Connection
from connections.scopes import DEMOGRAPHICS, allowed_scopes
from connections.secret import sha256
from interop import statements
from interop.oneroster.endpoints import SCOPE_PREFIX as PREFIX

_LIVE = """
    c.enabled AND (c.expires_at IS NULL OR c.expires_at > statement_timestamp())
"""
# Until somebody marks the active year's scheduling final, the district may hold all vendors (roster/scheduling.py).
_HELD = """
    EXISTS (SELECT 1 FROM roster_districtsettings d WHERE d.hold_until_final)
    AND EXISTS (
        SELECT 1 FROM roster_schoolyear y LEFT JOIN roster_schedulingfinal f ON f.school_year_id = y.id
        WHERE y.active AND y.ended_at IS NULL AND f.school_year_id IS NULL
    )
"""
_LET_IN = f"{_LIVE} AND NOT ({_HELD})"
_CREDENTIAL_LIVE = "k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > statement_timestamp())"

BEARER = """connections_accesstoken t
    JOIN connections_credential k ON k.id = t.credential_id
    JOIN connections_connection c ON c.id = k.connection_id AND c.oauth = 2"""
"""Where a bearer token leads: t the token, k its credential, c its connection; see BEARER_LIVE."""
BEARER_LIVE = f"t.expires_at > statement_timestamp() AND {_CREDENTIAL_LIVE} AND {_LET_IN}"

# What a connection may share: of c the connection, with a its application and s the district's settings.
_SHARED = """
    c.id, c.version, c.revision,
    CASE WHEN c.all_schools THEN NULL
         ELSE ARRAY(SELECT s.school_id FROM connections_connection_schools s WHERE s.connection_id = c.id) END,
    c.share_guardians, c.share_relatives,
    c.use_secondary_email OR c.version = 11 AND coalesce(s.secondary_email_11, false),
    c.share_demographics AND c.oauth = 2,
    coalesce(a.partner, false), c.share_gradebook AND coalesce(s.gradebook_sync, true),
    c.share_assessments AND coalesce(s.assessments_sync, true), coalesce(s.roster_sync, true)
"""
_SHARED_FROM = """
    LEFT JOIN connections_application a ON a.id = c.application_id
    LEFT JOIN connections_sharingsettings s ON s.id = 1
"""
_TOKEN = f"""
    SELECT t.expires_at > statement_timestamp(), {_CREDENTIAL_LIVE}, {_LET_IN}, t.scope, t.expires_at, k.id, {_SHARED}
    FROM {BEARER} {_SHARED_FROM}
    WHERE t.token_sha256 = %s
"""  # noqa: S608 - constants only
_CONSUMER = f"""
    SELECT k.sealed, c.allow_sha1, {_CREDENTIAL_LIVE} AND {_LET_IN},
           floor(extract(epoch FROM statement_timestamp()))::bigint, k.id, {_SHARED}
    FROM connections_credential k JOIN connections_connection c ON c.id = k.connection_id AND c.oauth = 1 {_SHARED_FROM}
    WHERE k.client_id = %s AND k.sealed IS NOT NULL
"""  # noqa: S608 - constants only
_CONNECTION = f"SELECT {_SHARED} FROM connections_connection c {_SHARED_FROM} WHERE c.id = %s"  # noqa: S608
_OPEN = f"SELECT {_SHARED} FROM connections_connection c {_SHARED_FROM} WHERE {_LIVE} ORDER BY c.id"  # noqa: S608

_STILL = f"""
    SELECT EXISTS (
        SELECT 1 FROM connections_connection c
        WHERE c.id = %s AND c.revision = %s::int8 AND {_LET_IN}
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
class Scope:
    """What decides which records are seen, and how. `schools` None means every school."""

    schools: frozenset[int] | None
    guardians: bool
    relatives: bool
    secondary_email: bool
    demographics: bool


@dataclass(frozen=True)
class Past(Scope):
    """A scope the connection was served under from an edition on, until a moment."""

    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True)
class Grant(Scope):
    """What this request may do. `changed` is the connection's revision.

    `past` are its earlier scopes, oldest first, and `since` the date of the first edition it was served under this one;
    both are filled in where lists are read.
    """

    connection: int
    credential: int | None
    version: int
    scopes: frozenset[str]
    changed: int
    expires_at: dt.datetime | None
    past: tuple[Past, ...] = ()
    since: dt.datetime | None = None

    @cached_property
    def scope_key(self) -> bytes:
        """A hash of what decides visibility, so connections with equal choices share their frozen lists."""
        facts = (
            self.version,
            [
                (scope.schools and sorted(scope.schools), scope.guardians, scope.relatives, scope.secondary_email)
                for scope in (self, *self.past)
            ],
            self.past and [self.connection, *self.past],
            self.since,
            self.demographics,
            self.schools is None,
        )
        return hashlib.blake2b(repr(facts).encode(), digest_size=16).digest()


def grant_for_token(token: str) -> Grant:
    """Return what the bearer of the token may do now, by one statement.

    Raises Refused for an unknown or expired token, a revoked or expired credential, a disabled or expired connection.
    """
    found = statements.rows(_TOKEN, [sha256(token)])
    if not found:
        raise Refused("unknown token")
    [row] = found
    token_live, credential_live, connection_live, scope, expires_at, credential, *shared = row
    for live, reason in (
        (connection_live, "connection disabled or expired"),
        (credential_live, "credential removed or expired"),
        (token_live, "token expired"),
    ):
        if not live:
            raise Refused(reason)
    whole = _grant(shared)
    scopes = whole.scopes.intersection(scope.split())
    return replace(whole, scopes=scopes, credential=credential, expires_at=expires_at)


@dataclass(frozen=True)
class Consumer:
    """Who signs by a consumer key of OAuth 1: the encrypted secret, whether HMAC-SHA1 is accepted, whether connection
    and credential live, the database's time in seconds since 1970, and what a request that fits may do.
    """

    sealed: bytes = field(repr=False)
    sha1: bool
    live: bool
    now: int
    grant: Grant


def consumer_of(key: str) -> Consumer | None:
    """Return who signs by the key, by one statement; None for a key nobody has."""
    found = statements.rows(_CONSUMER, [key])
    if not found:
        return None
    [(sealed, sha1, live, now, credential, *shared)] = found
    return Consumer(bytes(sealed), sha1, live, now, replace(_grant(shared), credential=credential))


def grant_of(connection: Connection) -> Grant:
    """Return what a token of the connection with all its scopes could do now, whether it is enabled or not."""
    [shared] = statements.rows(_CONNECTION, [connection.pk])
    return _grant(shared)


def vendors_held() -> bool:
    """Return whether the district holds all vendors now: its setting is on, and scheduling is not final."""
    [[held]] = statements.rows(f"SELECT {_HELD}", [])
    return bool(held)


def open_grants() -> list[Grant]:
    """Return what each connection that is neither disabled nor expired could do now; one statement."""
    return [_grant(shared) for shared in statements.rows(_OPEN, [])]


def with_changes(grant: Grant, **changes: Any) -> Grant:
    """Return the grant as it were after changes of its fields: schools, guardians, relatives, secondary_email,
    demographics. The scope of demographics follows its switch.
    """
    after = replace(grant, **changes)
    named = {PREFIX[grant.version] + name for name in DEMOGRAPHICS}
    if not after.demographics:
        return replace(after, scopes=after.scopes - named)
    return replace(after, scopes=after.scopes | named) if after.scopes else after


def _grant(shared: Sequence[Any]) -> Grant:
    """Return the whole grant of one row of _SHARED."""
    connection, version, revision, schools, guardians, relatives, secondary, demographics, *functions = shared
    partner, gradebook, assessments, roster = functions
    scopes = allowed_scopes(
        version, partner=partner, gradebook=gradebook, assessments=assessments, demographics=demographics, roster=roster
    )
    return Grant(
        connection=connection,
        credential=None,
        version=version,
        scopes=frozenset(scopes),
        schools=None if schools is None else frozenset(schools),
        guardians=guardians,
        relatives=relatives,
        secondary_email=secondary,
        demographics=demographics,
        changed=revision,
        expires_at=None,
    )


def still_valid(grant: Grant) -> bool:
    """Say whether nothing about the grant's connection and credential has changed; one cheap statement."""
    [[live]] = statements.rows(_STILL, [grant.connection, grant.changed, grant.credential, grant.credential])
    return bool(live)
