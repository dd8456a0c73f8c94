"""Tokens as nobody should send them: each is a working token with one thing wrong."""

import base64
import datetime as dt
import hmac
import json
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt import api_jws
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

KID = "tool-1"


def key(name: str = "tool") -> RSAPrivateKey:
    """A private key of this name, made once."""
    return _made(name)


@cache
def _made(_name: str) -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def curve() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def private(name: str = "tool") -> str:
    return key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public(name: str = "tool") -> str:
    return key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(name: str = "tool", kid: str = KID, **more: str) -> dict[str, Any]:
    told = json.loads(RSAAlgorithm.to_jwk(key(name).public_key()))
    return {**told, "kid": kid, "alg": "RS256", "use": "sig", **more}


def key_set(*keys: dict[str, Any]) -> str:
    return json.dumps({"keys": list(keys) or [jwk()]})


def curve_jwk() -> dict[str, Any]:
    return {**json.loads(ECAlgorithm.to_jwk(curve().public_key())), "kid": "curve", "use": "sig", "alg": "ES256"}


def signed(claims: dict[str, Any], *, by: Any = None, alg: str = "RS256", **header: Any) -> str:
    """A token of these claims, by default signed as the tool does."""
    return api_jws.encode(json.dumps(claims).encode(), by or key(), alg, headers={"kid": KID, **header})


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(header: Any, claims: Any, signature: bytes = b"signature") -> str:
    return f"{b64(header)}.{b64(claims)}.{b64(signature)}"


def by_hmac(claims: dict[str, Any], secret: bytes, **header: Any) -> str:
    head = {"alg": "HS256", "typ": "JWT", "kid": KID, **header}
    signing = f"{b64(head)}.{b64(claims)}"
    return f"{signing}.{b64(hmac.new(secret, signing.encode(), sha256).digest())}"


def tokens(good: dict[str, Any], now: dt.datetime) -> dict[str, str]:
    """Forty-odd tokens with one thing wrong each; `good` are claims that would be accepted."""
    at = int(now.timestamp())
    header = {"alg": "RS256", "typ": "JWT", "kid": KID}
    fine = signed(good)
    head, body, signature = fine.split(".")

    def without(name: str) -> str:
        return signed({each: value for each, value in good.items() if each != name})

    def having(**changed: Any) -> str:
        return signed({**good, **changed})

    made = {
        "nothing": lambda: "",
        "no token": lambda: "token",
        "two parts": lambda: f"{head}.{body}",
        "four parts": lambda: f"{fine}.x",
        "five parts, as if encrypted": lambda: f"{fine}.x.y",
        "alg none": lambda: raw({**header, "alg": "none"}, good, b""),
        "alg none with a signature": lambda: raw({**header, "alg": "none"}, good),
        "alg NONE in capitals": lambda: raw({**header, "alg": "NONE"}, good),
        "alg missing": lambda: raw({"kid": KID}, good),
        "alg a list": lambda: raw({**header, "alg": ["RS256"]}, good),
        "HS256 with the public key in PEM form": lambda: by_hmac(good, public().encode()),
        "HS256 with the modulus": lambda: by_hmac(good, jwk()["n"].encode()),
        "HS256 with no secret": lambda: by_hmac(good, b""),
        "HS512": lambda: raw({**header, "alg": "HS512"}, good),
        "RS1": lambda: raw({**header, "alg": "RS1"}, good),
        "RS512 by the right key": lambda: signed(good, alg="RS512"),
        "ES256 told, RSA key meant": lambda: signed(good, by=curve(), alg="ES256"),
        "EdDSA": lambda: raw({**header, "alg": "EdDSA"}, good),
        "unknown critical extension": lambda: raw({**header, "crit": ["exp"], "exp": at}, good),
        "critical b64": lambda: raw({**header, "crit": ["b64"], "b64": False}, good),
        "another type": lambda: signed(good, typ="at+jwt"),
        "kid of nobody": lambda: signed(good, kid="nobody"),
        "kid a path": lambda: signed(good, kid="../../../dev/null"),
        "kid an injection": lambda: signed(good, kid="' OR 1=1 --"),
        "kid a number": lambda: raw({**header, "kid": 1}, good),
        "jku of a stranger": lambda: signed(good, by=key("stranger"), jku="https://stranger.example/jwks"),
        "x5u of a stranger": lambda: signed(good, by=key("stranger"), x5u="https://stranger.example/cert"),
        "its own key in the header": lambda: signed(good, by=key("stranger"), jwk=jwk("stranger")),
        "somebody else's signature": lambda: signed(good, by=key("stranger")),
        "claims changed after signing": lambda: f"{head}.{b64({**good, 'extra': 1})}.{signature}",
        "header changed after signing": lambda: f"{b64({**header, 'x': 1})}.{body}.{signature}",
        "signature cut": lambda: fine[:-20],
        "padding": lambda: f"{fine}==",
        "JSON serialization": lambda: json.dumps({"protected": head, "payload": body, "signature": signature}),
        "flattened in a list": lambda: json.dumps([fine]),
        "larger than 8 KB": lambda: having(extra="x" * 9000),
        "header deeply nested": lambda: f"{b64(b'[' * 5000 + b']' * 5000)}.{body}.{signature}",
        "claims a list": lambda: f"{head}.{b64([1])}.{signature}",
        "without iss": lambda: without("iss"),
        "iss of another": lambda: having(iss="somebody-else"),
        "iss a list": lambda: having(iss=[good["iss"]]),
        "without aud": lambda: without("aud"),
        "aud of another": lambda: having(aud="https://elsewhere.example"),
        "aud with ours as a part": lambda: having(aud=f"{good['aud']}.evil.example"),
        "aud empty": lambda: having(aud=[]),
        "without exp": lambda: without("exp"),
        "expired": lambda: having(exp=at - 120, iat=at - 300),
        "exp a text": lambda: having(exp="tomorrow"),
        "without iat": lambda: without("iat"),
        "from the future": lambda: having(iat=at + 600, exp=at + 660),
        "good for years": lambda: having(exp=at + 10**8),
        "not before tomorrow": lambda: having(nbf=at + 86_400),
        "made long ago": lambda: having(iat=at - 86_400, exp=at + 60),
    }
    return {name: make() for name, make in made.items()}
