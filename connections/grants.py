"""What a request may do, decided once and frozen. Always read from the database: cut-off acts on the next request."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

from connections.limits import NONE, Limits
from connections.models import Connection
from connections.scopes import DEMOGRAPHICS, allowed_scopes
from connections.secret import is_client_id, matches, sha256
from interop import statements
from interop.oneroster.endpoints import SCOPE_PREFIX as PREFIX
from interop.oneroster.resource import V1P2

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

_DISTRICT = "LEFT JOIN connections_sharingsettings s ON s.id = 1"
SCOPE_KEY_BYTES = 16
"""How long a Grant's `scope_key` is."""
BEARER = f"""connections_accesstoken t
    JOIN connections_credential k ON k.id = t.credential_id
    JOIN connections_connection c ON c.id = k.connection_id AND c.oauth = 2 {_DISTRICT}"""
"""Where a bearer token leads: t the token, k its credential, c its connection, s the district's settings."""
LIMITS = "coalesce(c.bucket, s.bucket, 3000), coalesce(c.refill, s.refill, 20), coalesce(c.at_once, s.at_once, 5)"
"""The three numbers of a connection's Limits."""
_STOPPED, _FROZEN = "coalesce(s.stopped, false)", "c.frozen_at IS NOT NULL"


def _from_here(address: str) -> str:
    """Return the condition that the connection may call from the address, an inet parameter."""
    return f"(c.networks = '{{}}' OR coalesce({address}::inet <<= ANY (c.networks::inet[]), false))"


def bearer_live(address: str) -> str:
    """Return the condition that the bearer may have data now; `address` is the parameter that holds the caller's."""
    parts = f"NOT {_STOPPED} AND NOT ({_FROZEN}) AND {_from_here(address)}"
    return f"t.expires_at > statement_timestamp() AND {_CREDENTIAL_LIVE} AND {_LET_IN} AND {parts}"


# What a connection may share: of c the connection, with a its application and s the district's settings.
_FUNCTIONS = """
    coalesce(a.partner, false), c.share_gradebook AND coalesce(s.gradebook_sync, true),
    c.share_assessments AND coalesce(s.assessments_sync, true), coalesce(s.roster_sync, true)
"""
_SHARED = f"""
    c.id, c.version, c.revision,
    CASE WHEN c.all_schools THEN NULL
         ELSE ARRAY(SELECT s.school_id FROM connections_connection_schools s WHERE s.connection_id = c.id) END,
    c.share_guardians, c.share_relatives,
    c.use_secondary_email OR c.version = 11 AND coalesce(s.secondary_email_11, false),
    c.share_demographics AND c.oauth = 2,
    {_FUNCTIONS},
    NOT coalesce(s.writes_stopped, false), c.assessments_as_line_items, {LIMITS}
"""  # noqa: S608 - constants only
_APPLICATION = "LEFT JOIN connections_application a ON a.id = c.application_id"
_SHARED_FROM = f"{_DISTRICT} {_APPLICATION}"
_HINDERED = f"{_STOPPED}, {_FROZEN}, NOT {_from_here('%s')}"
_TOKEN = f"""
    SELECT t.expires_at > statement_timestamp(), {_CREDENTIAL_LIVE}, {_LET_IN}, {_HINDERED},
           t.scope, t.expires_at, k.id, {_SHARED}
    FROM {BEARER} {_APPLICATION}
    WHERE t.token_sha256 = %s
"""  # noqa: S608 - constants only
_CONSUMER = f"""
    SELECT k.sealed, c.allow_sha1, {_CREDENTIAL_LIVE} AND {_LET_IN},
           floor(extract(epoch FROM statement_timestamp()))::bigint, {_HINDERED}, k.id, {_SHARED}
    FROM connections_credential k JOIN connections_connection c ON c.id = k.connection_id AND c.oauth = 1 {_SHARED_FROM}
    WHERE k.client_id = %s AND k.sealed IS NOT NULL
"""  # noqa: S608 - constants only
_CLIENT = f"""
    SELECT k.secret_sha256, k.id, {_HINDERED}, c.version, c.share_demographics, {_FUNCTIONS}
    FROM connections_credential k JOIN connections_connection c ON c.id = k.connection_id AND c.oauth = 2 {_SHARED_FROM}
    WHERE k.client_id = %s::text AND {_CREDENTIAL_LIVE} AND {_LIVE}
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


class Why(Enum):
    """Why a grant is refused; the first three mean that the caller has to sign in anew."""

    CONNECTION = "connection disabled or expired"
    CREDENTIAL = "credential removed or expired"
    TOKEN = "token expired"  # noqa: S105 - a sentence
    UNKNOWN = "unknown token"
    STOPPED = "the district has stopped the API"
    FROZEN = "connection frozen"
    ADDRESS = "not an address the connection may call from"


class Refused(Exception):
    """The token opens nothing. `reason` is for the log, never for the client; `grant` is what it would have opened,
    None when nobody knows whose it is.
    """

    def __init__(self, why: Why, grant: "Grant | None" = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.reason = why.value
        self.grant = grant


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


class Holder(NamedTuple):
    """Whose answer is being sent: the connection in the revision it was asked in, and the credential."""

    connection: int
    revision: int
    credential: int | None


@dataclass(frozen=True)
class Grant(Scope):
    """What this request may do. `changed` is the connection's revision, `writes` whether the district takes any now,
    `mirrors` whether assessments are listed as line items too.

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
    writes: bool = True
    mirrors: bool = False
    limits: Limits = NONE

    @property
    def holder(self) -> Holder:
        """Whose the grant is."""
        return Holder(self.connection, self.changed, self.credential)

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
        return hashlib.blake2b(repr(facts).encode(), digest_size=SCOPE_KEY_BYTES).digest()


