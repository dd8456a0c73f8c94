"""What the SIS feed remembers of itself."""

from django.db import models
from django.utils import timezone


class AppliedPackage(models.Model):
    """The package applied last, known by the SHA-256 of its files; one row."""

    digest = models.BinaryField()
    applied_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"package applied {self.applied_at:%Y-%m-%d %H:%M}"

    @classmethod
    def is_last(cls, digest: bytes) -> bool:
        """Say whether the package with this digest was the last one applied."""
        return cls.objects.filter(pk=1, digest=digest).exists()

    @classmethod
    def remember(cls, digest: bytes) -> None:
        """Note the package that is being applied."""
        cls.objects.update_or_create(pk=1, defaults={"digest": digest, "applied_at": timezone.now()})
