"""What every row has that vendors read or write."""

from django.db import models


class Shared(models.Model):
    """A row with a place on the wire.

    `sourced_id` is unique in the district, whoever made it. `owner` is the application that made the row and may
    change it, by whichever of its connections; null: the district's own. `modified` is the date vendors read, given by
    `gradebook.services.clock`. A row with `deleted_at` is gone for everybody; deltas tell it as deleted.
    """

    sourced_id = models.CharField(max_length=255, unique=True, db_collation="C")
    owner = models.ForeignKey(
        "connections.Application", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    modified = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.sourced_id
