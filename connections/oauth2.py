"""The OAuth 2 server: django-oauth-toolkit's token view with our credentials, scopes and hashed tokens behind it."""

import base64
import binascii
import datetime as dt
import logging
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError, transaction
from django.db import connection as database
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.views import TokenView
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import TemporarilyUnavailableError, UnauthorizedClientError

from connections import guessing, networks
from connections.access import record_sign_in
from connections.grants import Why, hindrance_of
from connections.models import AccessToken, Credential
from connections.scopes import canonical, every_scope, scopes_of
from connections.secret import is_client_id, matches, sha256
from interop.oneroster.middleware import request_id_of

KEPT_OUT = "The district has paused this connection, or it may not be used from this address. Ask its data office."
RETRY = 300
"""Seconds after which it is worth asking again while the district has stopped the API."""
AWAY = 30
"""Seconds after which it is worth asking again when the database was not there."""
log = logging.getLogger(__name__)
CHALLENGE = 'Basic realm="Interop", charset="UTF-8"'
_PURGE = """
    DELETE FROM connections_accesstoken WHERE id IN (
        SELECT id FROM connections_accesstoken WHERE expires_at < statement_timestamp() - %s::interval LIMIT 100
        FOR UPDATE SKIP LOCKED)
"""


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


def authenticated(given: Presented) -> Credential | None:
    """Return the live credential the secret belongs to, else None; the same work whether the client is known or not."""
    client_id = given.client_id if is_client_id(given.client_id) else ""
    credential = (
        Credential.objects.live()
        .select_related("connection__application")
        .filter(Q(connection__expires_at=None) | Q(connection__expires_at__gt=Now()))
        .filter(client_id=client_id, connection__enabled=True, connection__oauth=2)
        .first()
    )
    return credential if matches(given.secret, credential.secret_sha256 if credential else None) else None


class ConnectionScopes(BaseScopes):  # type: ignore[misc]
    """The scopes of a credential are those its connection may have."""

    def get_all_scopes(self) -> dict[str, str]:
        """Return every scope of both versions."""
        return every_scope()

    def get_available_scopes(self, application: Credential | None = None, *_: Any, **__: Any) -> list[str]:
        """Return what the credential's connection may have."""
        return scopes_of(application.connection) if application else []

    def get_default_scopes(self, application: Credential | None = None, *_: Any, **__: Any) -> list[str]:
        """Return all of them: a client that asks for none gets everything it may have."""
        return self.get_available_scopes(application)


class CredentialValidator(OAuth2Validator):  # type: ignore[misc]
    """Client credentials only: credentials instead of the toolkit's applications, hashed tokens of our own."""

    def authenticate_client(self, request: Request, *_: Any, **__: Any) -> bool:
        """Put the credential on the request; False when there is none. Raises what keeps out a client that is known."""
        given = presented(
            request.headers.get("Authorization") or "", request.client_id or "", request.client_secret or ""
        )
        request.client = authenticated(given)
        if request.client is None or not Credential.objects.filter(pk=request.client.pk).update(last_used_at=Now()):
            return False
        request.client_id = request.client.client_id
        address = networks.plain(request.headers.get("REMOTE_ADDR") or "")
        match hindrance_of(request.client.connection_id, address):
            case Why.STOPPED:
                raise TemporarilyUnavailableError(request=request, status_code=503)
            case Why.FROZEN | Why.ADDRESS:
                raise UnauthorizedClientError(description=KEPT_OUT, request=request)
        return True

    def validate_grant_type(self, _client_id: str, grant_type: str, *_: Any, **__: Any) -> bool:
        """Only client_credentials."""
        return grant_type == "client_credentials"

    def get_default_scopes(self, _client_id: str, request: Request, *_: Any, **__: Any) -> list[str]:
        """Return everything the connection may have."""
        return ConnectionScopes().get_default_scopes(request.client)

    def validate_scopes(
        self, _client_id: str, scopes: list[str], client: Credential, request: Request, *_: Any, **__: Any
    ) -> bool:
        """Reduce the scopes asked for to those the connection may have; False when nothing is left."""
        available = ConnectionScopes().get_available_scopes(client)
        asked = {canonical(scope) for scope in scopes if scope}
        request.scopes = [scope for scope in available if scope in asked] if asked else available
        return bool(request.scopes)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *_: Any, **__: Any) -> None:
        """Keep the token's hash; earlier tokens stay valid."""
        AccessToken.objects.create(
            token_sha256=sha256(token["access_token"]),
            credential=request.client,
            scope=token["scope"],
            address=request.headers.get("REMOTE_ADDR") or "",
            expires_at=Now() + dt.timedelta(seconds=token["expires_in"]),
        )
        with database.cursor() as cursor:
            cursor.execute(_PURGE, [str(AccessToken.KEPT)])


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
        """Check the form of the request, the limit on guessing, then let the toolkit decide."""
        if (wrong := form_fault(request)) is not None:
            return refusal(400, "invalid_request", wrong)
        form = request.POST
        given = presented(
            request.headers.get("Authorization", ""), form.get("client_id", ""), form.get("client_secret", "")
        )
        return self.answer(request, guessing.Attempt(given.client_id, request.META.get("REMOTE_ADDR", "")))

    @transaction.atomic
    def answer(self, request: HttpRequest, attempt: guessing.Attempt) -> HttpResponse:
        """Issue a token or refuse it; refused clients are counted."""
        if (wait := guessing.wait_for(attempt)) is not None:
            return too_many(wait)
        _url, headers, body, status = self.create_token_response(request)
        if status in {200, 401, 503} or KEPT_OUT in body:
            record_sign_in(attempt.client_id, status, request_id=request_id_of(request), address=attempt.address)
        if status == 503:
            headers = {**headers, "Retry-After": str(RETRY)}
        if status == 401:
            guessing.failed(attempt)
            headers = {**headers, "WWW-Authenticate": CHALLENGE}
        response = HttpResponse(body, status=status, content_type="application/json")
        for name, value in headers.items():
            response.headers[name] = value
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
