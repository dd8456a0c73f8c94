"""A signed request is good once: whatever is killed, emptied or started again meanwhile, no replay is accepted.

The database is one of the test's own, with the tables that matter here, and set not to wait for the disk by itself.
"""

import contextlib
import datetime as dt
import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
import redis
from django.apps import apps
from django.db import connection as database
from django.db import connections

from connections import services
from connections.models import TokenFailure
from connections.oauth1 import SignedRequest, Unsigned
from connections.services import Issued
from connections.signatures import grant_for_signature
from interop.embedded import Places, ensure
from interop.settings.databases import database as settings_of
from tests.connections.signing import header, request
from tests.embedded.conftest import eventually

URL = "https://portal.example.org/ims/oneroster/v1p1/users?limit=100&offset=0"
AT_ONCE = 8
APPS = {
    "interop": ("AuditEvent",),
    "connections": ("Application", "Connection", "Credential", "HandOver", "SharingSettings", "AccessToken",
                    "TokenFailure", "AccessLog", "Nonce"),
    "roster": ("School", "SchoolYear", "DistrictSettings", "SchedulingFinal"),
}  # fmt: skip
REPLAYS = 10_000 if os.environ.get("INTEROP_PROVE") else 160


@pytest.fixture
def acme(places: Places, django_db_blocker: Any) -> Iterator[Issued]:
    """The credentials of a vendor of OAuth 1, in the test's own database, which every thread now speaks to."""
    known = connections.settings["default"]
    with ensure(places), django_db_blocker.unblock():
        own = {"default": settings_of(places.database_url)}
        connections.settings["default"] = connections.configure_settings(own)["default"]
        _leave()
        try:
            _tables()
            application = services.application_named("Acme", partner=False, actor="admin")
            choices = {"version": 11, "oauth": 1, "expires_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}
            made = services.create_connection(application, actor="admin", choices=choices)
            yield services.add_credential(made, actor="admin")
        finally:
            _leave()
            connections.settings["default"] = known


def _leave() -> None:
    """Close this thread's connection; the next statement makes one by the settings."""
    if hasattr(connections._connections, "default"):
        connections["default"].close()
        del connections["default"]


def _tables() -> None:
    with database.schema_editor() as editor:
        for app, names in APPS.items():
            for name in names:
                editor.create_model(apps.get_model(app, name))
        editor.deferred_sql.clear()  # references to tables that are not here
    with psycopg.connect(**database.get_connection_params(), autocommit=True) as own:
        own.execute("ALTER SYSTEM SET synchronous_commit = off")
        own.execute("SELECT pg_reload_conf()")


def outcome(asked: SignedRequest) -> str:
    """Send it as a thread of its own process would, and say what became of it."""
    try:
        grant_for_signature(asked, address="192.0.2.1", request_id="r1")
    except Unsigned as refused:
        return "replay" if "accepted before" in str(refused) else str(refused)
    return "accepted"


def send(asked: list[SignedRequest], times: int) -> Counter[str]:
    """Send each request so many times, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(outcome, asked * times))


def accepted_by_a_process_that_is_killed(asked: SignedRequest) -> bool:
    """Let another process accept the request and kill it before it could say so."""
    _leave()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.kill(os.getpid(), signal.SIGKILL if outcome(asked) == "accepted" else signal.SIGTERM)
        os._exit(1)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def break_the_database(places: Places) -> None:
    """End PostgreSQL at once, as a crash does, and wait until its keeper has started it again."""
    pid = int((places.postgres / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(pid, signal.SIGQUIT)

    def is_back() -> bool:
        with contextlib.suppress(psycopg.OperationalError, OSError, ValueError):
            now = int((places.postgres / "postmaster.pid").read_text().split("\n", 1)[0])
            with psycopg.connect(places.database_url):
                return now != pid
        return False

    assert eventually(is_back)
    _leave()


def test_no_replay_is_accepted_across_a_killed_process_an_emptied_valkey_and_a_broken_database(
    acme: Issued, places: Places
) -> None:
    def fresh() -> SignedRequest:
        return request(header(acme.credential.client_id, acme.secret, URL), URL)

    first, killed, last = fresh(), fresh(), fresh()
    assert send([first], AT_ONCE) == {"accepted": 1, "replay": AT_ONCE - 1}
    assert accepted_by_a_process_that_is_killed(killed)
    redis.Redis.from_url(places.redis_url).flushall()
    assert outcome(last) == "accepted"
    break_the_database(places)
    assert send([first, killed, last, killed], REPLAYS // 4) == {"replay": REPLAYS}
    assert outcome(fresh()) == "accepted"
    assert not TokenFailure.objects.exists()
