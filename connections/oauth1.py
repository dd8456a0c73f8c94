"""OAuth 1.0a without tokens (RFC 5849): what a signed request must look like, and whether its signature fits.

oauthlib builds the text that is signed and signs it again. Nothing here asks the database. A body is not covered by a
signature, except by the optional oauth_body_hash.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature as rfc5849

from connections.secret import is_client_id

SHA256, SHA1 = "HMAC-SHA256", "HMAC-SHA1"
_SIGN = {SHA256: rfc5849.sign_hmac_sha256_with_client, SHA1: rfc5849.sign_hmac_sha1_with_client}
SCHEME = "oauth "
LONGEST_HEADER, MOST_PARAMETERS = 4096, 200
_PAIR = re.compile(r'\s*([^\s=,"]+)\s*=\s*"([^"]*)"\s*(?:,|$)')
_NONCE = re.compile(r"[\x21-\x7e]{1,255}")
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,11}")
_BODY_HASHES = (hashlib.sha256, hashlib.sha1)
Pairs = list[tuple[str, str]]


class Unsigned(Exception):
    """The request is not signed as the standard wants; the sentence is for the vendor."""


class Keys(NamedTuple):
    """The secrets a signature is made with, as oauthlib names them; there is no token."""

    client_secret: str
    resource_owner_secret: str = ""


@dataclass(frozen=True)
class SignedRequest:
    """What of a request is signed. `addresses` are the ways in which its absolute address may have been written."""

    method: str
    addresses: tuple[str, ...]
    query: str
    authorization: str = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Claim:
    """What the Authorization header says: who signed, how and when; `signed` are all parameters under the signature."""

    key: str
    method: str
    nonce: str
    timestamp: int
    signature: str
    signed: Pairs = field(repr=False)


def is_signed(authorization: str) -> bool:
    """Say whether the Authorization header speaks OAuth 1."""
    return authorization[: len(SCHEME)].lower() == SCHEME


def claim_of(request: SignedRequest) -> Claim:
    """Read header and query. Raises Unsigned, before anything is compared with a secret."""
    header = _header(request.authorization)
    given = dict(header)
    _check(given)
    query = _query(request.query)
    if any(name.startswith("oauth_") for name, _ in query):
        raise Unsigned("Send the oauth_ parameters in the Authorization header, not in the address.")
    if "oauth_body_hash" in given and not _is_hash_of(request.body, given["oauth_body_hash"]):
        raise Unsigned("oauth_body_hash is not the hash of the body that came.")
    return Claim(
        key=given["oauth_consumer_key"],
        method=given["oauth_signature_method"],
        nonce=given["oauth_nonce"],
        timestamp=int(given["oauth_timestamp"]),
        signature=given["oauth_signature"],
        signed=[pair for pair in header if pair[0] not in ("oauth_signature", "realm")] + query,
    )


def fits(request: SignedRequest, claim: Claim, secret: str) -> bool:
    """Say whether the secret made the signature, for any of the addresses; each is compared in constant time."""
    parameters = rfc5849.normalize_parameters(claim.signed)
    given, found = claim.signature.encode("utf-8", "replace"), False
    for address in request.addresses:
        text = rfc5849.signature_base_string(request.method, rfc5849.base_string_uri(address), parameters)
        made: str = _SIGN[claim.method](text, Keys(secret))
        found |= hmac.compare_digest(made.encode(), given)
    return found


def _header(authorization: str) -> Pairs:
    if len(authorization) > LONGEST_HEADER:
        raise Unsigned("The Authorization header is too long.")
    rest, pairs = authorization[len(SCHEME) :].strip(), []
    while rest:
        found = _PAIR.match(rest)
        if found is None:
            raise Unsigned('The Authorization header is not a list of name="value", separated by commas.')
        pairs.append((_decoded(found[1]), _decoded(found[2])))
        rest = rest[found.end() :]
    if len({name for name, _ in pairs}) < len(pairs):
        raise Unsigned("A parameter stands twice in the Authorization header.")
    return pairs


def _query(query: str) -> Pairs:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise Unsigned("The query string cannot be read: it has too many parameters, or they are not UTF-8.") from None


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Unsigned("The Authorization header is not UTF-8.") from None


def _check(given: dict[str, str]) -> None:
    """Raise Unsigned for what is missing or cannot be."""
    wrong = {
        f"oauth_signature_method must be {SHA256} or, where the district allows it, {SHA1}.":
            given.get("oauth_signature_method") not in _SIGN,
        "oauth_consumer_key is missing or malformed.": not is_client_id(given.get("oauth_consumer_key", "")),
        "oauth_signature is missing.": not given.get("oauth_signature"),
        "oauth_nonce must be 1 to 255 printable ASCII signs.": not _NONCE.fullmatch(given.get("oauth_nonce", "")),
        "oauth_timestamp must be seconds since 1970.": not _TIMESTAMP.fullmatch(given.get("oauth_timestamp", "")),
        "oauth_version must be 1.0 or left out.": given.get("oauth_version", "1.0") != "1.0",
        "There are no OAuth 1 tokens here: leave oauth_token out.": bool(given.get("oauth_token")),
    }  # fmt: skip
    for sentence, is_wrong in wrong.items():
        if is_wrong:
            raise Unsigned(sentence)


def _is_hash_of(body: bytes, given: str) -> bool:
    return given in [base64.b64encode(each(body).digest()).decode() for each in _BODY_HASHES]
