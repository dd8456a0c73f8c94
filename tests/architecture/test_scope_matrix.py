"""The scope matrix: every endpoint, method, version, way to sign in and scope, against a table of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections import expiry, services
from interop.oneroster.endpoints import SCOPE_PREFIX
from roster.endpoints import ENDPOINTS
from roster.models import Edition
from tests.connections.signing import header

BASES = {11: "/ims/oneroster/v1p1", 12: "/ims/oneroster/{}/v1p2"}
NAMES = ("roster.readonly", "roster-core.readonly", "roster-demographics.readonly", "resource.readonly")
SCOPES = {11: NAMES, 12: (*NAMES, "resource-core.readonly")}
NOT_OFFERED = ("POST", "PUT", "PATCH", "DELETE")
Caller = Callable[[str, str], Any]


def opened_by(path: str) -> set[str]:
    """Which scopes open an endpoint: one that hangs on a parent wants more than the plain lists and single objects."""
    if path.startswith("/demographics"):
        return {"roster-demographics.readonly"}
    kind = "resource" if path.endswith("/resources") or path.startswith("/resources/") else "roster"
    related = len([part for part in path.split("/") if part]) > 2
    return {f"{kind}.readonly"} | (set() if related else {f"{kind}-core.readonly"})


def addresses(version: int) -> Iterator[tuple[str, set[str]]]:
    for endpoint in ENDPOINTS:
        if endpoint.exists_in(version):
            path = endpoint.path.replace("{", "no-").replace("}", "")
            yield BASES[version].format(endpoint.service) + path, opened_by(endpoint.path)


def tokens(version: int) -> Iterator[tuple[set[str], Caller]]:
    """A vendor of the version with a token for each scope alone."""
    application = services.application_named("Acme", partner=False, actor="admin")
    connection = services.create_connection(
        application, actor="admin", name=f"By token {version}", choices={"version": version, "share_demographics": True}
    )
    issued = services.add_credential(connection, actor="admin")
    client = Client()
    for name in SCOPES[version]:
        answer = client.post("/oauth2/token", {
            "grant_type": "client_credentials", "client_id": issued.credential.client_id,
            "client_secret": issued.secret, "scope": SCOPE_PREFIX[version] + name,
        })  # fmt: skip
        bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
        yield {name}, lambda method, path, bearer=bearer: client.generic(method, path, headers=bearer)


def signatures() -> Iterator[tuple[set[str], Caller]]:
    """A vendor that signs: it has every scope of 1.1 but demographics."""
    application = services.application_named("Bolt", partner=False, actor="admin")
    choices = {"version": 11, "oauth": 1, "expires_at": expiry.year_from(timezone.now())}
    connection = services.create_connection(application, actor="admin", choices=choices)
    issued = services.add_credential(connection, actor="admin")
    client = Client()

    def send(method: str, path: str) -> Any:
        signed = header(issued.credential.client_id, issued.secret, f"http://testserver{path}", method=method)
        return client.generic(method, path, headers={"authorization": signed})

    yield set(NAMES) - {"roster-demographics.readonly"}, send


@pytest.fixture
def callers(db: None) -> list[tuple[int, set[str], Caller]]:
    """Everybody who may ask: (version of the connection, scopes, how to send)."""
    Edition.objects.create(number=1, published_at=timezone.now(), counts={}, fingerprint="x")
    kinds = ((12, tokens(12)), (11, tokens(11)), (11, signatures()))
    return [(version, scopes, send) for version, found in kinds for scopes, send in found]


def test_an_endpoint_opens_with_its_scope_in_its_version_and_with_nothing_else(
    callers: list[tuple[int, set[str], Caller]],
) -> None:
    seen: dict[int, int] = {}
    for version in BASES:
        for path, needed in addresses(version):
            for own, scopes, send in callers:
                signs = len(scopes) > 1
                answer = send("GET", path)
                if signs and version == 12:
                    wanted = {401}  # signatures are of 1.1 alone
                elif own != version or not scopes & needed:
                    wanted = {403}
                else:  # nothing is published, so single objects are unknown, and parents are where 1.2 minds
                    wanted = {404} if "no-" in path and (version == 12 or "sourcedId" in path) else {200}
                assert {answer.status_code} == wanted, (version, path, own, scopes)
                seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
    assert sum(seen.values()) == (46 + 45) * len(callers)
    assert set(seen) == {200, 401, 403, 404}


def test_nobody_opens_an_endpoint_and_no_other_method_does(callers: list[tuple[int, set[str], Caller]]) -> None:
    client = Client()
    _, _, signing = callers[-1]
    for version in BASES:
        for path, _needed in addresses(version):
            assert client.get(path).status_code == client.head(path).status_code == 401, path
            for method in NOT_OFFERED:
                answer = (client.generic(method, path), signing(method, path))[version == 11]
                assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS"), (method, path)
            assert client.options(path).status_code == 204
