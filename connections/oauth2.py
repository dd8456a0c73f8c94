"""The OAuth 2 server: django-oauth-toolkit's token view with our credentials, scopes and hashed tokens behind it."""

import base64
import binascii
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.views import TokenView
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, TemporarilyUnavailableError, UnauthorizedClientError

from connections import guessing, networks
from connections.access import SIGN_IN, SIGN_IN_ROW, record_refused
from connections.grants import Client, Why, client_of
from connections.models import AccessToken
from connections.scopes import canonical, every_scope
from connections.secret import sha256
from interop import statements
from interop.oneroster.middleware import request_id_of

KEPT_OUT = "The district has paused this connection, or it may not be used from this address. Ask its data office."
RETRY = 300
"""Seconds after which it is worth asking again while the district has stopped the API."""
AWAY = 30
"""Seconds after which it is worth asking again when the database was not there."""
log = logging.getLogger(__name__)
CHALLENGE = 'Basic realm="Interop", charset="UTF-8"'
REQUEST_ID = "HTTP_X_REQUEST_ID"
"""Where the toolkit, which hands on a request's META and nothing else, finds its number."""
# Like a row of the access log, a token does not wait for the disk: a power cut forgets those of the last half second,
# and their bearers are told to ask for new ones. The time of a use is kept to the second, so a burst is one change.
_ISSUE = f"""
    WITH purged AS (
        DELETE FROM connections_accesstoken WHERE id = ANY (ARRAY(
            SELECT id FROM connections_accesstoken WHERE expires_at < statement_timestamp() - %s::interval
            ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED))
    ), live AS (
        SELECT id, connection_id FROM connections_credential WHERE id = %s::bigint FOR KEY SHARE
    ), used AS (
        UPDATE connections_credential k SET last_used_at = statement_timestamp() FROM live
        WHERE k.id = live.id
          AND (k.last_used_at IS NULL OR k.last_used_at < statement_timestamp() - interval '1 second')
    ), issued AS (
        INSERT INTO connections_accesstoken (credential_id, token_sha256, scope, address, expires_at)
        SELECT id, %s::bytea, %s::text, %s::text, statement_timestamp() + make_interval(secs => %s::float8) FROM live
    ), logged AS (
        {SIGN_IN_ROW}
        SELECT connection_id, id, %s::text, '', 200, %s::text, %s::inet FROM live
    )
    SELECT set_config('synchronous_commit', 'off', true) FROM live
"""  # noqa: S608 - constants only


@dataclass(frozen=True)
class Presented:
    """The client id and secret a request came with; empty where it gave none."""

    client_id: str
    secret: str = field(repr=False)


def presented(authorization: str, client_id: str, secret: str) -> Presented:
    """Read credentials from the Basic header, percent-encoded or raw, or else from the form."""
    kind, _, encoded = authorization.strip().partition(" ")
    if kind.lower() != "basic":
        return Presented(client_id, secret)
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return Presented("", "")
    name, _, word = pair.partition(":")
    found = Presented(unquote_plus(name), unquote_plus(word))
    return found if client_id in {"", found.client_id} else Presented("", "")


class Caller(NamedTuple):
    """Where a request came from, and its number, as oauthlib's request tells them."""

    address: str
    request_id: str

    @classmethod
    def of(cls, request: Request) -> "Caller":
        """Return the caller of the request."""
        return cls(request.headers.get("REMOTE_ADDR") or "", request.headers.get(REQUEST_ID) or "")


class ConnectionScopes(BaseScopes):  # type: ignore[misc]
    """The scopes of a client are those its connection may have."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope of both versions."""
        return every_scope()

    def get_available_scopes(self, application: Client | None = None, *_: Any, **__: Any) -> list[str]:
        """Return what the client's connection may have."""
        return [*application.scopes] if application else []

    def get_default_scopes(self, application: Client | None = None, *_: Any, **__: Any) -> list[str]:
        """Return all of them: a client that asks for none gets everything it may have."""
        return self.get_available_scopes(application)


