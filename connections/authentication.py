"""Who asks: a bearer token or a signature becomes a grant. Tokens in the query string are never looked at."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from connections.grants import Grant, Refused, grant_for_token
from connections.oauth1 import SignedRequest, Unsigned, is_signed
from connections.signatures import TooManyGuesses, grant_for_signature
from connections.spellings import addresses
from interop.oneroster.errors import too_many, unauthorised
from interop.oneroster.middleware import request_id_of

LONGEST_TOKEN = 512


class SignatureAuthentication(BaseAuthentication):
    """`Authorization: OAuth …`, the signed requests of OneRoster 1.1; every other header is left to the next one."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Grant] | None:
        """Return the grant of the signer as the request's `auth`; the standard's 401 or 429 when there is none."""
        if not is_signed(_authorization(request)):
            return None
        http_request = request._request  # noqa: SLF001
        try:
            return AnonymousUser(), grant_for_signature(
                _signed(http_request),
                address=http_request.META.get("REMOTE_ADDR", ""),
                request_id=request_id_of(http_request),
            )
        except Unsigned as refusal:
            raise unauthorised(str(refusal)) from None
        except TooManyGuesses as refusal:
            raise too_many(refusal.seconds) from None


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`, answered by the standard's 401 when it opens nothing."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Grant]:
        """Return the grant of the token as the request's `auth`."""
        kind, _, token = _authorization(request).partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise unauthorised()
        try:
            return AnonymousUser(), grant_for_token(token)
        except Refused:
            raise unauthorised() from None


def _authorization(request: Request | HttpRequest) -> str:
    return str(request.META.get("HTTP_AUTHORIZATION", "")).strip()


def _signed(request: HttpRequest) -> SignedRequest:
    """Return what of the request is signed; its body is read only for a header that speaks of it."""
    authorization = _authorization(request)
    try:
        body = request.body if "oauth_body_hash" in authorization else b""
    except RequestDataTooBig:
        raise Unsigned("The body is too long for oauth_body_hash.") from None
    return SignedRequest(
        str(request.method), addresses(request), str(request.META.get("QUERY_STRING", "")), authorization, body
    )
