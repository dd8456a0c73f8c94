"""Who asks: a bearer token becomes a grant. Tokens in the query string are never looked at."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from connections.grants import Grant, Refused, grant_for_token
from interop.oneroster.errors import unauthorised

LONGEST_TOKEN = 512


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`, answered by the standard's 401 when it opens nothing."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Grant]:
        """Return the grant of the token as the request's `auth`."""
        kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        token = token.strip()
        if kind.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise unauthorised()
        try:
            return AnonymousUser(), grant_for_token(token)
        except Refused:
            raise unauthorised() from None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Return the challenge of 401 answers."""
        return 'Bearer realm="oneroster"'
