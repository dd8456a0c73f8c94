"""Whatever refuses a request, it speaks as the address does: a statusInfoSet in 1.1, the bare object in 1.2."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from connections import limits, services
from connections.limits import TooMany
from roster.reading import pull

BASES = {11: "/ims/oneroster/v1p1", 12: "/ims/oneroster/rostering/v1p2"}
Refuse = Callable[[Client, str, dict[str, str], pytest.MonkeyPatch], Any]


def busy(*_args: Any) -> Any:
    raise TooMany(7000)


def gone(*_args: Any) -> Any:
    raise OperationalError


def broken(*_args: Any) -> Any:
    raise ZeroDivisionError


def with_patch(target: Any, name: str, fault: Callable[..., Any]) -> Refuse:
    def ask(client: Client, base: str, token: dict[str, str], patch: pytest.MonkeyPatch) -> Any:
        patch.setattr(target, name, fault)
        return client.get(f"{base}/users", headers=token)

    return ask


REFUSALS: list[tuple[int, str, str, Refuse]] = [
    (400, "invaliddata", "host", lambda client, base, token, _: client.get(
        f"{base}/users", headers=token | {"host": "elsewhere.example"})),
    (400, "invaliddata", "limit", lambda client, base, token, _: client.get(f"{base}/users?limit=x", headers=token)),
    (401, "unauthorisedrequest", "no token", lambda client, base, *_: client.get(f"{base}/users")),
    (403, "forbidden", "no scope", lambda client, base, token, _: client.get(f"{base}/demographics", headers=token)),
    (404, "unknownobject", "route", lambda client, base, token, _: client.get(f"{base}/shoes", headers=token)),
    (404, "unknownobject", "nothing", lambda client, base, token, _: client.get(f"{base}/", headers=token)),
    (405, "invaliddata", "method", lambda client, base, token, _: client.put(f"{base}/users", headers=token)),
    (406, "invaliddata", "accept", lambda client, base, token, _: client.get(
        f"{base}/users", headers=token | {"accept": "text/html"})),
    (429, "server_busy", "busy", with_patch(limits, "come_in", busy)),
    (503, "server_busy", "database", with_patch(pull, "read_list", gone)),
    (500, "internal_server_error", "fault", with_patch(pull, "read_list", broken)),
]  # fmt: skip


@pytest.fixture
def tokens(db: None, settings: Any) -> dict[int, dict[str, str]]:
    """What a vendor of each version sends with its requests; without demographics."""
    settings.ALLOWED_HOSTS = ["testserver"]
    application, found = services.application_named("Acme", partner=False, actor="admin"), {}
    for version in BASES:
        connection = services.create_connection(
            application, actor="admin", name=f"Acme {version}", choices={"version": version}
        )
        issued = services.add_credential(connection, actor="admin")
        form = {"client_id": issued.credential.client_id, "client_secret": issued.secret}
        answer = Client().post("/oauth2/token", form | {"grant_type": "client_credentials"})
        found[version] = {"authorization": f"Bearer {answer.json()['access_token']}", "x-request-id": "trace-0001"}
    return found


@pytest.mark.parametrize(("status", "minor", "ask"), [(each[0], each[1], each[3]) for each in REFUSALS],
                         ids=[f"{each[0]}-{each[2]}" for each in REFUSALS])  # fmt: skip
def test_a_refusal_takes_the_shape_of_the_version_in_the_address(
    tokens: dict[int, dict[str, str]], monkeypatch: pytest.MonkeyPatch, status: int, minor: str, ask: Refuse
) -> None:
    for version, base in BASES.items():
        answer = ask(Client(raise_request_exception=False), base, tokens[version], monkeypatch)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
        told = answer.json()
        if version == 11:
            assert list(told) == ["statusInfoSet"]
            [info] = told["statusInfoSet"]
            assert info["imsx_codeMinor"] == {
                "unknownobject": "unknown object", "invaliddata": "invalid data",
                "unauthorisedrequest": "unauthorized",
            }.get(minor, minor)  # fmt: skip
        else:
            info, [field] = told, told["imsx_CodeMinor"]["imsx_codeMinorField"]
            assert field["imsx_codeMinorFieldValue"] == minor
        assert info["imsx_codeMajor"] == ("unsupported" if status == 405 else "failure")
        assert info["imsx_severity"] == "error"
        assert info["imsx_description"]


def test_a_401_names_every_way_to_sign_in_that_its_version_has(tokens: dict[int, dict[str, str]]) -> None:
    asked = {version: Client().get(f"{base}/users")["WWW-Authenticate"] for version, base in BASES.items()}
    assert asked == {
        11: 'OAuth realm="oneroster", Bearer realm="oneroster"', 12: 'Bearer realm="oneroster"',
    }  # fmt: skip


def test_who_sends_neither_token_nor_signature_is_told_of_every_way_its_version_has(
    tokens: dict[int, dict[str, str]],
) -> None:
    def told(version: int, **headers: str) -> str:
        answer = Client().get(f"{BASES[version]}/users", headers=headers).json()
        return str((answer["statusInfoSet"][0] if version == 11 else answer)["imsx_description"])

    for nothing in ({}, {"authorization": "Basic eDp5"}):
        assert "access token or a signature" in told(11, **nothing)
        assert "OAuth 1.0a" in told(11, **nothing)
        assert told(12, **nothing) == "A valid access token is needed. Ask the token endpoint for a new one."
    for version in BASES:
        assert "signature" not in told(version, authorization="Bearer x"), "whoever has a token needs a new one"
