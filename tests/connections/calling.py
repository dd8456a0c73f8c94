"""A vendor that calls: a published district of two schools, a connection, a token, and a program's client."""

from typing import Any

import pytest
from django.test import Client

from connections import services
from connections.models import Connection
from roster.models import District, School
from tests.reading.published import LINCOLN, WASHINGTON, publish_district

V12 = "/ims/oneroster/rostering/v1p2"
V11 = "/ims/oneroster/v1p1"


class Caller:
    """One connection with a token."""

    def __init__(self, name: str = "Acme", **choices: Any) -> None:
        application = services.application_named(name, partner=False, actor="admin")
        self.connection = services.create_connection(application, actor="admin", choices=choices)
        self.issued = services.add_credential(self.connection, actor="admin")
        self.address = "192.0.2.1"
        self.token = self.ask_for_token().json()["access_token"]

    def ask_for_token(self, scope: str = "") -> Any:
        """Ask the token endpoint."""
        facts = {"client_id": self.issued.credential.client_id, "client_secret": self.issued.secret, "scope": scope}
        data = {"grant_type": "client_credentials", **facts}
        return Client().post("/oauth2/token", data, REMOTE_ADDR=self.address)

    def get(self, path: str, method: str = "get", **headers: str) -> Any:
        """Send a request with the token; the path begins below the version's address, or is a whole one."""
        base = "" if path.startswith("/ims") else (V11 if self.connection.version == 11 else V12)
        given = {"authorization": f"Bearer {self.token}", **headers}
        return getattr(Client(), method)(base + path, headers=given, REMOTE_ADDR=self.address)

    def now(self) -> Connection:
        """Return the connection as it is in the database."""
        return Connection.objects.get(pk=self.connection.pk)


@pytest.fixture
def district(db: None) -> None:
    """Publish Lincoln and Washington, with their schools as rows too."""
    publish_district()
    home = District.objects.create(sourced_id="d", name="District")
    for number, name in ((LINCOLN, "lincoln"), (WASHINGTON, "washington")):
        School.objects.create(id=number, sourced_id=name, name=name.title(), district=home)


@pytest.fixture
def caller(district: None) -> Caller:
    """Make the vendor Acme."""
    return Caller()
