"""Our own keys: RS256, 2048 bits, each with an id; published before they sign, and long enough afterwards."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import RSAAlgorithm

ALGORITHM = "RS256"
BITS = 2048
SIGNS_FOR = dt.timedelta(days=90)
"""How long a key signs before the next one takes its place."""
OVERLAP = dt.timedelta(days=2)
"""How long a key is published before it signs, and after the last token it signed: tools keep our keys for hours."""


@dataclass(frozen=True)
class Made:
    """A fresh key: the private part in PEM form, and the public part as a JWK without its id."""

    private: str
    public: Mapping[str, str]


@dataclass(frozen=True)
class Span:
    """When a key signs: from `begins` until `ends`; None: until another one begins."""

    kid: str
    begins: dt.datetime
    ends: dt.datetime | None = None

    def signs(self, now: dt.datetime) -> bool:
        """Return whether it may sign now."""
        return self.begins <= now and (self.ends is None or now < self.ends)

    def is_published(self, now: dt.datetime) -> bool:
        """Return whether it belongs in the key set."""
        return self.ends is None or now < self.ends + OVERLAP


def make() -> Made:
    """Return a fresh key."""
    key = generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return Made(private, {name: told[name] for name in ("kty", "n", "e")})


def key_set(public: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, Any]:
    """Return the JWK Set of public keys, each told with its id."""
    return {"keys": [{**key, "kid": kid, "alg": ALGORITHM, "use": "sig"} for kid, key in public]}


def sign(claims: Mapping[str, Any], private: str, kid: str) -> str:
    """Return the claims as a signed token."""
    return jwt.encode(dict(claims), private, ALGORITHM, headers={"kid": kid})


def signer(spans: Iterable[Span], now: dt.datetime) -> Span | None:
    """Return the key that signs now: of those that may, the newest."""
    return max((each for each in spans if each.signs(now)), key=lambda each: each.begins, default=None)


def successor_begins(spans: Iterable[Span], now: dt.datetime) -> dt.datetime | None:
    """Return when a key to be made now begins to sign; None while none is needed.

    The first begins at once, because nobody knows another; every later one is published first.
    """
    known = list(spans)
    newest = max(known, key=lambda each: each.begins, default=None)
    if newest is None or (newest.begins <= now and not any(each.signs(now) for each in known)):
        return now
    due = newest.begins + SIGNS_FOR - OVERLAP
    return max(newest.begins + SIGNS_FOR, now + OVERLAP) if now >= due else None
