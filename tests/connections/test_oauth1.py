"""What OAuth 1 signs, by the book (RFC 5849) and by oauthlib's client."""

import base64
import contextlib
import hashlib
import hmac
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.oauth1 import SignedRequest, Unsigned, claim_of, fits, is_signed
from tests.connections.signing import SHA1, SHA256, header, request

KEY, SECRET = "district-key-01", "s3cr3t&value"
ADDRESS = "https://sis.example.org/ims/oneroster/v1p1/users"
QUERY = "filter=role%3D%27student%27%20AND%20dateLastModified%3E%272026-01-05T00%3A00%3A00.000Z%27&limit=100&offset=0"
URL = f"{ADDRESS}?{QUERY}"
PARAMETERS = {
    "oauth_consumer_key": KEY, "oauth_nonce": "n0nce-7f3a", "oauth_signature_method": SHA256,
    "oauth_timestamp": "1767657600", "oauth_version": "1.0",
    "oauth_signature": "6/b7gympW+n6OXdpfXBBFiJe3Unv37syxTCygInM2WA=",
}  # fmt: skip


def spelled(parameters, *, between=",", start="OAuth ", encode=lambda text: quote(text, safe="")):
    return start + between.join(f'{name}="{encode(value)}"' for name, value in parameters.items())


def signed(authorization=None, **changes):
    return replace(SignedRequest("GET", (ADDRESS,), QUERY, authorization or spelled(PARAMETERS)), **changes)


def good(asked, secret=SECRET):
    return fits(asked, claim_of(asked), secret)


@pytest.mark.parametrize(
    ("method", "signature"),
    [(SHA256, "6/b7gympW+n6OXdpfXBBFiJe3Unv37syxTCygInM2WA="), (SHA1, "2l8Vx08Xr4k99vI5VcrhOi8SMl0=")],
)
def test_the_known_signatures_fit_and_no_other_does(method, signature):
    given = PARAMETERS | {"oauth_signature_method": method, "oauth_signature": signature}
    assert good(signed(spelled(given)))
    for wrong in (signature.swapcase(), signature[1:], "é", signature + "="):
        assert not good(signed(spelled(given | {"oauth_signature": wrong})))
    assert not good(signed(spelled(given)), SECRET + "x")
    assert not good(signed(spelled(given), method="PUT"))


@pytest.mark.parametrize(
    "authorization",
    [
        spelled(dict(reversed(PARAMETERS.items()))),
        spelled(PARAMETERS, between=", "),
        spelled(PARAMETERS, between=" ,\t"),
        spelled(PARAMETERS, start="oauth   "),
        spelled({"realm": "https://any.example/, really"} | PARAMETERS, encode=lambda text: text.replace("=", "%3d")),
        spelled({"realm": ""} | PARAMETERS),
        spelled(PARAMETERS, encode=lambda text: "".join(f"%{ord(sign):02x}" for sign in text)),
        spelled(PARAMETERS, encode=str) + ",",
    ],
    ids=["reversed", "blanks", "tabs", "small letters", "realm", "empty realm", "all encoded", "nothing encoded"],
)
def test_the_header_may_be_written_in_any_sane_way(authorization):
    assert is_signed(authorization)
    assert good(signed(authorization))


def test_parameters_of_the_address_may_be_written_and_ordered_otherwise():
    otherwise = "offset=0&limit=%31%30%30&" + QUERY.partition("&")[0].replace("%27", "'").replace("%20", "+")
    assert good(signed(query=otherwise))


@pytest.mark.parametrize(
    "query",
    [
        QUERY + "&limit=101",
        QUERY.replace("100", "101"),
        QUERY + "&x",
        QUERY.replace("&offset=0", ""),
        "",
        QUERY + "%20",
    ],
)
def test_every_parameter_is_under_the_signature(query):
    assert not good(signed(query=query))


@given(st.sampled_from(sorted(PARAMETERS)), st.text(min_size=1, max_size=6))
def test_no_parameter_of_the_header_can_be_changed(name, text):
    changed = PARAMETERS | {name: PARAMETERS[name] + text}
    with contextlib.suppress(Unsigned):
        assert not good(signed(spelled(changed)))


@pytest.mark.parametrize(
    "nonce",
    [
        "1292f1d0e1754197b9ff9032f1c4b109",
        "98eb465c-bcbb-4b33-b80c-9f8d3468a92c",
        "1",
        "a+b/c==",
        "~" * 255,
        "8431942507265391",
    ],
)
def test_nonces_of_any_form_are_taken(nonce):
    assert good(request(header(KEY, SECRET, URL, nonce=nonce), URL))


