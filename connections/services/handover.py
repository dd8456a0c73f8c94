"""The link that shows a vendor its credentials once.

The link's token is stored as a hash and the secret encrypted, until the one visit that shows it, and then erased.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from connections import secret
from connections.models import Connection, Credential, HandOver
from interop import audit, crypto

LIVES = dt.timedelta(days=7)


@dataclass(frozen=True)
class Opened:
    """What the vendor is shown, this once."""

    credential: Credential
    secret: str = field(repr=False)


@transaction.atomic
def hand_over(credential: Credential, text: str, *, actor: str, now: dt.datetime) -> str:
    """Return the token of a new link to these credentials; an earlier link to them ends.

    Raises ValueError when `text` is not the credential's secret.
    """
    if not secret.matches(text, credential.secret_sha256):
        raise ValueError("This is not the secret of these credentials.")
    credential.hand_overs.update(sealed=None)
    token = secret.new_hand_over_token()
    made = HandOver.objects.create(
        token_sha256=secret.sha256(token),
        credential=credential,
        sealed=crypto.seal(text),
        created_by=actor,
        expires_at=now + LIVES,
    )
    told = {"client_id": credential.client_id, "expires_at": made.expires_at}
    audit.record(actor, "made a one-time link", credential.connection, after=told)
    return token


def waiting(token: str, *, now: dt.datetime) -> HandOver | None:
    """Return the link of this token while it can be opened; looking at it opens nothing."""
    return (
        HandOver.objects.select_related("credential__connection__application")
        .filter(token_sha256=secret.sha256(token), expires_at__gt=now)
        .exclude(sealed=None)
        .filter(Q(credential__expires_at=None) | Q(credential__expires_at__gt=now), credential__revoked_at=None)
        .first()
    )


@transaction.atomic
def open_hand_over(token: str, *, address: str, now: dt.datetime) -> Opened | None:
    """Return the credentials and erase the secret; None for a token unknown, used or too old."""
    found = waiting(token, now=now)
    if found is None:
        return None
    held = HandOver.objects.select_for_update().exclude(sealed=None).filter(pk=found.pk).first()
    if held is None or held.sealed is None:
        return None
    text = crypto.unseal(held.sealed)
    held.sealed, held.opened_at, held.opened_from = None, now, address[:64]
    held.save(update_fields=["sealed", "opened_at", "opened_from"])
    credential = found.credential
    told = {"client_id": credential.client_id, "address": address, "made_by": held.created_by}
    audit.record("vendor", "opened the one-time link", credential.connection, after=told)
    return Opened(credential, text)


def links_of(connection: Connection) -> list[HandOver]:
    """Return the links made to the connection's living credentials, the newest first."""
    living = connection.credentials.live()
    return list(HandOver.objects.filter(credential__in=living).order_by("-created_at", "-id"))


@transaction.atomic
def withdraw(connection: Connection, *, actor: str) -> int:
    """Erase the secrets of links that nobody opened yet; return how many."""
    open_links = HandOver.objects.filter(credential__connection=connection, expires_at__gt=Now()).exclude(sealed=None)
    ended = open_links.update(sealed=None)
    if ended:
        audit.record(actor, "withdrew the one-time link", connection)
    return ended
