"""What is to be deleted for good, who asked, who approved, and what became of it."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

APPROVED_FOR = dt.timedelta(days=7)
"""How long an approval is good: what was looked at must not be long ago."""


class Kind(models.TextChoices):
    """What can be deleted for good."""

    STUDENT = "student", _("One person’s data")
    ENDED = "ended", _("People who left long ago")
    CONNECTION = "connection", _("A connection and its keys")


class Disposal(models.Model):
    """One deletion. `subject` says of what; once a person is deleted it is the hash of the identifier.

    `counts` are the rows that would go as it was asked for; the certificate has those that went.
    """

    kind = models.CharField(max_length=12, choices=Kind)
    subject = models.CharField(max_length=255)
    reason = models.CharField(max_length=500)
    counts = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=255)
    asked_at = models.DateTimeField(db_default=Now())
    approved_by = models.CharField(max_length=255, blank=True)
    approved_at = models.DateTimeField(null=True)
    declined_by = models.CharField(max_length=255, blank=True)
    done_at = models.DateTimeField(null=True)
    certificate = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(done_at=None, declined_by=""), name="disposal_asked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def rows(self) -> int:
        """How many rows it is about."""
        return sum(self.counts.values())

    @property
    def is_open(self) -> bool:
        """Whether it is neither done nor declined."""
        return self.done_at is None and not self.declined_by

    @property
    def is_approved(self) -> bool:
        """Whether it may be carried out now."""
        return self.is_open and self.approved_at is not None and timezone.now() - self.approved_at < APPROVED_FOR
