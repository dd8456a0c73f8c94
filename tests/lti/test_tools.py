"""Tools in the data office: by hand, by themselves, accepted, keys fetched and rotated; every act is audited."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError

from interop import crypto, fetching, sealed
from interop.models import AuditEvent
from lti import jobs, keys, tools
from lti.models import Launch, PlatformKey, Registration, ServiceToken, Tool, UsedMark
from lti.protocol.keys import OVERLAP, SIGNS_FOR
from tests.lti import crafted
from tests.lti.conftest import NOW, TOOL, Clock, World, stranger
from tests.lti.test_protocol import WISH


def test_a_tool_registers_itself_once_and_waits_until_it_is_accepted(world: World, clock: Clock) -> None:
    url = tools.begin_registration(world.tool.application, f"{TOOL}/register?x=1", actor="admin", now=NOW)
    asked = parse_qs(urlsplit(url).query)
    about = stranger().get(urlsplit(asked["openid_configuration"][0]).path).json()
    assert about["issuer"] == about["registration_endpoint"].removesuffix("/lti/register")

    def send(body: Any, word: str) -> Any:
        headers = {"Authorization": f"Bearer {word}"}
        return stranger().post("/lti/register", json.dumps(body), "application/json", headers=headers)

    word = asked["registration_token"][0]
    assert send(WISH, "guess").status_code == 401
    assert send({**WISH, "jwks_uri": "http://10.0.0.1/keys"}, word).json()["error"] == "invalid_client_metadata"
    told = send(WISH, word)
    assert told.status_code == 200, told.content
    assert send(WISH, word).status_code == 401, "a word is good once"
    tool = Tool.objects.get(client_id=told.json()["client_id"])
    assert (tool.enabled, tool.accepted_at, tool.send_name, tool.score_passback) == (False, None, False, False)
    assert tool.asked["shared"] == ["email", "name"]
    assert Registration.objects.get().tool == tool
    accepted = tools.accept(tool, actor="officer", now=NOW, facts={"enabled": True, "send_name": True})
    assert (accepted.is_open, accepted.send_name, accepted.send_email) == (True, True, False)
    url = tools.begin_registration(world.tool.application, f"{TOOL}/register", actor="admin", now=NOW)
    clock.forward(hours=2)
    assert send(WISH, parse_qs(urlsplit(url).query)["registration_token"][0]).status_code == 401
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {"registered a learning tool", "accepted a learning tool", "changed a learning tool"} <= acts
    assert word not in json.dumps(list(AuditEvent.objects.values_list("before", "after")))
    guesses = [send(WISH, f"guess {number}") for number in range(10)]
    assert {each.status_code for each in guesses} == {401, 429}, "words are guessed as slowly as secrets"
    assert guesses[-1].headers["Retry-After"]


def test_what_is_unsafe_or_incomplete_is_not_registered(world: World) -> None:
    for wrong in (
        {"login_url": "http://tool.example/login"}, {"launch_url": ""}, {"redirect_urls": []}, {"name": " "},
        {"redirect_urls": ["javascript:alert(1)"]}, {"public_key": ""}, {"public_key": "nonsense"},
        {"key_set_url": f"{TOOL}/jwks"}, {"origins": ["https://a b"]}, {"custom": {"a": 1}},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            world.change(**wrong)


def test_an_end_is_at_once_and_scores_stay(world: World) -> None:
    world.start()
    world.bearer()
    tools.enable(world.tool, actor="admin", enabled=False)
    assert not Launch.objects.exists()
    assert not ServiceToken.objects.exists()
    assignment = world.link.assignment
    tools.delete(world.tool, actor="admin")
    assert assignment
    assignment.refresh_from_db()
    assert assignment.deleted_at is None
    assert AuditEvent.objects.filter(act="deleted a learning tool").get().before["client_id"]


def test_a_tools_keys_are_fetched_kept_and_fetched_again_when_one_is_unknown(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered, fetched = [crafted.key_set(crafted.jwk("stranger"))], list[str]()

    def fetch(url: str, **_told: object) -> bytes:
        fetched.append(url)
        if not offered[0]:
            raise fetching.NotFetched
        return offered[0].encode()

    monkeypatch.setattr(fetching, "fetch", fetch)
    world.change(public_key="", key_set_url=f"{TOOL}/jwks")
    assert world.token().status_code == 401, "signed with another key under this name"
    clock.forward(hours=2)
    offered[0] = crafted.key_set(crafted.jwk(kid="new"))
    assert world.token().status_code == 401
    offered[0] = crafted.key_set()
    assert (world.token().status_code, len(fetched)) == (401, 2), "not asked twice within a minute"
    clock.forward(minutes=2)
    assert (world.token().status_code, len(fetched)) == (200, 3)
    assert (world.token().status_code, len(fetched)) == (200, 3)
    offered[0] = ""
    clock.forward(hours=20)
    assert (world.token().status_code, len(fetched)) == (200, 4), "kept while they cannot be fetched"
    clock.forward(hours=5)
    assert world.token().status_code == 401, "but not for ever"


def test_our_key_is_sealed_and_its_successor_published_before_it_signs(world: World, clock: Clock) -> None:
    world.launch()
    [first] = stranger().get("/lti/jwks").json()["keys"]
    assert first.keys() == {"kty", "n", "e", "kid", "alg", "use"}
    row = PlatformKey.objects.get()
    assert b"PRIVATE" not in bytes(row.sealed)
    assert "BEGIN PRIVATE KEY" in crypto.unseal(row.sealed)
    assert "lti.sealed.PLACES" in sealed.TABLES
    clock.forward(days=(SIGNS_FOR - OVERLAP).days)
    jobs.daily(None)
    ids = [each["kid"] for each in stranger().get("/lti/jwks").json()["keys"]]
    assert (len(ids), ids[0]) == (2, first["kid"])
    spans = [keys._span(each) for each in PlatformKey.objects.order_by("pk")]
    assert [each.signs(clock()) for each in spans] == [True, False]
    clock.forward(days=OVERLAP.days)
    assert [each.signs(clock()) for each in spans] == [False, True]
    assert len(stranger().get("/lti/jwks").json()["keys"]) == 2
    clock.forward(days=OVERLAP.days)
    assert [each["kid"] for each in stranger().get("/lti/jwks").json()["keys"]] == ids[1:]


def test_what_is_long_over_is_deleted(world: World, clock: Clock) -> None:
    world.launch()
    world.bearer()
    assert all(model.objects.exists() for model in (Launch, ServiceToken, UsedMark))
    clock.forward(days=3)
    assert jobs.daily(None)
    assert not any(model.objects.exists() for model in (Launch, ServiceToken, UsedMark))
    assert tools.information(world.tool)
