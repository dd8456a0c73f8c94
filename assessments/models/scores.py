"""The scores of students in tests."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from assessments.models.setup import NUMBERS, ScoreKind, Test
from gradebook.models import SectionScale
from gradebook.models.base import Shared
from roster.models import Person


class TestScore(Shared):
    """What one student has in one test on one day: the assessmentResult of the wire. There may be several days.

    Each kind of score stands in a column of its own, as it was sent; null or blank: none was. `told` is the kind that
    the `score` of the wire is. `status` is the scoreStatus as it came. Without an `owner` the district entered it.
    """

    test = models.ForeignKey(Test, on_delete=models.PROTECT, related_name="scores", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="test_scores")
    date = models.DateField()
    raw = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    scaled = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    percent = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    percentile = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    level = models.CharField(max_length=255, blank=True, default="", db_default="")
    told = models.CharField(
        max_length=10, choices=[(kind.value, kind.label) for kind in NUMBERS], default=ScoreKind.RAW, db_default="raw"
    )
    status = models.CharField(max_length=100, blank=True, default="", db_default="")
    late = models.BooleanField(null=True, blank=True)
    missing = models.BooleanField(null=True, blank=True)
    incomplete = models.BooleanField(null=True, blank=True)
    in_progress = models.BooleanField(null=True, blank=True)
    comment = models.TextField(blank=True, default="", db_default="")
    scale = models.ForeignKey(
        SectionScale, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    metadata = models.JSONField(null=True, blank=True)
    objectives = models.JSONField(null=True, blank=True)
    connection = models.ForeignKey(
        "connections.Connection", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    received_at = models.DateTimeField(null=True, blank=True)

    COLUMNS: ClassVar[dict[ScoreKind, str]] = {
        ScoreKind.RAW: "raw", ScoreKind.SCALE: "scaled", ScoreKind.PERCENT: "percent",
        ScoreKind.PERCENTILE: "percentile", ScoreKind.LEVEL: "level",
    }  # fmt: skip

    class Meta(Shared.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(fields=["modified"], name="assessments_score_modified"),
            models.Index(fields=["test", "date"], name="assessments_score_of_test"),
        ]

    def number(self, kind: ScoreKind) -> Decimal | None:
        """Return the score of a kind that is a number; None: there is none."""
        found: Decimal | None = getattr(self, self.COLUMNS[kind])
        return found
