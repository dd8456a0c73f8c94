"""What the whole suite stands on: real servers of its own, no network, and how many examples a property tries."""

import contextlib
import fcntl
import gc
import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test.client import ClientHandler
from django.test.signals import setting_changed
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import blocking_manager_key
from whitenoise.middleware import WhiteNoiseMiddleware

from interop.embedded import Places, ensure
from interop.oneroster import shortway
from interop.oneroster.answers import Answer
from interop.settings.base import broker_url
from interop.settings.checks import is_loopback
from tests import databases

TEST_DATA = "INTEROP_TEST_DATA_DIR"
SELDOM = 50_000
"""New objects after which garbage is looked for: what is imported and collected makes millions that stay."""
gc.set_threshold(SELDOM)
LONG = {"portal", "deploy", "crashing", "embedded", "browser"}
"""Folders whose tests start whole programs."""
servers = pytest.StashKey[contextlib.ExitStack]()

PROVE = bool(os.environ.get("INTEROP_PROVE"))
MOST = 1000
DEAR = MOST if PROVE else 3
"""How many examples a property tries that makes and publishes a district for each."""
hypothesis_settings.register_profile(
    # the same examples every time; `make prove` looks for new ones
    "small",
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.register_profile(
    "prove", max_examples=MOST, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("prove" if PROVE else "small")


@contextlib.contextmanager
def test_data_dir() -> Iterator[Path]:
    """Yield the suite's DATA_DIR: made by the first process, handed on to xdist's workers, removed with its servers."""
    if given := os.environ.get(TEST_DATA):
        yield Path(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="interop-tests-"))
    folder.chmod(0o755)
    os.environ[TEST_DATA] = str(folder)
    try:
        yield folder
    finally:
        del os.environ[TEST_DATA]
        shutil.rmtree(Places.of(folder).home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def stay_on_this_machine() -> None:
    """Fail every test that opens a connection to another machine; loopback and Unix sockets stay open."""

    def guarded(connect: Any) -> Any:
        def only_here(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
                pytest.fail(f"This test tried to reach {address[0]} port {address[1]}; tests use no network.")
            return connect(self, address)

        return only_here

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, guarded(getattr(socket.socket, name)))


def write_no_longer_than_needed(places: Places) -> None:
    """Let the suite's server leave the disk to the kernel: its data outlives every kill, and no power cut matters."""
    with psycopg.connect(places.database_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


def own_database() -> int:
    """Return the number of this process's Valkey database: a test that clears the cache empties nobody else's."""
    return 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def pytest_configure(config: pytest.Config) -> None:
    """Close the network; start the embedded servers for the session, unless DATABASE_URL names others."""
    stay_on_this_machine()
    if settings.EMBEDDED is None or config.option.help or config.option.collectonly:
        return
    stack = config.stash[servers] = contextlib.ExitStack()
    places = Places.of(stack.enter_context(test_data_dir()))
    stack.enter_context(ensure(places))
    write_no_longer_than_needed(places)
    settings.DATABASES["default"]["HOST"] = str(places.sockets)
    settings.REDIS_URL = settings.CACHES["default"]["LOCATION"] = f"{places.redis_url}?db={own_database()}"
    settings.CELERY_BROKER_URL = broker_url(places.redis_url)
    settings.BODY_MIRROR = None  # tests undo what they published and number it anew
    settings.CELERY_TASK_DEFAULT_QUEUE = f"tests {own_database()}"
    if config.option.dist != "no" and not hasattr(config, "workerinput") and not config.option.reuse_db:
        config.option.testrunuid = uuid.uuid4().hex
        stack.callback(os.waitpid, databases.begin(config.stash[blocking_manager_key], config.option.testrunuid), 0)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Stand in for the fixture of pytest-django, by which every process migrates a database of its own."""
    told = request.config.option
    with databases.made(request.getfixturevalue("django_db_blocker"), keep=told.reuse_db, anew=told.create_db):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Let one process after the other collect: what the first one compiles the others only read."""
    with contextlib.ExitStack() as stack:
        if TEST_DATA in os.environ:
            turn = stack.enter_context((Path(os.environ[TEST_DATA]) / "collecting").open("w"))
            fcntl.flock(turn, fcntl.LOCK_EX)
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, so that no process is alone with them at the end."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage no more among all that was imported and collected."""
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the servers; the last process out stops and removes them."""
    if stack := config.stash.get(servers, None):
        stack.close()


@pytest.fixture(autouse=True, scope="session")
def _static_files_found_once() -> Iterator[None]:
    """Let every test client know the static files, which only the first one looks for: that takes as long as a page."""
    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            look(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add)
        yield


@pytest.fixture(autouse=True, scope="session")
def _through_the_gate() -> Iterator[None]:
    """Let the test client ask as vendors do: what bearers read is answered before Django's middleware."""

    def get_response(handler: ClientHandler, request: HttpRequest) -> HttpResponseBase:
        answer = shortway.read_at_once(request) or BaseHandler.get_response(handler, request)
        return answer.for_django() if isinstance(answer, Answer) else answer

    def changed(**_told: Any) -> None:
        """Forget what the short way remembers for as long as the settings stay as they are."""
        shortway._let_in.cache_clear()

    setting_changed.connect(changed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "get_response", get_response)
        yield
