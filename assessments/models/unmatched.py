"""What vendors sent before a part it needs was there."""

from typing import ClassVar

from django.db import models


class Unmatched(models.Model):
    """A test or a result that waits: for its parent, for its test, or for its student. Nothing else is wrong with it.

    `kind` is the object on the wire, `missing_kind` and `missing` what it waits for ("user": a student), `body` the
    request as it was received; a resend replaces it. It is stored and goes as soon as the missing part arrives.
    """

    owner = models.ForeignKey("connections.Application", on_delete=models.PROTECT, related_name="+", db_index=False)
    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    sourced_id = models.CharField(max_length=255, db_collation="C")
    missing_kind = models.CharField(max_length=20)
    missing = models.CharField(max_length=255, db_collation="C")
    student = models.CharField(max_length=255, blank=True, default="", db_default="", db_collation="C")
    body = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name_plural: ClassVar[str] = "unmatched results"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "kind", "sourced_id"], name="assessments_unmatched_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["missing_kind", "missing"], name="assessments_unmatched_for"),
            models.Index(fields=["student"], name="assessments_unmatched_student"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sourced_id} waits for {self.missing_kind} {self.missing}"
