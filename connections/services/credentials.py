"""Acts on credentials: make, replace, end."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from connections import nonces, secret
from connections.models import AccessToken, Connection, Credential, HandOver, TokenFailure
from connections.services.connections import locked
from interop import audit, crypto

LIVE_AT_MOST = 2


class TooManyCredentials(Exception):
    """Two credentials of the connection live already."""


@dataclass(frozen=True)
class Issued:
    """A new credential with its secret, which is nowhere else: show it now."""

    credential: Credential
    secret: str = field(repr=False)


@transaction.atomic
def add_credential(connection: Connection, *, actor: str, expires_at: dt.datetime | None = None) -> Issued:
    """Make a key and secret. Raises TooManyCredentials when two live already."""
    current = Connection.objects.select_for_update().get(pk=connection.pk)
    if current.credentials.live().count() >= LIVE_AT_MOST:
        raise TooManyCredentials("Two credentials are in use. Remove one before generating another.")
    text = secret.new_secret()
    credential = Credential.objects.create(
        connection=current,
        client_id=secret.new_client_id(),
        secret_sha256=secret.sha256(text),
        secret_tail=text[-4:],
        sealed=kept_sealed(current, text),
        created_by=actor,
        expires_at=expires_at,
    )
    current.save(update_fields=["revision"])
    audit.record(actor, "generated credentials", current, after={"client_id": credential.client_id})
    return Issued(credential, text)


def kept_sealed(connection: Connection, text: str) -> bytes | None:
    """Return what is stored of a secret beside its hash: the secret itself, encrypted, for OAuth 1 alone."""
    return crypto.seal(text) if connection.oauth == 1 else None


@transaction.atomic
def rotate(connection: Connection, *, actor: str, old_until: dt.datetime, revision: int | None = None) -> Issued:
    """Make a new key and secret beside the one in use, which works until `old_until`, or ends earlier as it did.

    Raises TooManyCredentials when two live already, Conflict when the connection is no longer at the revision given.
    """
    locked(connection, revision)
    issued = add_credential(connection, actor=actor)
    older = connection.credentials.live().exclude(pk=issued.credential.pk)
    for credential in older.filter(Q(expires_at=None) | Q(expires_at__gt=old_until)):
        credential.expires_at = old_until
        credential.save(update_fields=["expires_at"])
        facts = {"client_id": credential.client_id, "works_until": old_until}
        audit.record(actor, "being replaced", connection, after=facts)
    return issued


@transaction.atomic
def revoke(credential: Credential, *, actor: str) -> None:
    """End a credential and every token it was given, at once."""
    if Credential.objects.filter(pk=credential.pk, revoked_at=None).update(revoked_at=Now(), sealed=None):
        credential.tokens.all().delete()
        HandOver.objects.filter(credential=credential).update(sealed=None)
        credential.connection.save(update_fields=["revision"])
        credential.refresh_from_db()
        audit.record(actor, "revoked credentials", credential.connection, before={"client_id": credential.client_id})


@transaction.atomic
def remove_credentials(connection: Connection, *, actor: str) -> int:
    """End every credential of the connection that lives; return how many. Its settings stay."""
    living = list(connection.credentials.live())
    for credential in living:
        revoke(credential, actor=actor)
    return len(living)


@transaction.atomic
def purge_expired(now: dt.datetime) -> None:
    """Delete tokens long expired, refused attempts that no longer count, requests nobody can repeat any more, and the
    secrets of links that ended.
    """
    AccessToken.objects.filter(expires_at__lt=now - AccessToken.KEPT).delete()
    TokenFailure.objects.filter(at__lt=now - TokenFailure.KEPT).delete()
    nonces.purge(now)
    HandOver.objects.filter(expires_at__lt=now).update(sealed=None)
