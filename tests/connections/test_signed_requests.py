"""Signed requests as they arrive over HTTP, with the errors of OneRoster 1.1."""

import base64
import datetime as dt
import hashlib
import json

import pytest
from django.test import Client

from connections import guessing
from connections.secret import new_client_id
from tests.connections.signing import header

LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
USERS = "/ims/oneroster/v1p1/users"
QUERY = "?limit=2&filter=role%3D%27student%27%20AND%20status%3D%27active%27"


@pytest.fixture
def acme(vendor, settings):
    settings.ROOT_URLCONF = "tests.connections.signed_view"
    settings.PUBLIC_URL = "https://portal.example.org"
    settings.HTTPS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["portal.example.org", "127.0.0.1"]
    return vendor("Acme", version=11, oauth=1, expires_at=LATER)


@pytest.fixture
def call(acme):
    """Sends a request signed for the public address, by way of a proxy that ends https."""
    _, issued = acme

    def send(path=USERS + QUERY, *, signed_for=None, key=None, secret=None, host="127.0.0.1:8000", body=None, **how):
        url = "https://portal.example.org" + (signed_for or path)
        authorization = header(key or issued.credential.client_id, secret or issued.secret, url, **how)
        return Client().generic(
            how.get("method", "GET"),
            path,
            body or b"",
            headers={"authorization": authorization, "host": host, "x-forwarded-proto": "https"},
        )

    return send


def test_a_signature_for_the_public_address_is_found_behind_a_proxy(call, acme):
    for host in ("portal.example.org", "127.0.0.1:8000"):
        answer = call(host=host)
        assert (answer.status_code, answer.json()) == (200, {"connection": acme[0].pk})


@pytest.mark.parametrize(
    "path", ["/a%40b", "/a@b", "/%C3%B6%20x", "/%c3%b6", "/it's", "//u1", "/u1/", "/class%3A1", "/class:1;2", "/100%25"]
)
def test_ids_with_unusual_characters_may_be_encoded_in_the_path(call, path):
    assert call(USERS + path).status_code == 200
    assert call(USERS + path, signed_for=USERS + "/other").status_code == 401


def test_a_refusal_has_the_shape_of_1_1_and_asks_for_a_signature(call):
    wrong, unknown = call(secret="guessed"), call(key=new_client_id())
    [told] = wrong.json()["statusInfoSet"]
    assert (told["imsx_codeMajor"], told["imsx_severity"], told["imsx_codeMinor"]) == (
        "failure",
        "error",
        "unauthorized",
    )
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'OAuth realm="oneroster"'
        assert answer.json() == wrong.json()


def test_too_many_guesses_are_told_to_wait(call):
    for _ in range(guessing.PAIR_LIMIT):
        call(secret="guessed")
    answer = call()
    assert answer.status_code == 429
    assert answer.json()["statusInfoSet"][0]["imsx_codeMinor"] == "server_busy"
    assert 0 < int(answer["Retry-After"]) <= guessing.WINDOW


def test_a_body_that_was_hashed_must_be_the_one_that_comes(call):
    body = json.dumps({"result": {"score": 1}}).encode()
    told = base64.b64encode(hashlib.sha256(body).digest()).decode()
    for sent, status in ((body, 200), (body + b" ", 401)):
        assert call(method="PUT", body=sent, body_hash=told).status_code == status


def test_other_schemes_are_left_to_the_next(call):
    answer = Client().get(USERS, headers={"authorization": "Bearer x", "host": "portal.example.org"})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="oneroster"')
