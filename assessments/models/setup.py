"""Tests: a tree of three levels by school year, the score fields in use, and what results are called."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from gradebook.models import SectionScale
from gradebook.models.base import Shared
from roster.models import SchoolYear, Section


class ScoreKind(models.TextChoices):
    """In what words a score is told; each is stored as it was sent."""

    RAW = "raw", _("Raw score")
    SCALE = "scale", _("Scale score")
    PERCENT = "percent", _("Percent")
    PERCENTILE = "percentile", _("Percentile")
    LEVEL = "level", _("Performance level")


KINDS: tuple[ScoreKind, ...] = tuple(ScoreKind)
NUMBERS: tuple[ScoreKind, ...] = tuple(kind for kind in KINDS if kind is not ScoreKind.LEVEL)
"""The kinds that are numbers."""


class Test(Shared):
    """A test or a part of one: the assessmentLineItem of the wire. Parents have children, children grandchildren.

    Title, description, class, parent, scale, `minimum` and `maximum` are the vendor's when it has an `owner`: a resend
    overwrites them. All else is the district's. `minimum` and `maximum` bound the score of kind `score_is`, which is
    what a vendor's `score` means. `added_by_vendor` stays when the district takes the test over. `connection` and
    `received_at` tell by which connection it came last. `year` is the school year the test was made in. An archived
    test takes no new scores by hand and is left out of choices; a restricted one is shown to district admins only.
    """

    class Type(models.TextChoices):
        DISTRICT = "district", _("District")
        STATE = "state", _("State")
        NATIONAL = "national", _("National")

    year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="tests")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.DISTRICT, db_default="district")
    code = models.CharField(max_length=50, blank=True, default="", db_default="")
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="", db_default="")
    sequence = models.PositiveIntegerField(default=0, db_default=0)
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.PROTECT, related_name="tests")
    scale = models.ForeignKey(
        SectionScale, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    minimum = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    maximum = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    score_is = models.CharField(
        max_length=10, choices=[(kind.value, kind.label) for kind in NUMBERS if kind != ScoreKind.PERCENTILE],
        default=ScoreKind.RAW, db_default="raw",
    )  # fmt: skip
    portal = models.BooleanField(default=False, db_default=False)
    restricted = models.BooleanField(default=False, db_default=False)
    archived = models.BooleanField(default=False, db_default=False)
    metadata = models.JSONField(null=True, blank=True)
    objectives = models.JSONField(null=True, blank=True)
    added_by_vendor = models.BooleanField(default=False, db_default=False)
    connection = models.ForeignKey(
        "connections.Connection", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta(Shared.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["modified"], name="assessments_test_modified")]

    def __str__(self) -> str:
        return self.title


class ScoreField(models.Model):
    """A kind of score a test has: asked for or hidden, in an order, with bounds of its own.

    The kind that a vendor's `score` is has the test's bounds instead. A test without any row has all kinds.
    """

    test = models.ForeignKey(Test, on_delete=models.CASCADE, related_name="fields")
    kind = models.CharField(max_length=10, choices=ScoreKind.choices)
    required = models.BooleanField(default=False, db_default=False)
    hidden = models.BooleanField(default=False, db_default=False)
    sequence = models.PositiveSmallIntegerField(default=0, db_default=0)
    minimum = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    maximum = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["test_id", "sequence", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["test", "kind"], name="assessments_field_once")]

    def __str__(self) -> str:
        return self.get_kind_display()


class ResultStatus(models.Model):
    """What a result is called: scores of `kind` from `minimum` to `maximum`, both included; null: no bound."""

    test = models.ForeignKey(Test, on_delete=models.CASCADE, related_name="statuses")
    name = models.CharField(max_length=100)
    kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.label) for kind in NUMBERS], default=ScoreKind.RAW
    )
    minimum = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    maximum = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    sequence = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["test_id", "sequence", "id"]
        verbose_name_plural: ClassVar[str] = "result statuses"
        constraints: ClassVar = [models.UniqueConstraint(fields=["test", "name"], name="assessments_status_once")]

    def __str__(self) -> str:
        return self.name
