"""What came from vendors: receipts, history, keys that make a POST repeatable, and pulls of live lists."""

from typing import ClassVar

from django.db import models

from roster.models import Section


class Receipt(models.Model):
    """What became of one thing a connection sent, the last time that changed; a resend without changes is not told.

    `came` is what was sent, kept when it was refused or changed on the way. `notes` are the rules that spoke:
    [{"rule", "field", "facts"}]; their sentences are in gradebook/rules.py.
    """

    class Outcome(models.TextChoices):
        STORED = "stored"
        CHANGED = "changed"
        DELETED = "deleted"
        REFUSED = "refused"

    # the unique constraint's index begins with it
    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+", db_index=False)
    section = models.ForeignKey(
        Section, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    kind = models.CharField(max_length=20)
    sourced_id = models.CharField(max_length=255, db_collation="C")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    came = models.JSONField(null=True)
    notes = models.JSONField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "kind", "sourced_id"], name="gradebook_receipt_once")
        ]
        indexes: ClassVar = [models.Index(fields=["outcome", "last_at"], name="gradebook_receipt_outcome")]

    def __str__(self) -> str:
        return f"{self.kind} {self.sourced_id}: {self.outcome}"


class Change(models.Model):
    """The history: one change of one row. `kind` and `key` name the row (model name in small letters, primary key)."""

    kind = models.CharField(max_length=20)
    key = models.BigIntegerField()
    section = models.ForeignKey(
        Section, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField()
    actor = models.CharField(max_length=255)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "key"], name="gradebook_change_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} by {self.actor}"


class IdempotencyKey(models.Model):
    """The answer to a POST, kept so that the same request under the same key gets it again."""

    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+")
    key = models.BinaryField()
    request = models.BinaryField()
    answer = models.BinaryField(null=True)
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "key"], name="gradebook_idempotency_once")
        ]

    def __str__(self) -> str:
        return f"key of connection {self.connection_id}"


class LivePull(models.Model):
    """A connection's newest walk through one live list: the ids its first page found, eight bytes each, big-endian."""

    connection = models.BigIntegerField()
    query = models.BinaryField()
    total = models.IntegerField()
    ids = models.BinaryField()
    began_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "query"], name="gradebook_one_pull_per_query")
        ]

    def __str__(self) -> str:
        return f"pull of connection {self.connection}"