def grant_for_token(token: str, address: str = "") -> Grant:
    """Return what the bearer of the token may do now, calling from the address, by one statement.

    Raises Refused for an unknown or expired token, a revoked or expired credential, a disabled, expired or frozen
    connection, an address that is none of its own, and while the district has stopped the API.
    """
    found = statements.prepared(_TOKEN, [address or None, sha256(token)])
    if not found:
        raise Refused(Why.UNKNOWN)
    [row] = found
    token_live, credential_live, connection_live, *hindrances = row[:6]
    scope, expires_at, credential, *shared = row[6:]
    whole = _grant(shared)
    grant = replace(
        whole, scopes=whole.scopes.intersection(scope.split()), credential=credential, expires_at=expires_at
    )
    for refused, why in (
        (not connection_live, Why.CONNECTION),
        (not credential_live, Why.CREDENTIAL),
        (not token_live, Why.TOKEN),
        *_hindered(*hindrances),
    ):
        if refused:
            raise Refused(why, grant)
    return grant


def _hindered(*hindrances: bool) -> Iterator[tuple[bool, Why]]:
    """Yield what keeps a caller out who has signed in rightly, as _HINDERED tells it."""
    return zip(hindrances, (Why.STOPPED, Why.FROZEN, Why.ADDRESS), strict=True)


@dataclass(frozen=True)
class Consumer:
    """Who signs by a consumer key of OAuth 1: the encrypted secret, whether HMAC-SHA1 is accepted, whether connection
    and credential live, the database's time in seconds since 1970, what else keeps a request out that fits, and what it
    may do otherwise.
    """

    sealed: bytes = field(repr=False)
    sha1: bool
    live: bool
    now: int
    hindrance: Why | None
    grant: Grant


def consumer_of(key: str, address: str = "") -> Consumer | None:
    """Return who signs by the key, calling from the address, by one statement; None for a key nobody has."""
    found = statements.prepared(_CONSUMER, [address or None, key])
    if not found:
        return None
    [(sealed, sha1, live, now, stopped, frozen, elsewhere, credential, *shared)] = found
    hindrance = next((why for refused, why in _hindered(stopped, frozen, elsewhere) if refused), None)
    return Consumer(bytes(sealed), sha1, live, now, hindrance, replace(_grant(shared), credential=credential))


@dataclass(frozen=True)
class Client:
    """Who signed in by a client secret of OAuth 2: its live credential, what keeps it out all the same, and the scopes
    it may have.
    """

    client_id: str
    credential: int
    hindrance: Why | None
    scopes: tuple[str, ...]


def client_of(client_id: str, secret: str, address: str = "") -> Client | None:
    """Return who signs in by id and secret, calling from the address; None when they open nothing.

    One statement and one comparison, whether the client is known or not.
    """
    found = statements.prepared(_CLIENT, [address or None, client_id if is_client_id(client_id) else ""])
    stored, *facts = found[0] if found else (None,)
    if not matches(secret, stored):
        return None
    credential, stopped, frozen, elsewhere, version, demographics, *functions = facts
    partner, gradebook, assessments, roster = functions
    scopes = allowed_scopes(
        version, partner=partner, gradebook=gradebook, assessments=assessments, demographics=demographics, roster=roster
    )
    hindrance = next((why for refused, why in _hindered(stopped, frozen, elsewhere) if refused), None)
    return Client(client_id, credential, hindrance, scopes)


def grant_of(connection: Connection) -> Grant:
    """Return what a token of the connection with all its scopes could do now, whether it is enabled or not."""
    [shared] = statements.rows(_CONNECTION, [connection.pk])
    return _grant(shared)


def vendors_held() -> bool:
    """Return whether the district holds all vendors now: its setting is on, and scheduling is not final."""
    [[held]] = statements.rows(f"SELECT {_HELD}", [])
    return bool(held)


def stopped_or_held() -> tuple[bool, bool]:
    """Return whether the district has stopped the API, and whether it holds all vendors; one statement."""
    [[stopped, held]] = statements.rows(f"SELECT {_STOPPED}, {_HELD} FROM (SELECT) one {_DISTRICT}", [])  # noqa: S608
    return bool(stopped), bool(held)


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
    partner, gradebook, assessments, roster, writes, mirrors, *limits = functions
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
        writes=writes,
        mirrors=mirrors and partner and assessments and version == V1P2,
        limits=Limits(*limits),
    )


def still_valid(grant: Grant) -> bool:
    """Say whether nothing about the grant's connection and credential has changed; one cheap statement."""
    return unchanged(grant.holder)


def unchanged(holder: Holder) -> bool:
    """Say whether nothing about the connection and the credential has changed; one cheap statement."""
    connection, revision, credential = holder
    [[live]] = statements.prepared(_STILL, [connection, revision, credential, credential])
    return bool(live)
