"""Report cards and transcripts: what families may open, and those made for many students at once."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from roster.models import School, Section


class RecordSettings(models.Model):
    """One row: whether students and parents find report cards and transcripts on their pages."""

    report_cards_on_portal = models.BooleanField("Students and parents open report cards", default=False)
    transcripts_on_portal = models.BooleanField("Students and parents open transcripts", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "report card settings"

    def __str__(self) -> str:
        return "Report cards and transcripts"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep it one row."""
        self.pk = 1
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @classmethod
    def load(cls) -> "RecordSettings":
        """Return the one row, or the defaults when nobody changed them yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class RecordBatch(models.Model):
    """Report cards or transcripts of a section or school, made by a job for the person who asked, and kept shortly.

    `pages` (to print) and `sheet` (CSV) are sealed (interop/crypto.py); null until the job has made them.
    """

    class Kind(models.TextChoices):
        REPORT_CARD = "report card"
        TRANSCRIPT = "transcript"

    kind = models.CharField(max_length=15, choices=Kind.choices)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    students = models.PositiveIntegerField(default=0, db_default=0)
    pages = models.BinaryField(null=True)
    sheet = models.BinaryField(null=True)

    class Meta:
        verbose_name_plural: ClassVar[str] = "record batches"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(school=None) ^ models.Q(section=None), name="gradebook_batch_of_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.section or self.school}"
