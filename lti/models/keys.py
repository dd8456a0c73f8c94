"""Our own keys."""

from django.db import models


class PlatformKey(models.Model):
    """A key that signs for the portal, its private part sealed. `ends_at` null: it signs until another one begins."""

    kid = models.CharField(max_length=64, unique=True, db_collation="C")
    sealed = models.BinaryField(null=True, editable=False)
    public = models.JSONField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kid
