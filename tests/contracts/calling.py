"""Who makes the calls of the abuse tests, and how a call goes in without a web server."""

import datetime as dt
import gzip
import json
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import unquote_to_bytes

from django.test import Client

from connections import services
from roster.models import School
from tests.connections.signing import header
from tests.contracts.conftest import content
from tests.contracts.hostile import Call

HOST = "http://testserver:8000"
LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
GRADES = {"share_gradebook": True}
EVERYTHING = {**GRADES, "share_demographics": True, "share_guardians": True, "share_relatives": True}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        packed = self.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


class Callers:
    """Vendors of both versions, by token and by signature, of the whole district and of one school."""

    def __init__(self) -> None:
        self.http = Client(raise_request_exception=False)
        self.addresses = count(1)
        self.tokens: dict[str, str] = {}
        self.keys: dict[str, tuple[str, str]] = {}
        school = School.objects.get(sourced_id="lincoln")
        for name, choices in (
            ("1.2", {"version": 12, "share_assessments": True, **EVERYTHING}),
            ("1.1", {"version": 11, **EVERYTHING}),
            ("1.1 signed", {"version": 11, "oauth": 1, "expires_at": LATER, **GRADES}),
        ):
            self._add(name, None, choices)
            if "oauth" not in choices:
                self._add(f"{name} one school", [school.pk], choices)

    def _add(self, name: str, schools: list[int] | None, choices: dict[str, Any]) -> None:
        application = services.application_named(f"Vendor {name}", partner=True, actor="admin")
        made = services.create_connection(
            application, actor="admin", schools=schools, choices={"bucket": 0, "at_once": 0, **choices}
        )
        issued = services.add_credential(made, actor="admin")
        key = (issued.credential.client_id, issued.secret)
        if choices.get("oauth"):
            self.keys[name] = key
            return
        form = {"grant_type": "client_credentials", "client_id": key[0], "client_secret": key[1]}
        self.tokens[name] = self.http.post("/oauth2/token", form).json()["access_token"]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.tokens, *self.keys)

    def send(self, call: Call) -> Answer:
        """Send the call as a web server hands it on: the path decoded, every text a row of bytes.

        Each comes from an address of its own, so that nobody is kept out for the guesses of others.
        """
        number = next(self.addresses)
        environ = {
            "REQUEST_METHOD": call.method,
            "PATH_INFO": unquote_to_bytes(call.path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": call.query,
            "REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "HTTP_HOST": HOST.removeprefix("http://"),
            "CONTENT_LENGTH": str(len(call.body)),
            "wsgi.input": BytesIO(call.body),
            **self._credentials(call),
            **call.headers,
        }
        answer = self.http.request(**environ)
        return Answer(answer.status_code, dict(answer.headers), content(answer))

    def _credentials(self, call: Call) -> dict[str, str]:
        if call.caller in self.tokens:
            return {"HTTP_AUTHORIZATION": f"Bearer {self.tokens[call.caller]}"}
        if call.caller not in self.keys:
            return {}
        url = f"{HOST}{call.path}?{call.query}" if call.query else HOST + call.path
        try:
            return {"HTTP_AUTHORIZATION": header(*self.keys[call.caller], url, method=call.method)}
        except ValueError:  # an address that no client of OAuth 1 can sign
            return {"HTTP_AUTHORIZATION": "OAuth unsigned"}
