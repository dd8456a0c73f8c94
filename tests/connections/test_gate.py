"""The gate answers what bearers read itself, as Django would, and hands everything else on."""

import io
import json
import posixpath
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from connections.gate import Gate
from connections.models import AccessLog
from tests.connections.calling import V12, Caller, caller, district

__all__ = ["caller", "district"]
PAGE = "limit=2&offset=2"


class Door:
    """The gate before an application, and what was handed on to it."""

    def __init__(self, vendor: Caller) -> None:
        self.bearer = f"Bearer {vendor.token}"
        self.handed_on: list[str] = []
        portal = get_wsgi_application()

        def application(environ: dict[str, Any], start: Any) -> Any:
            self.handed_on.append(environ["PATH_INFO"])
            return portal(environ, start)

        self.gate = Gate(application)

    def ask(self, path: str, query: str = "", through: Any = None, **more: str) -> tuple[str, dict[str, str], bytes]:
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_AUTHORIZATION": self.bearer, "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), **more,
        }  # fmt: skip
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)  # the test's connection stays, as with the test client
        said: list[Any] = []
        answer = (through or self.gate)(environ, lambda *told: said.append(told))
        body = b"".join(answer)
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        return said[0][0], dict(said[0][1]), body


@pytest.fixture
def door(caller: Caller) -> Door:
    caller.get("/users?limit=2")
    return Door(caller)


@pytest.mark.parametrize(
    ("status", "path", "query"),
    [
        (200, "/users", PAGE), (200, "/users/", PAGE), (200, "/users", "limit=2&fields=sourcedId,roles"),
        (200, "/users", "sort=username"), (200, "/users", "filter=givenName~'amy'"), (200, "/orgs", ""),
        (200, "/users/amy", ""), (200, "/users/amy", "fields=givenName"), (200, "/schools/lincoln/classes", ""),
        (200, "/classes/c-l/students", PAGE), (200, f"{V12}/users/amy", ""), (404, "/users/nobody", ""),
        (404, "/users/a/b", ""), (404, "/classes/none/students", ""), (404, f"/users/{'a' * 255}", ""),
        (400, "/users/amy", "fields="), (403, "/demographics", ""), (403, "/demographics/amy", ""),
        (403, "/../../gradebook/v1p2/results", ""), (403, "/../../gradebook/v1p2/classes/c-l/results", ""),
    ],
)  # fmt: skip
def test_what_a_bearer_reads_is_answered_at_the_gate_as_django_answers_it(
    status: int, path: str, query: str, door: Door
) -> None:
    whole_path = V12 + path if path.endswith("/") else posixpath.normpath(V12 + path)
    short = door.ask(whole_path, query, HTTP_X_REQUEST_ID="the-same-id")
    assert door.handed_on == []
    whole = door.ask(whole_path, query, through=get_wsgi_application(), HTTP_X_REQUEST_ID="the-same-id")
    for _, headers, _ in (short, whole):
        headers.pop("RateLimit")
    assert short == whole
    assert short[0].startswith(str(status))
    told = ("operation", "status", "filter_fields", "records", "total", "bytes", "edition", "record", "ids", "address")
    assert len(set(AccessLog.objects.filter(request_id="the-same-id").values_list(*told))) == 1
    assert AccessLog.objects.filter(request_id="the-same-id").count() == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"path": f"{V12}/shoes"}, {"path": f"{V12}/"}, {"path": f"{V12}/users/\xc3\xa9"}, {"path": "/admin/"},
        {"path": f"{V12}/users/a\0"}, {"path": f"{V12}/users/{'a' * 256}"}, {"path": f"/{V12}/users"},
        {"query": "limit=x"}, {"REQUEST_METHOD": "HEAD"}, {"REQUEST_METHOD": "PUT"},
        {"HTTP_HOST": "elsewhere.example"}, {"HTTP_ACCEPT": "text/html"}, {"HTTP_AUTHORIZATION": "Bearer nobody"},
        {"HTTP_AUTHORIZATION": ""},
    ],
    ids=lambda asked: next(iter(asked.values())) or "no token",
)  # fmt: skip
def test_whatever_is_no_such_read_is_handed_on(door: Door, asked: dict[str, str]) -> None:
    path, query = asked.pop("path", f"{V12}/users"), asked.pop("query", PAGE)
    door.ask(path, query, **asked)
    assert door.handed_on == [path]


def test_without_https_where_https_is_asked_a_page_is_handed_on(caller: Caller, settings: Any) -> None:
    caller.get("/users?limit=2")
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    door = Door(caller)
    assert door.ask(f"{V12}/users", PAGE, HTTP_X_FORWARDED_PROTO="https")[0] == "200 OK"
    assert door.handed_on == []
    assert door.ask(f"{V12}/users", PAGE)[0].startswith("301")
    assert door.handed_on == [f"{V12}/users"]


def test_a_page_the_log_cannot_tell_of_is_not_sent(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connections.access.Call._write", lambda *_: 1 / 0)
    status, _, body = door.ask(f"{V12}/users", PAGE)
    assert status.startswith("500")
    assert json.loads(body)["imsx_codeMajor"] == "failure"