class CredentialValidator(OAuth2Validator):  # type: ignore[misc]
    """Client credentials only: credentials instead of the toolkit's applications, hashed tokens of our own."""

    def authenticate_client(self, request: Request, *_: Any, **__: Any) -> bool:
        """Put the client on the request; False when there is none, which is counted.

        Raises TooManyGuesses before it looks at the secret, and what keeps out a client that is known.
        """
        given = presented(
            request.headers.get("Authorization") or "", request.client_id or "", request.client_secret or ""
        )
        caller = Caller.of(request)
        attempt = guessing.Attempt(given.client_id, caller.address)
        refused = partial(record_refused, given.client_id, request_id=caller.request_id, address=caller.address)
        with transaction.atomic():
            if (wait := guessing.wait_for(attempt)) is not None:
                raise guessing.TooManyGuesses(wait)
            request.client = client_of(given.client_id, given.secret, networks.plain(caller.address))
            if request.client is None:
                guessing.failed(attempt)
                refused(401)
                return False
        request.client_id = request.client.client_id
        match request.client.hindrance:
            case Why.STOPPED:
                refused(503)
                raise TemporarilyUnavailableError(request=request, status_code=503)
            case Why.FROZEN | Why.ADDRESS:
                refused(400)
                raise UnauthorizedClientError(description=KEPT_OUT, request=request)
        return True

    def validate_grant_type(self, _client_id: str, grant_type: str, *_: Any, **__: Any) -> bool:
        """Only client_credentials."""
        return grant_type == "client_credentials"

    def get_default_scopes(self, _client_id: str, request: Request, *_: Any, **__: Any) -> list[str]:
        """Return everything the connection may have."""
        return ConnectionScopes().get_default_scopes(request.client)

    def validate_scopes(
        self, _client_id: str, scopes: list[str], client: Client, request: Request, *_: Any, **__: Any
    ) -> bool:
        """Reduce the scopes asked for to those the connection may have; False when nothing is left."""
        available = ConnectionScopes().get_available_scopes(client)
        asked = {canonical(scope) for scope in scopes if scope}
        request.scopes = [scope for scope in available if scope in asked] if asked else available
        return bool(request.scopes)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *_: Any, **__: Any) -> None:
        """Keep the token's hash and log it; earlier tokens stay valid. Raises InvalidClientError when the credential
        has gone meanwhile.
        """
        caller = Caller.of(request)
        issued = statements.prepared(
            _ISSUE,
            (
                str(AccessToken.KEPT), request.client.credential, sha256(token["access_token"]), token["scope"],
                caller.address, token["expires_in"], SIGN_IN, caller.request_id, networks.plain(caller.address) or None,
            ),
        )  # fmt: skip
        if not issued:
            raise InvalidClientError(request=request)


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(login_not_required, name="dispatch")
@method_decorator(sensitive_post_parameters("client_secret"), name="dispatch")
class IssueToken(TokenView):  # type: ignore[misc]
    """POST /oauth2/token: the toolkit's view, behind the limit on guessing, with RFC 6749 errors throughout."""

    http_method_names = ("post", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, also while the database is away; nothing of it is ever stored by caches."""
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except (OperationalError, InterfaceError):
            log.exception("request %s failed", request_id_of(request))
            response = refusal(503, "temporarily_unavailable", "The portal cannot answer now. Try again soon.")
            response.headers["Retry-After"] = str(AWAY)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Pragma"] = "no-cache"
        return response

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Check the form of the request, then let the toolkit decide."""
        if (wrong := form_fault(request)) is not None:
            return refusal(400, "invalid_request", wrong)
        request.META[REQUEST_ID] = request_id_of(request)
        try:
            _url, headers, body, status = self.create_token_response(request)
        except guessing.TooManyGuesses as refused:
            return too_many(refused.seconds)
        response = HttpResponse(body, status=status, headers={**headers, "Content-Type": "application/json"})
        if status == 503:
            response.headers["Retry-After"] = str(RETRY)
        if status == 401:
            response.headers["WWW-Authenticate"] = CHALLENGE
        return response


def token_url() -> str:
    """Return the absolute URL of the token endpoint."""
    return f"{settings.PUBLIC_URL}/oauth2/token"


def form_fault(request: HttpRequest) -> str | None:
    """Return what is wrong with the form of a request for a token; None when nothing is."""
    if request.META.get("QUERY_STRING"):
        return "Send the parameters in the body, not in the URL."
    try:
        form = request.POST
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation, UnicodeDecodeError):
        return "The body is not a form."
    repeated = next((name for name, values in form.lists() if len(values) > 1 and name != "resource"), None)
    return None if repeated is None else f"Give each parameter once: {repeated[:50]!r} is repeated."


def too_many(wait: int) -> HttpResponse:
    """Return the answer to somebody who has to wait so many seconds."""
    response = refusal(429, "temporarily_unavailable", "Too many failed attempts. Wait before the next one.")
    response.headers["Retry-After"] = str(wait)
    return response


def refusal(status: int, error: str, description: str) -> HttpResponse:
    """Return an error as RFC 6749 wants it."""
    return JsonResponse({"error": error, "error_description": description}, status=status)
