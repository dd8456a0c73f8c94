"""Signed tokens that tools send: read with the tool's own public keys, and with nothing else.

Only the compact form of at most 8 KB is read, only the algorithms named here are accepted, and a header says nothing
but which of the known keys signed: `jku`, `x5u`, `jwk` and `x5c` are never looked at, critical extensions are refused.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ALGORITHMS = ("RS256", "PS256", "ES256")
LARGEST = 8192
"""Bytes of a token."""
MOST_KEYS = 20
LEAST_BITS, MOST_BITS = 2048, 8192
SKEW = dt.timedelta(seconds=60)
"""How far clocks may differ."""
LONGEST = dt.timedelta(minutes=60)
"""How long a tool's token may be good for, from when it was made."""
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

PublicKey = RSAPublicKey | EllipticCurvePublicKey


class Refused(Exception):
    """A token or a key is not accepted; the sentence says why and holds nothing of the token."""


class UnknownKey(Refused):
    """The token is signed with a key that is not among those known; the tool may have changed its keys."""


@dataclass(frozen=True)
class Keys:
    """The public keys of one tool by their ids; a key without id is there once, under the blank id."""

    by_id: Mapping[str, PublicKey]

    def named(self, kid: str | None) -> PublicKey:
        """Return the key of this id; the only one there is when no id is given. Raises UnknownKey."""
        if kid is None:
            if len(self.by_id) == 1:
                return next(iter(self.by_id.values()))
            raise UnknownKey("The token does not say which key signed it.")
        found = self.by_id.get(kid) or (self.by_id.get("") if len(self.by_id) == 1 else None)
        if found is None:
            raise UnknownKey("The token is signed with a key that is not among the tool’s.")
        return found


def keys_of(text: str) -> Keys:
    """Return the public keys in a JWK Set, a single JWK or a PEM block. Raises Refused."""
    stripped = text.strip()
    if stripped.startswith("-----BEGIN"):
        return Keys({"": _sound(_from_pem(stripped))})
    try:
        told = json.loads(stripped)
    except ValueError as error:
        raise Refused("The keys are neither a JWK Set nor a public key in PEM form.") from error
    listed = told.get("keys") if isinstance(told, dict) and "keys" in told else [told]
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise Refused("The keys are not a JWK Set.")
    found = {str(each.get("kid", "")): key for each in listed if isinstance(each, dict) and (key := _from_jwk(each))}
    if not found:
        raise Refused("There is no public key among the keys that could sign for the tool.")
    return Keys(found)


def read(token: str, keys: Keys, *, issuer: str, audiences: Sequence[str], now: dt.datetime) -> dict[str, Any]:
    """Return the claims of a token the tool signed for us a short while ago. Raises Refused, UnknownKey.

    `issuer` must be its `iss`, one of `audiences` among its `aud`; it must say when it was made and when it ends.
    """
    header = header_of(token)
    key = keys.named(header.get("kid"))
    _fits(key, header["alg"])
    try:
        claims = jwt.decode(
            token, key=key, algorithms=[header["alg"]], issuer=issuer, audience=list(audiences),
            options={
                "require": ["iss", "aud", "exp", "iat"], "verify_exp": False, "verify_iat": False, "verify_nbf": False,
                "strict_aud": False,
            },
        )  # fmt: skip
    except jwt.PyJWTError as error:
        raise Refused(f"The token is not accepted: {type(error).__name__}.") from error
    _check_times(claims, now)
    return dict(claims)


def header_of(token: str) -> dict[str, Any]:
    """Return the header of a token that is worth looking at. Raises Refused."""
    if len(token) > LARGEST or not _COMPACT.fullmatch(token):
        raise Refused("The token is not a signed token in compact form of at most 8 KB.")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Refused("The header of the token cannot be read.") from error
    if header.get("alg") not in ALGORITHMS:
        raise Refused(f"The token must be signed by one of {', '.join(ALGORITHMS)}.")
    if "crit" in header or header.get("b64") is False:
        raise Refused("The token asks for an extension nobody knows here.")
    if not isinstance(header.get("kid"), str | None):
        raise Refused("The id of the token’s key is no text.")
    if str(header.get("typ", "JWT")).upper() not in {"JWT", "APPLICATION/JWT"}:
        raise Refused("The token is of another type.")
    return dict(header)


def _fits(key: PublicKey, algorithm: str) -> None:
    if isinstance(key, EllipticCurvePublicKey) != (algorithm == "ES256"):
        raise Refused("The token’s algorithm does not fit the key.")


def _check_times(claims: Mapping[str, Any], now: dt.datetime) -> None:
    moments = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in moments.values()):
        raise Refused("The token’s times are no numbers.")
    at, skew = now.timestamp(), SKEW.total_seconds()
    if moments["exp"] <= at - skew:
        raise Refused("The token has expired.")
    if max(moments["iat"], moments.get("nbf", moments["iat"])) > at + skew:
        raise Refused("The token is from the future.")
    if moments["exp"] - moments["iat"] > LONGEST.total_seconds() or moments["exp"] <= moments["iat"]:
        raise Refused("The token is good for too long, or not at all.")
    if at - moments["iat"] > LONGEST.total_seconds():
        raise Refused("The token was made too long ago.")


def _from_pem(text: str) -> PublicKey:
    try:
        found = load_pem_public_key(text.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused("The public key in PEM form cannot be read.") from error
    if not isinstance(found, RSAPublicKey | EllipticCurvePublicKey):
        raise Refused("The public key is of a kind that is not used here.")
    return found


def _from_jwk(told: Mapping[str, Any]) -> PublicKey | None:
    """Return the key of a JWK; None for one that is not for signatures of the algorithms used here."""
    if told.get("use", "sig") != "sig" or told.get("kty") not in {"RSA", "EC"} or "d" in told:
        return None
    if told.get("alg", ALGORITHMS[0]) not in ALGORITHMS:
        return None
    try:
        found = jwt.PyJWK(dict(told), "RS256" if told["kty"] == "RSA" else "ES256").key
        return _sound(found)
    except (jwt.PyJWTError, Refused, ValueError, TypeError):
        return None


def _sound(key: PublicKey) -> PublicKey:
    """Return a key that is strong enough and cheap enough to check with. Raises Refused."""
    if isinstance(key, RSAPublicKey):
        if not LEAST_BITS <= key.key_size <= MOST_BITS or not 3 <= key.public_numbers().e < 2**32:
            raise Refused(f"An RSA key needs {LEAST_BITS} to {MOST_BITS} bits.")
    elif not isinstance(key.curve, SECP256R1):
        raise Refused("Of elliptic curves only P-256 is used here.")
    return key
