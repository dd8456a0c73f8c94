"""How a tool proves who it is at the token address: a short token it signed itself (RFC 7523, private_key_jwt)."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from lti.protocol import tokens
from lti.protocol.tokens import Keys, Refused

GRANT = "client_credentials"
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ID = 255


@dataclass(frozen=True)
class Proof:
    """An assertion that is accepted unless its `id` was used before; after `until` it is refused anyway."""

    id: str
    until: dt.datetime


def issuer_of(token: str) -> str:
    """Return whom a token claims to be from, unchecked: only to find the keys it is checked with. Raises Refused."""
    tokens.header_of(token)
    try:
        told = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Refused("The token cannot be read.") from error
    name = told.get("iss")
    if not isinstance(name, str) or not name or "\0" in name:
        raise Refused("iss of the token must be the client id.")
    return name


def check(assertion: str, keys: Keys, *, client_id: str, audiences: Sequence[str], now: dt.datetime) -> Proof:
    """Return what the assertion proves. Raises Refused; UnknownKey when the tool may have changed its keys."""
    told = tokens.read(assertion, keys, issuer=client_id, audiences=audiences, now=now)
    if told.get("sub") != client_id:
        raise Refused("sub of the client assertion must be the client id.")
    name = told.get("jti")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
        raise Refused("The client assertion needs a jti.")
    return Proof(name, dt.datetime.fromtimestamp(told["exp"], dt.UTC) + 2 * tokens.SKEW)


def granted(asked: str, allowed: Collection[str]) -> list[str]:
    """Return the scopes a tool gets: those it asked for and may have, all it may have when it named none."""
    wanted = asked.split()
    return [scope for scope in allowed if not wanted or scope in wanted]


def answer(token: str, scopes: Sequence[str], lives: dt.timedelta) -> Mapping[str, Any]:
    """Return the token as it is handed out."""
    return {
        "access_token": token, "token_type": "Bearer", "expires_in": int(lives.total_seconds()),
        "scope": " ".join(scopes),
    }  # fmt: skip
