"""What every table of SIS data shares."""

from typing import ClassVar

from django.db import models


class SisRecord(models.Model):
    """A row the SIS identifies: `sourced_id` is its own identifier, kept for ever and never minted twice.

    `ended_at` is the UTC moment the row was missing from a bulk feed or sent as tobedeleted; null means it lives.
    """

    sourced_id = models.CharField(max_length=255, unique=True, db_collation="C")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["sourced_id"]

    def __str__(self) -> str:
        return self.sourced_id


class Excludable(models.Model):
    """A row with the SIS's External LMS Exclude box (campus rules: exclusion cascades, boxes below stay blank)."""

    external_lms_exclude = models.BooleanField("External LMS Exclude", default=False)

    class Meta:
        abstract = True
