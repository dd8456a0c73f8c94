"""A signed request becomes a grant: key, signature, time and nonce, in this order, each by the database's word.

An unknown key, a wrong signature, a method the connection does not accept and a connection that has ended are one and
the same refusal, after the same work. Only somebody who holds the secret learns more.
"""

from functools import cache
from typing import NoReturn

from django.conf import settings
from django.db import transaction

from connections import guessing, nonces, oauth1
from connections.access import SIGNATURE, record_refused
from connections.grants import Grant, Refused, consumer_of
from connections.guessing import Attempt, TooManyGuesses
from connections.oauth1 import SHA1, SignedRequest, Unsigned
from connections.secret import new_secret
from interop import crypto

WINDOW = 300
"""Seconds a timestamp may be away from the database's clock, in either direction."""
NOBODY = (
    "Consumer key and signature open nothing here. Check key and secret, that the method is HMAC-SHA256, and that the "
    "whole address you call is signed, with every parameter of its query."
)


def grant_for_signature(request: SignedRequest, *, address: str, request_id: str) -> Grant:
    """Return what the signer may do now, and remember the request. Raises Unsigned with a sentence for the vendor,
    TooManyGuesses when the key or the address failed too often within a minute, and Refused for a request that is
    signed rightly but kept out.
    """
    claim = oauth1.claim_of(request)
    attempt = Attempt(claim.key, address)
    if (seconds := guessing.seconds_left(attempt)) is not None:
        raise TooManyGuesses(seconds)
    consumer = consumer_of(claim.key, address)
    secret = crypto.unseal(consumer.sealed if consumer else _of_nobody(tuple(settings.FIELD_ENCRYPTION_KEYS)))
    fits = oauth1.fits(request, claim, secret)
    if consumer is None or not fits or not consumer.live or (claim.method == SHA1 and not consumer.sha1):
        _refuse(attempt, request_id)
    if abs(claim.timestamp - consumer.now) > WINDOW:
        away = claim.timestamp - consumer.now
        raise Unsigned(f"oauth_timestamp is {away:+d} seconds away from the portal's clock; {WINDOW} are accepted.")
    if not nonces.remember(claim, consumer.grant, address=address):
        raise Unsigned("This request was accepted before. Sign each request with a nonce of its own.")
    if consumer.hindrance is not None:
        raise Refused(consumer.hindrance, consumer.grant)
    return consumer.grant


@cache
def _of_nobody(_keys: tuple[str, ...]) -> bytes:
    """Return an encrypted secret that no connection has, so that unknown keys cost the same work."""
    return crypto.seal(new_secret())


def _refuse(attempt: Attempt, request_id: str) -> NoReturn:
    """Count a failure; attempts that fail queue here, so none of them slips by the limit."""
    with transaction.atomic():
        seconds = guessing.wait_for(attempt)
        if seconds is None:
            guessing.failed(attempt)
            record_refused(attempt.client_id, 401, request_id=request_id, address=attempt.address, operation=SIGNATURE)
    if seconds is not None:
        raise TooManyGuesses(seconds)
    raise Unsigned(NOBODY)