def test_version_and_token_may_be_left_out_or_said():
    without = {name: value for name, value in PARAMETERS.items() if name not in ("oauth_version", "oauth_signature")}
    # worked out by hand, because oauthlib's client always sends a version and never an empty token
    for extra in ({}, {"oauth_token": ""}):
        pairs = sorted((without | extra | {"limit": "1"}).items())
        text = "&".join(f"{name}={quote(value, safe='-._~')}" for name, value in pairs)
        base = "&".join(["GET", quote(ADDRESS, safe=""), quote(text, safe="")])
        made = hmac.new(b"s3cr3t%26value&", base.encode(), "sha256").digest()
        full = without | extra | {"oauth_signature": base64.b64encode(made).decode()}
        assert good(signed(spelled(full), query="limit=1"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"oauth_signature_method": "PLAINTEXT", "oauth_signature": "s3cr3t%26value&"}, "must be HMAC-SHA256"),
        ({"oauth_signature_method": "RSA-SHA1"}, "must be HMAC-SHA256"),
        ({"oauth_signature_method": "hmac-sha256"}, "must be HMAC-SHA256"),
        ({"oauth_version": "2.0"}, "oauth_version"),
        ({"oauth_version": ""}, "oauth_version"),
        ({"oauth_token": "t"}, "tokens"),
        ({"oauth_nonce": ""}, "oauth_nonce"),
        ({"oauth_nonce": "n" * 256}, "oauth_nonce"),
        ({"oauth_nonce": "a\nb"}, "oauth_nonce"),
        ({"oauth_timestamp": "now"}, "oauth_timestamp"),
        ({"oauth_timestamp": "-1767657600"}, "oauth_timestamp"),
        ({"oauth_timestamp": "0001767657600"}, "oauth_timestamp"),
        ({"oauth_timestamp": "٣"}, "oauth_timestamp"),
        ({"oauth_timestamp": "9" * 13}, "oauth_timestamp"),
        ({"oauth_consumer_key": ""}, "oauth_consumer_key"),
        ({"oauth_consumer_key": "k\0"}, "oauth_consumer_key"),
        ({"oauth_signature": ""}, "oauth_signature is missing"),
        ({"oauth_body_hash": "bm8="}, "oauth_body_hash"),
    ],
)
def test_what_cannot_be_is_said_before_any_secret_is_looked_at(change, sentence):
    with pytest.raises(Unsigned, match=sentence):
        claim_of(signed(spelled(PARAMETERS | change)))


@pytest.mark.parametrize(
    "authorization",
    [
        "OAuth " + spelled(PARAMETERS)[6:] + ',oauth_nonce="n0nce-7f3a"',
        spelled(PARAMETERS) + ',oauth%5Fnonce="other"',
        spelled(PARAMETERS) + ",oauth_nonce=bare",
        spelled(PARAMETERS) + ',x="%ff"',
        "OAuth " + ",".join(["a"] * 3000),
        "OAuth x" + "=" * 5000,
        "OAuth ",
    ],
    ids=["twice", "twice in disguise", "no quotes", "not UTF-8", "long", "longer", "empty"],
)
def test_a_header_that_cannot_be_read_is_refused(authorization):
    with pytest.raises(Unsigned):
        claim_of(signed(authorization))


@pytest.mark.parametrize(
    "query", ["oauth_nonce=n", f"{QUERY}&oauth%5Fcallback=x", "a=%ff", "&".join("a=1" for _ in range(201))]
)
def test_oauth_parameters_in_the_address_and_unreadable_queries_are_refused(query):
    with pytest.raises(Unsigned):
        claim_of(signed(query=query))


@pytest.mark.parametrize("hashed", [hashlib.sha1, hashlib.sha256])
def test_a_body_hash_is_checked_when_it_is_there(hashed):
    told = base64.b64encode(hashed(b'{"result": 1}').digest()).decode()
    asked = signed(spelled(PARAMETERS | {"oauth_body_hash": told}), body=b'{"result": 1}')
    assert claim_of(asked)
    with pytest.raises(Unsigned, match="oauth_body_hash"):
        claim_of(replace(asked, body=b'{"result": 2}'))


@pytest.mark.parametrize("scheme", ["", "Bearer x", "Basic x", "OAuth", "OAuthority x"])
def test_other_schemes_are_none_of_ours(scheme):
    assert not is_signed(scheme)


def test_ports_that_go_without_saying_are_left_out_and_letters_of_the_host_are_small():
    authorization = header(KEY, SECRET, "https://SIS.example.org:443/ims/oneroster/v1p1/users")
    assert good(SignedRequest("GET", (ADDRESS,), "", authorization))
    elsewhere = header(KEY, SECRET, "http://127.0.0.1:8000/ims/oneroster/v1p1/users")
    both = (ADDRESS, "http://127.0.0.1:8000/ims/oneroster/v1p1/users")
    assert good(SignedRequest("GET", both, "", elsewhere))
    assert not good(SignedRequest("GET", (ADDRESS,), "", elsewhere))
