"""What the data office keeps beside the feed: scheduling marked final, and rules for automatic accounts."""

from django.db import models
from django.db.models.functions import Now

from roster.models.structure import SchoolYear


class SchedulingFinal(models.Model):
    """Somebody's word that students are scheduled for a school year; before it vendors may get wrong classes."""

    school_year = models.OneToOneField(SchoolYear, on_delete=models.CASCADE, related_name="scheduling_final")
    marked_by = models.CharField(max_length=255)
    marked_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"scheduling of {self.school_year_id} is final"


class AccountRule(models.Model):
    """How usernames are made for one kind of people, and whether an import makes them by itself (seeds/002)."""

    class Kind(models.TextChoices):
        STUDENT = "student"
        STAFF = "staff"

    kind = models.CharField(max_length=10, choices=Kind.choices, unique=True)
    automatic = models.BooleanField(default=False)
    pattern = models.CharField(max_length=100)
    enabled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"accounts of {self.kind}"
