"""How assignments that arrive find their category and grading task by themselves."""

from typing import ClassVar

from django.db import models

from gradebook.models.setup import Category, GradingTask
from roster.models import Person, Section


class CategoryMapping(models.Model):
    """A teacher's word that a vendor's category is one of ours, in every section that has ours."""

    vendor_category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="mapped_to")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="mapped_from")
    made_by = models.CharField(max_length=255)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vendor_category", "category"], name="gradebook_mapping_once")
        ]

    def __str__(self) -> str:
        return f"{self.vendor_category} is {self.category}"


class DefaultAlignment(models.Model):
    """Non-campus assignment defaults: what new arrivals of a section take, or (without one) of all of a teacher's.

    In another section of the teacher's the category and task of the same names are meant. The task is taken in the
    period that holds the due date.
    """

    section = models.OneToOneField(
        Section, null=True, blank=True, on_delete=models.CASCADE, related_name="default_alignment"
    )
    teacher = models.OneToOneField(
        Person, null=True, blank=True, on_delete=models.CASCADE, related_name="default_alignment"
    )
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    task = models.ForeignKey(GradingTask, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(section=None) ^ models.Q(teacher=None), name="gradebook_default_of_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category}, {self.task}"


class KeywordRule(models.Model):
    """A teacher's rule by title: what begins with `text`, or contains it (capitals aside), takes the category.

    Without a section it holds for all of the teacher's sections, there by the category's and task's names; without a
    task, the section's task of the due date's period is taken. The first rule that fits, by `sequence`, decides.
    """

    class Kind(models.TextChoices):
        PREFIX = "prefix"
        CONTAINS = "contains"

    teacher = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="keyword_rules")
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.CASCADE, related_name="keyword_rules")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PREFIX, db_default="prefix")
    text = models.CharField(max_length=100)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    task = models.ForeignKey(GradingTask, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["teacher_id", "sequence", "id"]

    def __str__(self) -> str:
        return f"{self.text} → {self.category}"
