"""How a section is graded: categories, scales, grading tasks with their periods, and options of calculation."""

from typing import ClassVar

from django.db import models

from gradebook.models.base import Shared
from roster.models import Course, Section, Term
from roster.models.base import Excludable

UNCATEGORIZED = "11111111-1111-1111-1111-111111111111"
"""The category that an assignment without one reads as (campus rules 3); a row of its own, in no section."""


class Category(Shared):
    """A kind of work, such as Homework. The district's own names have at most 50 characters.

    Weight 0 counts for nothing while categories are weighted. A category of a vendor (`owner`) has no sections; it
    counts by the category of ours it is mapped to (CategoryMapping).
    """

    title = models.CharField(max_length=255)
    weight = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    drop_lowest = models.PositiveSmallIntegerField(default=0, db_default=0)
    sequence = models.PositiveIntegerField(default=0, db_default=0)
    sections = models.ManyToManyField(Section, blank=True, related_name="categories")
    metadata = models.JSONField(null=True, blank=True)

    class Meta(Shared.Meta):
        abstract = False
        verbose_name_plural: ClassVar[str] = "categories"
        indexes: ClassVar = [models.Index(fields=["modified"], name="gradebook_category_modified")]

    def __str__(self) -> str:
        return self.title


class GradingScale(models.Model):
    """Scores and the percentages they stand for. One of a vendor has an `owner` and is only kept and returned."""

    owner = models.ForeignKey(
        "connections.Application", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(max_length=255)
    type = models.CharField(max_length=255, default="Letter grade")

    def __str__(self) -> str:
        return self.title


class GradingScaleRange(models.Model):
    """One line of a scale: from `minimum` percent on, it is `score`, worth `points` in a grade point average.

    `left` is a vendor's own spelling of where the line begins; blank for scales of the district.
    """

    scale = models.ForeignKey(GradingScale, on_delete=models.CASCADE, related_name="ranges")
    sequence = models.PositiveSmallIntegerField()
    score = models.CharField(max_length=255)
    minimum = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    points = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    left = models.CharField(max_length=255, blank=True, default="", db_default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["scale_id", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scale", "sequence"], name="gradebook_range_once"),
            # a percentage leads to one score only (campus rules 6.2)
            models.UniqueConstraint(fields=["scale", "minimum"], name="gradebook_range_minimum_once"),
        ]

    def __str__(self) -> str:
        return self.score


class SectionScale(Shared):
    """A scale as a section uses it: the scoreScale of the wire, which always names one class."""

    scale = models.ForeignKey(GradingScale, on_delete=models.CASCADE, related_name="uses")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="scales")
    metadata = models.JSONField(null=True, blank=True)

    class Meta(Shared.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["modified"], name="gradebook_scale_modified")]


class GradingTask(Excludable):
    """What a grade is given for, such as Quarter Grade: of a course, or of one section of it (`section`).

    `credits` with `transcript` make it a final grade of the transcript.
    """

    class Kind(models.TextChoices):
        TASK = "task"
        STANDARD = "standard"

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="grading_tasks")
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.PROTECT, related_name="own_tasks")
    title = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TASK, db_default="task")
    sequence = models.PositiveIntegerField(default=0, db_default=0)
    credits = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    report_card = models.BooleanField(default=True, db_default=True)
    transcript = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["course_id", "sequence", "id"]

    def __str__(self) -> str:
        return self.title


class TaskPeriod(models.Model):
    """A grading task in one term or grading period: what an assignment is aligned to and a grade is posted for.

    `sourced_id` is the id vendors know the pair by (`metadata.gradingTask`). Grades are posted from `opens` to
    `closes`, both included; null: no window, closed. A composite grade takes its parts by `parent` and `parent_weight`.
    """

    task = models.ForeignKey(GradingTask, on_delete=models.CASCADE, related_name="periods")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="grading_tasks")
    sourced_id = models.CharField(max_length=255, unique=True, db_collation="C")
    opens = models.DateField(null=True, blank=True)
    closes = models.DateField(null=True, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    parent_weight = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    modified = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["task", "term"], name="gradebook_task_once_a_term")]

    def __str__(self) -> str:
        return f"{self.task} ({self.term.title})"


class GradeOptions(models.Model):
    """How the grade of a task in its period is calculated in a section; without a section: mandated for the course.

    What is mandated is read-only for teachers. Without a scale nothing is shown (campus rules 6.4).
    `cumulative_from` is the earliest term whose assignments count too; `limit_last` counts only the newest so many.
    `portal`: students and parents see this grade, in progress and posted; without a row they do.
    """

    class Calculation(models.TextChoices):
        NONE = "none"
        IN_PROGRESS = "in progress"

    period = models.ForeignKey(TaskPeriod, on_delete=models.CASCADE, related_name="options")
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.PROTECT, related_name="grade_options")
    calculation = models.CharField(
        max_length=15, choices=Calculation.choices, default=Calculation.IN_PROGRESS, db_default="in progress"
    )
    weight_categories = models.BooleanField(default=False, db_default=False)
    use_percent = models.BooleanField("Use score's percent value", default=False, db_default=False)
    cumulative_from = models.ForeignKey(Term, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    limit_last = models.PositiveSmallIntegerField(null=True, blank=True)
    scale = models.ForeignKey(GradingScale, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    portal = models.BooleanField(default=True, db_default=True)

    class Meta:
        verbose_name_plural = "grade options"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["period", "section"], nulls_distinct=False, name="gradebook_options_once")
        ]

    def __str__(self) -> str:
        return f"options of {self.period_id}"
