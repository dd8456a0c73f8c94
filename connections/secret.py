"""Identifiers, secrets and tokens: typed prefix, 256 bits, a checksum scanners can check without a database.

A value is `<prefix><43 base62 characters><6 base62 characters of the CRC-32 of what stands before>`. Only the SHA-256
of secrets and tokens is stored; at 256 bits of entropy a fast hash is enough.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from string import ascii_lowercase, ascii_uppercase, digits

ALPHABET = digits + ascii_uppercase + ascii_lowercase
BODY, CHECK = 43, 6
CLIENT_ID_PREFIX, SECRET_PREFIX, TOKEN_PREFIX, HAND_OVER_PREFIX = "orp_id_", "orp_sk_", "orp_at_", "orp_ho_"
PATTERN = re.compile(rf"orp_(?:sk|at|ho)_[0-9A-Za-z]{{{BODY + CHECK}}}")
_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,64}")
_NOBODY = hashlib.sha256(b"nobody").digest()


def new_client_id() -> str:
    """Return a fresh public identifier of a credential."""
    return CLIENT_ID_PREFIX + _random(22)


def new_secret() -> str:
    """Return a fresh client secret; show it once, store `sha256` of it."""
    return _with_checksum(SECRET_PREFIX + _random(BODY))


def new_token(_request: object = None) -> str:
    """Return a fresh access token (the argument is oauthlib's request, not needed)."""
    return _with_checksum(TOKEN_PREFIX + _random(BODY))


def new_hand_over_token() -> str:
    """Return the fresh last part of a one-time link's address."""
    return _with_checksum(HAND_OVER_PREFIX + _random(BODY))


def is_client_id(text: str) -> bool:
    """Say whether the text could be a client_id: one of ours, or a key brought from an older system."""
    return _CLIENT_ID.fullmatch(text) is not None


def has_checksum(text: str) -> bool:
    """Say whether the text is shaped like a secret or token of ours and its checksum agrees."""
    return PATTERN.fullmatch(text) is not None and _with_checksum(text[:-CHECK]) == text


def sha256(text: str) -> bytes:
    """Return what is stored of a secret or token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def matches(given: str, stored: bytes | memoryview | None) -> bool:
    """Compare a secret with a stored hash in constant time; with None the same work is done in vain."""
    equal = hmac.compare_digest(sha256(given), _NOBODY if stored is None else bytes(stored))
    return equal and stored is not None


def _random(length: int) -> str:
    return _base62(secrets.randbelow(len(ALPHABET) ** length), length)


def _with_checksum(text: str) -> str:
    return text + _base62(zlib.crc32(text.encode()), CHECK)


def _base62(number: int, length: int) -> str:
    found = []
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        found.append(ALPHABET[rest])
    return "".join(reversed(found))
