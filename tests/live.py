"""A running portal: the real web server in processes of its own, with a small published district and a vendor."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connection as database
from django.test import override_settings

from connections import services
from interop.portal import programs
from roster.models import District, School
from tests.conftest import TEST_DATA
from tests.reading.published import LINCOLN, WASHINGTON, publish_district

START_WITHIN = 180


@dataclass(frozen=True)
class Portal:
    """Where it runs, and what the vendor Acme was handed."""

    url: str
    client_id: str
    secret: str = field(repr=False)

    def token(self) -> str:
        """Return a new access token."""
        answer = requests.post(
            f"{self.url}/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.secret),
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


@pytest.fixture(scope="session")
def address(django_db_setup: None) -> Iterator[str]:
    """Serve this process's test database, whatever is in it, as long as the tests run; yield the address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with _serving(port, url):
        yield url


@pytest.fixture(scope="module")
def portal(address: str, django_db_blocker: Any) -> Iterator[Portal]:
    """Publish Lincoln and Washington for good, and empty the tables afterwards; numbers are not given out again."""
    with django_db_blocker.unblock(), override_settings(PUBLIC_URL=address):
        try:
            yield Portal(address, *_district_and_vendor())
        finally:
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def free_port() -> int:
    """Return a port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _district_and_vendor() -> tuple[str, str]:
    publish_district()
    district = District.objects.create(sourced_id="d", name="District")
    for number, name in ((LINCOLN, "lincoln"), (WASHINGTON, "washington")):
        School.objects.create(id=number, sourced_id=name, name=name.title(), district=district)
    acme = services.application_named("Acme", partner=False, actor="admin")
    issued = services.add_credential(services.create_connection(acme, actor="admin"), actor="admin")
    return issued.credential.client_id, issued.secret


@contextlib.contextmanager
def _serving(port: int, url: str) -> Iterator[None]:
    """Run the portal's web server; its output is shown when it does not start."""
    processes = 2 if os.environ.get("INTEROP_PROVE") else 1
    command = [sys.executable, *programs.web_server(port, "tests.live_wsgi:application", processes=processes)]
    environment = {
        **os.environ,
        "PUBLIC_URL": url,
        "LTI_ALLOW_PRIVATE_TOOLS": "1",  # tools of the tests run here
        "INTEROP_TEST_DATABASE": str(database.settings_dict["NAME"]),
        "SECRET_KEY": settings.SECRET_KEY,  # sessions that a test makes hold there too
        "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
        **({"DATA_DIR": os.environ[TEST_DATA]} if settings.EMBEDDED else {}),
    }
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=said, stderr=said)
        try:
            if not _answers(process, url):
                said.seek(0)
                pytest.fail(f"The web server did not start: {said.read().decode()[-2000:]}")
            yield
        finally:
            process.terminate()
            process.wait(30)


def _answers(process: "subprocess.Popen[bytes]", url: str) -> bool:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            return requests.get(f"{url}/livez", timeout=5).status_code == 200
        time.sleep(0.05)
    return False
