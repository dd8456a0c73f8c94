"""A tool on pylti1p3, which most tools in Python use: its own code checks our launches and calls our services."""

import json
from typing import Any
from urllib.parse import urlsplit

import requests
from pylti1p3.cookie import CookieService
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.redirect import Redirect
from pylti1p3.request import Request
from pylti1p3.service_connector import ServiceConnector
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfDict
from requests.adapters import BaseAdapter

from lti.tools import information
from tests.lti import crafted
from tests.lti.conftest import TOOL, World, stranger


class InProcess(BaseAdapter):
    """Brings the tool's requests to the portal without a network."""

    def send(self, request: requests.PreparedRequest, **_told: Any) -> requests.Response:  # type: ignore[override]
        address = urlsplit(str(request.url))
        path = address.path + (f"?{address.query}" if address.query else "")
        headers = dict(request.headers)
        kind = headers.pop("Content-Type", "")
        answer = stranger().generic(str(request.method), path, request.body or "", kind, headers=headers)
        found = requests.Response()
        found.status_code, found._content, found.url = answer.status_code, answer.content, str(request.url)
        found.headers.update(answer.headers)
        return found

    def close(self) -> None:
        """Nothing is open."""


class Asked(Request):
    """A request to the tool."""

    def __init__(self, fields: dict[str, str], session: dict[str, Any]) -> None:
        self.fields, self.kept = fields, session

    @property
    def session(self) -> dict[str, Any]:
        return self.kept

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self.fields.get(key, "")


class Cookies(CookieService):
    """The tool's cookies, kept by one browser."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self.kept = kept

    def get_cookie(self, name: str) -> str | None:
        return self.kept.get(name)

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        self.kept[name] = str(value)


class Away(Redirect[str]):
    """A redirect as the address it leads to."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do_redirect(self) -> str:
        return self.url

    def do_js_redirect(self) -> str:
        return self.url

    def set_redirect_url(self, location: str) -> None:
        self.url = location

    def get_redirect_url(self) -> str:
        return self.url


class Login(OIDCLogin):  # type: ignore[type-arg]
    def get_redirect(self, url: str) -> Away:
        return Away(url)


class Launch(MessageLaunch):  # type: ignore[type-arg]
    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)


class Connector(ServiceConnector):
    """Calls our services; tokens are kept for as long as this object is."""

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self.tokens: dict[str, str] = {}

    def _get_cached_access_token(self, scope_key: str) -> str | None:
        return self.tokens.get(scope_key)

    def _cache_access_token(self, scope_key: str, access_token: str, expires_in: float) -> None:
        self.tokens[scope_key] = access_token


class Tool:
    """The tool with one browser that visits it."""

    def __init__(self, world: World) -> None:
        told = list(information(world.tool).values())
        issuer, client_id, deployment, authorization, token, key_set = told
        self.config = ToolConfDict({issuer: [{
            "default": True, "client_id": client_id, "auth_login_url": authorization, "auth_token_url": token,
            "key_set_url": key_set, "deployment_ids": [deployment],
        }]})  # fmt: skip
        self.config.set_private_key(issuer, crafted.private(), client_id=client_id)
        self.config.set_public_key(issuer, crafted.public(), client_id=client_id)
        world.change(public_key=json.dumps(self.config.get_jwks(issuer, client_id)))
        self.session: dict[str, Any] = {}
        self.cookies: dict[str, Any] = {}
        self.http = requests.Session()
        self.http.mount("http://", InProcess())
        self.http.mount("https://", InProcess())

    def log_in(self, fields: dict[str, str]) -> str:
        """Answer the first hop: the address the browser is sent to."""
        asked = Asked(fields, self.session)
        login = Login(
            asked, self.config, session_service=SessionService(asked), cookie_service=Cookies(self.cookies)
        )  # fmt: skip
        return str(login.redirect(f"{TOOL}/launch"))

    def launched(self, fields: dict[str, str]) -> Launch:
        """Check a launch by the library's own rules."""
        asked = Asked(fields, self.session)
        launch = Launch(
            asked, self.config, session_service=SessionService(asked), cookie_service=Cookies(self.cookies),
            requests_session=self.http, service_connector_cls=Connector,
        )  # fmt: skip
        launch.set_jwt_verify_options({"verify_exp": False, "verify_iat": False, "verify_aud": False})
        launch.validate()
        return launch
