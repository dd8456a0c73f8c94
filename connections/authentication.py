"""Who asks: a bearer token or a signature becomes a grant. Tokens in the query string are never looked at."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from connections.grants import Grant, Refused, Why, grant_for_token
from connections.guessing import TooManyGuesses
from connections.limits import TooMany
from connections.networks import plain
from connections.oauth1 import SignedRequest, Unsigned, is_signed
from connections.oauth2 import RETRY
from connections.signatures import grant_for_signature
from connections.spellings import addresses
from interop.oneroster.errors import NEEDED, OneRosterError, too_many, unauthorised
from interop.oneroster.middleware import request_id_of
from interop.oneroster.routes import version_of

LONGEST_TOKEN = 512
STOPPED = "The district has stopped the API for the time being."
FROZEN = "The district has paused this connection. Ask its data office when it goes on."
ELSEWHERE = "This connection may not be used from the address %s. Tell the district the addresses you call from."


class SignatureAuthentication(BaseAuthentication):
    """`Authorization: OAuth …`, the signed requests of OneRoster 1.1; every other header is left to the next one."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Grant] | None:
        """Return the grant of the signer as the request's `auth`; the standard's 401 or 429 when there is none."""
        if not is_signed(_authorization(request)):
            return None
        http_request = request._request  # noqa: SLF001
        address = plain(http_request.META.get("REMOTE_ADDR", ""))
        try:
            grant = grant_for_signature(_signed(http_request), address=address, request_id=request_id_of(http_request))
        except Refused as refusal:
            raise _refusal(http_request, refusal, address) from None
        except Unsigned as refusal:
            raise unauthorised(str(refusal)) from None
        except TooManyGuesses as refusal:
            raise too_many(refusal.seconds) from None
        return AnonymousUser(), _let_in(http_request, grant)


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`, answered by the standard's 401 when it opens nothing."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Grant]:
        """Return the grant of the token as the request's `auth`."""
        kind, _, token = _authorization(request).partition(" ")
        token = token.strip()
        if kind.lower() != "bearer":
            raise unauthorised(NEEDED[version_of(request.path_info)])
        if not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise unauthorised()
        http_request = request._request  # noqa: SLF001
        address = plain(http_request.META.get("REMOTE_ADDR", ""))
        try:
            grant = grant_for_token(token, address)
        except Refused as refusal:
            raise _refusal(http_request, refusal, address) from None
        return AnonymousUser(), _let_in(http_request, grant)


def _let_in(request: HttpRequest, grant: Grant) -> Grant:
    """Return the grant when there is room for the request; the standard's 429 otherwise."""
    call = request.__dict__.get("call")
    if call is not None:
        try:
            call.let_in(grant)
        except TooMany as refusal:
            raise too_many(refusal.seconds) from None
    return grant


def _refusal(request: HttpRequest, refusal: Refused, address: str) -> OneRosterError:
    """Return the standard's answer; whoever has signed in rightly is told what keeps it out."""
    call = request.__dict__.get("call")
    if call is not None and refusal.grant is not None:
        call.asked_by(refusal.grant)
    if refusal.why == Why.STOPPED:
        return OneRosterError(503, "server_busy", STOPPED, {"Retry-After": str(RETRY)})
    if refusal.why == Why.FROZEN:
        return OneRosterError(403, "forbidden", FROZEN)
    if refusal.why == Why.ADDRESS:
        return OneRosterError(403, "forbidden", ELSEWHERE % (address or "unknown"))
    return unauthorised()


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
