"""Grades: in progress, computed every five minutes, and posted by a person."""

from typing import ClassVar

from django.db import models

from gradebook.models.base import Shared
from gradebook.models.setup import TaskPeriod
from roster.models import Person, Section


class InProgressGrade(models.Model):
    """A student's grade as computed last; `percent` null: nothing counts yet. Stale while its section is dirty."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="in_progress_grades", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="in_progress_grades")
    period = models.ForeignKey(TaskPeriod, on_delete=models.CASCADE, related_name="in_progress_grades")
    percent = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    score = models.CharField(max_length=255, blank=True, default="", db_default="")
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["section", "person", "period"], name="gradebook_one_in_progress")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.score or self.percent}"


class PostedGrade(Shared):
    """A grade given for a task in its period: by a teacher, or by a vendor (`owner`) while the window is open."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="posted_grades")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="posted_grades")
    period = models.ForeignKey(TaskPeriod, on_delete=models.PROTECT, related_name="posted_grades")
    percent = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    score = models.CharField(max_length=255, blank=True, default="", db_default="")
    comment = models.TextField(blank=True, default="", db_default="")
    posted_by = models.CharField(max_length=255)
    posted_at = models.DateTimeField()

    class Meta(Shared.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["section", "person", "period"],
                condition=models.Q(deleted_at=None),
                name="gradebook_one_posted",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["modified"], name="gradebook_posted_modified")]


class DirtyMark(models.Model):
    """A section whose grades have to be computed again; written with every change, several may name one section.

    The job deletes the marks it sees and computes after that: a change that commits meanwhile keeps its own mark.
    """

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"section {self.section_id}"
