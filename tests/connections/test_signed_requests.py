"""Signed requests as they arrive over HTTP, with the errors of OneRoster 1.1."""

import base64
import datetime as dt
import hashlib
import json
from urllib.parse import quote, unquote

import pytest
from django.test import Client

from connections import guessing, services
from connections.models import AccessLog
from connections.secret import new_client_id
from roster.models import Edition
from tests.connections.signing import SHA1, header
from tests.reading.published import MOMENT, publish

LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
PUBLIC = "https://portal.example.org"
V1P1 = "/ims/oneroster/v1p1"
QUERY = "?limit=2&filter=role%3D%27student%27%20AND%20status%3D%27active%27"
IDS = ["a@b", "a/b", "c//d", "x/classes", "ö x", "it's", "class:1", "1;2", "100%", "a+b", "a%2Fb", "(v1)!*", "~_.-"]


@pytest.fixture
def acme(vendor, settings):
    settings.PUBLIC_URL = PUBLIC
    settings.HTTPS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["portal.example.org", "127.0.0.1"]
    Edition.objects.create(number=1, published_at=MOMENT, counts={}, fingerprint="x")
    for name in (*IDS, "a/b/classes"):
        facts = {"username": name, "enabledUser": True, "givenName": "Ada", "familyName": "B", "orgs": []}
        publish("user", name, version=11, role="student", **facts)
    return vendor("Acme", version=11, oauth=1, expires_at=LATER)


@pytest.fixture
def call(acme):
    """Sends a request signed for the public address, by way of a proxy that ends https."""
    _, issued = acme

    def send(
        path=V1P1 + "/users" + QUERY, *, signed_for=None, key=None, secret=None, host="127.0.0.1:8000", body=b"", **how
    ):
        url = PUBLIC + (signed_for or path)
        authorization = header(key or issued.credential.client_id, secret or issued.secret, url, **how)
        return Client().generic(
            how.get("method", "GET"),
            path,
            body,
            headers={"authorization": authorization, "host": host, "x-forwarded-proto": "https"},
        )

    return send


def test_a_signature_for_the_public_address_is_found_behind_a_proxy(call, acme):
    for host in ("portal.example.org", "127.0.0.1:8000"):
        answer = call(host=host)
        assert (answer.status_code, answer["X-Total-Count"], len(answer.json()["users"])) == (200, str(len(IDS) + 1), 2)
        assert f"<{PUBLIC}{V1P1}/users?" in answer["Link"]
    assert {row.connection_id for row in AccessLog.objects.filter(operation="getAllUsers")} == {acme[0].pk}


@pytest.mark.parametrize("name", IDS)
def test_an_id_with_unusual_characters_may_be_written_in_every_way(call, name):
    for left_alone in ("", "@:", "!'()*"):
        path = f"{V1P1}/users/{quote(name, safe=left_alone)}"
        assert call(path).json()["user"]["sourcedId"] == name, path
    lower = quote(name, safe="").replace("%2F", "%2f").replace("%C3%B6", "%c3%b6")
    assert call(f"{V1P1}/users/{lower}").json()["user"]["sourcedId"] == name
    assert call(path, signed_for=f"{V1P1}/users/other").status_code == 401


@pytest.mark.parametrize("name", [*IDS, "a/b/classes"])
def test_a_server_that_hands_on_the_path_as_it_came_is_believed(acme, name):
    _, issued = acme
    path = f"{V1P1}/users/{quote(name, safe='')}"
    signed = header(issued.credential.client_id, issued.secret, PUBLIC + path)
    headers = {"authorization": signed, "host": "portal.example.org", "x-forwarded-proto": "https"}
    answer = Client().generic("GET", quote(unquote(path)), headers=headers, RAW_URI=path)
    assert answer.json()["user"]["sourcedId"] == name


def test_a_path_with_needless_slashes_may_be_signed_as_it_is(call):
    for path in (f"{V1P1}//users", f"{V1P1}/users/", f"/ims/oneroster/rostering/v1p1/users{QUERY}"):
        assert call(path).status_code == 200, path


def test_a_refusal_has_the_shape_of_1_1_and_asks_for_a_signature_or_a_token(call):
    wrong, unknown = call(secret="guessed"), call(key=new_client_id())
    [told] = wrong.json()["statusInfoSet"]
    assert (told["imsx_codeMajor"], told["imsx_severity"], told["imsx_codeMinor"]) == (
        "failure",
        "error",
        "unauthorized",
    )
    told.pop("imsx_messageRefIdentifier")
    for answer in (wrong, unknown):
        [info] = answer.json()["statusInfoSet"]
        info.pop("imsx_messageRefIdentifier", "")
        assert (answer.status_code, info) == (401, told)
        assert answer["WWW-Authenticate"] == 'OAuth realm="oneroster", Bearer realm="oneroster"'


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
        assert call(body=sent, body_hash=told).status_code == status


def test_hmac_sha1_opens_from_the_request_on_that_follows_its_switch(call, acme):
    assert call(how=SHA1).status_code == 401
    services.change_connection(acme[0], actor="ada", allow_sha1=True)
    assert call(how=SHA1).status_code == 200


def test_a_signature_opens_1_1_alone_and_never_demographics(call):
    users = "/ims/oneroster/rostering/v1p2/users"
    answer = call(users)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="oneroster"')
    assert "imsx_CodeMinor" in answer.json()
    assert call(f"{V1P1}/demographics").status_code == 403


def test_the_cut_off_acts_on_the_next_signed_request(call, acme):
    assert call().status_code == 200
    services.disable(acme[0], actor="ada")
    assert call().status_code == 401


def test_head_is_signed_as_head_and_a_token_is_good_at_1_1_too(call, vendor):
    assert (call(method="HEAD").status_code, call(method="HEAD").content) == (200, b"")
    _, issued = vendor("Bolt", version=11)
    form = {"client_id": issued.credential.client_id, "client_secret": issued.secret}
    there = {"host": "portal.example.org", "x-forwarded-proto": "https"}
    asked = Client().post("/oauth2/token", form | {"grant_type": "client_credentials"}, headers=there)
    for token, status in ((asked.json()["access_token"], 200), ("x", 401)):
        answer = Client().get(f"{V1P1}/users", headers=there | {"authorization": f"Bearer {token}"})
        assert answer.status_code == status
