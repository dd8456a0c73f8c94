"""Tokens of tools: working ones are read, and none of those with something wrong."""

import datetime as dt
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm

from lti.protocol import assertion, tokens
from lti.protocol.tokens import Refused, UnknownKey
from tests.lti import crafted

NOW = dt.datetime(2026, 10, 1, 15, 0, tzinfo=dt.UTC)
URL = "https://portal.example.org/lti/token"
AT = int(NOW.timestamp())
GOOD: dict[str, Any] = {"iss": "tool", "sub": "tool", "aud": URL, "iat": AT - 5, "exp": AT + 55, "jti": "once"}
CRAFTED = crafted.tokens(GOOD, NOW)


def check(token: str, keys: str = "") -> assertion.Proof:
    known = tokens.keys_of(keys or crafted.key_set())
    assert assertion.issuer_of(token) == "tool"
    return assertion.check(token, known, client_id="tool", audiences=[URL, "https://portal.example.org"], now=NOW)


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_token_is_refused_quickly(name: str) -> None:
    began = time.process_time()
    with pytest.raises((Refused, AssertionError)):
        check(CRAFTED[name])
    assert time.process_time() - began < 0.05


def test_there_are_more_than_forty_of_them_and_the_one_without_fault_is_accepted() -> None:
    assert len(CRAFTED) >= 40
    assert check(crafted.signed(GOOD)).id == "once"


@pytest.mark.parametrize(
    "token",
    [
        crafted.signed({**GOOD, "aud": ["https://portal.example.org"]}),
        crafted.signed({**GOOD, "aud": [URL, "https://elsewhere.example"]}),
        crafted.signed(GOOD, alg="PS256"),
        crafted.signed({**GOOD, "iat": AT + 30, "exp": AT + 90}),
        crafted.signed({**GOOD, "iat": AT - 100, "exp": AT - 40}),
    ],
    ids=["issuer as audience", "several audiences", "PS256", "clock a little before", "clock a little behind"],
)
def test_what_tools_do_differently_but_rightly_is_accepted(token: str) -> None:
    assert check(token)


def test_an_elliptic_key_signs_by_es256_only() -> None:
    keys = crafted.key_set(crafted.jwk(), crafted.curve_jwk())
    assert check(crafted.signed(GOOD, by=crafted.curve(), alg="ES256", kid="curve"), keys)
    with pytest.raises(Refused, match="fit"):
        check(crafted.signed(GOOD, kid="curve"), keys)


def test_a_pasted_key_needs_no_name_and_an_unknown_name_asks_for_fresh_keys() -> None:
    assert check(crafted.signed(GOOD, kid="whatever"), crafted.public())
    with pytest.raises(UnknownKey):
        check(crafted.signed(GOOD, kid="new"))


@pytest.mark.parametrize("wrong", [{"sub": "other"}, {"jti": ""}, {"jti": "x" * 300}, {"jti": 7}])
def test_an_assertion_names_itself_and_has_a_mark(wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        check(crafted.signed({**GOOD, **wrong}))


def _jwk_of(bits: int) -> dict[str, Any]:
    small = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return {**json.loads(RSAAlgorithm.to_jwk(small.public_key())), "kid": "k"}


def _p384() -> dict[str, Any]:
    from jwt.algorithms import ECAlgorithm  # noqa: PLC0415 - one use

    return json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key()))


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "[]", "{}", '{"keys": []}', '{"keys": {}}', '{"keys": "x"}', '{"keys": [1, null]}',
        json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k"}]}),
        json.dumps({"keys": [crafted.jwk(use="enc")]}),
        json.dumps({"keys": [crafted.jwk(alg="HS256")]}),
        json.dumps({"keys": [crafted.jwk(alg="none")]}),
        json.dumps({"keys": [_jwk_of(1024)]}),
        json.dumps({"keys": [_p384()]}),
        json.dumps({"keys": [crafted.jwk(kid=str(at)) for at in range(21)]}),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        crafted.private(),
    ],
)  # fmt: skip
def test_keys_that_cannot_sign_for_a_tool_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        tokens.keys_of(text)


def test_scopes_are_what_is_asked_and_allowed() -> None:
    assert assertion.granted("b x a", ["a", "b", "c"]) == ["a", "b"]
    assert assertion.granted("", ["a", "b"]) == ["a", "b"]
    assert assertion.granted("x", ["a"]) == []
