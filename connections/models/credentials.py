"""What a vendor signs in with, what it was given for it, and who failed."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.models.connection import Connection


class CredentialQuerySet(models.QuerySet["Credential"]):
    def live(self) -> "CredentialQuerySet":
        """Return the credentials that are neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), revoked_at=None)


class Credential(models.Model):
    """Key and hashed secret of a connection; two may live side by side while one is being rotated.

    A signature of OAuth 1 is checked with the secret itself: `sealed` holds it encrypted, for those connections only.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="credentials")
    client_id = models.CharField(_("client id"), max_length=64, unique=True, db_collation="C")
    secret_sha256 = models.BinaryField(max_length=32)
    secret_tail = models.CharField(_("secret ends with"), max_length=4)
    sealed = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=255, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["connection_id", "id"]

    def __str__(self) -> str:
        return self.client_id


class HandOver(models.Model):
    """A link that shows a vendor its credentials once. The secret lies here encrypted until then, and is erased."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="hand_overs")
    sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=255)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    opened_from = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


class AccessToken(models.Model):
    """An issued access token: its SHA-256, never the token."""

    KEPT = dt.timedelta(days=1)
    """How long an expired token stays: guessing.py asks who was given one within a day."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="tokens")
    scope = models.TextField()
    address = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"token {self.pk}"


class TokenFailure(models.Model):
    """A refused attempt at the token endpoint; rows of the last minute limit guessing in every process alike."""

    KEPT = dt.timedelta(hours=1)

    address = models.CharField(max_length=64)
    client = models.BinaryField(max_length=32)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["address", "at"], name="token_failure_recent")]

    def __str__(self) -> str:
        return f"refused attempt {self.pk}"


class Nonce(models.Model):
    """A signed request that was accepted, so that its replay is not. Who asked from where also limits guessing.

    A signature is good for some minutes round its timestamp; the rows stay much longer than that.
    """

    KEPT = dt.timedelta(days=1)

    digest = models.BinaryField(max_length=32, primary_key=True)
    credential = models.ForeignKey(
        Credential, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    address = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["credential", "address"], name="nonce_seen_from")]

    def __str__(self) -> str:
        return f"signed request at {self.at:%Y-%m-%d %H:%M:%S}"
