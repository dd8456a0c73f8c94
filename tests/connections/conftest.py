import base64

import pytest
from django.test import Client

from connections import services
from roster.models import District, School


@pytest.fixture
def lincoln(db):
    district = District.objects.create(sourced_id="district", name="District")
    return School.objects.create(sourced_id="lincoln", district=district, name="Lincoln")


@pytest.fixture
def washington(lincoln):
    return School.objects.create(sourced_id="washington", district=lincoln.district, name="Washington")


@pytest.fixture
def vendor(db):
    """Makes a vendor: its connection and a fresh credential."""

    def make(name="Acme", *, partner=False, **choices):
        application = services.application_named(name, partner=partner, actor="admin")
        connection = services.create_connection(application, actor="admin", choices=choices)
        return connection, services.add_credential(connection, actor="admin")

    return make


@pytest.fixture
def acme(vendor):
    return vendor("Acme")


@pytest.fixture
def ask():
    """Asks the token endpoint as a program does, without cookies: by Basic, or by form with form=True."""
    client = Client(enforce_csrf_checks=True)

    def post(client_id, secret, /, *, form=False, address="192.0.2.1", path="/oauth2/token", **data):
        data.setdefault("grant_type", "client_credentials")
        headers = {}
        if form:
            data |= {"client_id": client_id, "client_secret": secret}
        else:
            headers["authorization"] = "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        return client.post(path, data, headers=headers, REMOTE_ADDR=address)

    return post
