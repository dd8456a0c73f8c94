"""Assignments and the scores of students in them."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from gradebook.models.base import Shared
from gradebook.models.setup import Category, SectionScale, TaskPeriod
from roster.models import Person, Section, Term


class Assignment(Shared):
    """A piece of work of one section: the lineItem of the wire.

    It is aligned when it has both `category` (one of the section's) and `task`; until then it is uncategorized and
    counts for nothing. `aligned_by` tells who aligned it. Multiplier, alignment, active and portal are the teacher's:
    a resend by the vendor leaves them. `points` null: the vendor sent none, the assignment is not graded; 0: it adds
    earned points and never divides. `due_on` is the due moment's day in the district's time zone, judged by the rules;
    `period` is the term or grading period that day lies in (the vendor's own, where it named one of the section's).
    `settled_at` is when a teacher kept or removed what the vendor has deleted (Orphans).
    """

    class AlignedBy(models.TextChoices):
        NOBODY = ""
        VENDOR = "vendor"
        MAPPING = "mapping"
        RULE = "rule"
        DEFAULT = "default"
        TEACHER = "teacher"

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="assignments")
    title = models.CharField(max_length=255)
    abbreviation = models.CharField(max_length=5, blank=True, default="", db_default="")
    description = models.TextField(blank=True, default="", db_default="")
    assigned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_on = models.DateField()
    points = models.PositiveIntegerField(null=True, blank=True)
    minimum = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    task = models.ForeignKey(TaskPeriod, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments")
    aligned_by = models.CharField(max_length=10, choices=AlignedBy.choices, blank=True, default="", db_default="")
    vendor_category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Term, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    academic_session = models.ForeignKey(
        Term, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    scale = models.ForeignKey(
        SectionScale, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    multiplier = models.DecimalField(max_digits=7, decimal_places=3, default=Decimal(1), db_default=Decimal(1))
    active = models.BooleanField(default=True, db_default=True)
    portal = models.BooleanField(default=True, db_default=True)
    sequence = models.PositiveIntegerField(default=0, db_default=0)
    metadata = models.JSONField(null=True, blank=True)
    objectives = models.JSONField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(Shared.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(fields=["modified"], name="gradebook_assignment_modified"),
            models.Index(
                fields=["section"],
                condition=models.Q(deleted_at=None) & (models.Q(category=None) | models.Q(task=None)),
                name="gradebook_uncategorized",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def uncategorized(self) -> bool:
        """Whether it waits for somebody to align it."""
        return self.category_id is None or self.task_id is None


class Score(Shared):
    """What one student has in one assignment: the result of the wire.

    `score` null is no score, never zero. Missing and cheated count as zero whatever the score; exempt and dropped do
    not count at all; late, incomplete and turned in count for nothing (campus rules 6.4). `status` is the scoreStatus
    as it came. `text_score`, `objectives` and `metadata` are kept for the vendor and not graded.
    """

    FLAGS: ClassVar[tuple[str, ...]] = (
        "late", "missing", "exempt", "incomplete", "turned_in", "cheated", "dropped",
    )  # fmt: skip

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="scores", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="scores")
    score = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    text_score = models.CharField(max_length=255, blank=True, default="", db_default="")
    score_date = models.DateField()
    status = models.CharField(max_length=100, blank=True, default="", db_default="")
    late = models.BooleanField(default=False, db_default=False)
    missing = models.BooleanField(default=False, db_default=False)
    exempt = models.BooleanField(default=False, db_default=False)
    incomplete = models.BooleanField(default=False, db_default=False)
    turned_in = models.BooleanField(default=False, db_default=False)
    cheated = models.BooleanField(default=False, db_default=False)
    dropped = models.BooleanField(default=False, db_default=False)
    in_progress = models.BooleanField(null=True, blank=True)
    comment = models.TextField(blank=True, default="", db_default="")
    scale = models.ForeignKey(
        SectionScale, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    metadata = models.JSONField(null=True, blank=True)
    objectives = models.JSONField(null=True, blank=True)

    class Meta(Shared.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assignment", "person"], condition=models.Q(deleted_at=None), name="gradebook_one_score"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["modified"], name="gradebook_score_modified"),
            models.Index(fields=["assignment"], name="gradebook_score_assignment"),
        ]
