"""A small published district and a vendor that may read all of it."""

import copy
import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from connections import services
from roster.publishing import publish
from tests.live import address, portal

__all__ = ["address", "portal"]


class Vendor:
    """A vendor with a token; `get` answers below /ims/oneroster."""

    def __init__(self, client: Client, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def anew(self) -> "Vendor":
        """Return this vendor for another test, without cookies."""
        other = copy.copy(self)
        other.client = Client(raise_request_exception=False)
        return other

    def get(self, path: str, **extra: str):
        return self.client.get(f"/ims/oneroster{path}", headers={**self.headers, **extra})

    def body(self, path: str) -> dict:
        response = self.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code} {content(response)[:300]!r}"
        return json.loads(content(response))


def content(response) -> bytes:
    """The whole body of an answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def vendor(db, capsys) -> Vendor:
    today = timezone.now().date()
    call_command("seed_district", students=60, schools=2, seed="7", today=today)
    publish(timezone.now())
    capsys.readouterr()
    call_command("create_connection", "--application=Acme", "--version=1.2", "--share=demographics", "--json")
    made = json.loads(capsys.readouterr().out)
    client = Client()
    answer = client.post(
        "/oauth2/token",
        {
            "grant_type": "client_credentials",
            "client_id": made["client_id"],
            "client_secret": made["client_secret"],
        },
    )
    assert answer.status_code == 200, answer.content
    return Vendor(client, answer.json()["access_token"])


def vendor_that_reads_all(version: int) -> Vendor:
    """Return a vendor of that version with a token for all there is, demographics too."""
    application = services.application_named("Acme", partner=False, actor="admin")
    choices = {"version": version, "share_demographics": True}
    connection = services.create_connection(application, actor="admin", choices=choices)
    issued = services.add_credential(connection, actor="admin")
    form = {"grant_type": "client_credentials", "client_id": issued.credential.client_id}
    client = Client(raise_request_exception=False)
    answer = client.post("/oauth2/token", form | {"client_secret": issued.secret})
    return Vendor(client, answer.json()["access_token"])
