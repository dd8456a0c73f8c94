"""The audit trail: who did what, append-only."""

from typing import Any, ClassVar, NoReturn

from django.db import models

from interop.disposals.models import Disposal
from interop.jobs.models import JobRun
from interop.messages.models import Message

__all__ = ["AuditEvent", "Disposal", "JobRun", "Message"]


class AuditEvent(models.Model):
    """One act of a person or a command on one object. Written by `interop.audit.record` and never changed.

    The database refuses UPDATE and DELETE of these rows by a trigger; this class refuses them with a clear sentence.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=255)
    act = models.CharField(max_length=100)
    object_type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255, blank=True)
    object_name = models.CharField(max_length=255, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.actor}: {self.act} {self.object_type} {self.object_name or self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; raises TypeError for an event that is already written."""
        if not self._state.adding:
            raise TypeError("An audit event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise TypeError always."""
        raise TypeError("An audit event is never deleted.")
