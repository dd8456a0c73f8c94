"""What every table of SIS data shares."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Upper


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


class SearchText(Func):
    """Some columns of a table as one text, a blank between each two; what people type is looked for in it.

    The collation says how to tell capitals apart: that of `sourced_id` knows none but those of ASCII.
    """

    template = '((%(expressions)s) COLLATE "default")'
    arg_joiner = " || ' ' || "

    def __init__(self, *fields: str, **_extra: Any) -> None:
        super().__init__(*map(F, fields), output_field=models.TextField())


def search_index(name: str, *fields: str) -> GinIndex:
    """Return the index by which words are found anywhere in these columns, misspelled a little too."""
    return GinIndex(OpClass(Upper(SearchText(*fields)), name="gin_trgm_ops"), name=name)
