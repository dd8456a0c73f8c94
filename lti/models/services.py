"""What tools were given to read and write with, what they called, and what they were told of a section's members."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from lti.models.tools import Tool
from roster.models import Section


class ServiceToken(models.Model):
    """An access token of a tool: its hash, never the token."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="tokens")
    scope = models.TextField()
    address = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"token {self.pk}"


class ToolCall(models.Model):
    """Who read or wrote what and when: one row for each call and launch of a tool we know, without student data.

    The tool is a plain number with its name beside it: the log outlives it. `section` and `records` tell whose and how
    many were read; `status` how it ended.
    """

    tool = models.BigIntegerField()
    name = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())
    operation = models.CharField(max_length=30)
    section = models.BigIntegerField(null=True)
    records = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField()
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["tool", "at"], name="lti_call_of"), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.operation} {self.status}"


class MemberSnapshot(models.Model):
    """What a tool was told of a section's members: each one's hash and role by user_id. Differences are told to it."""

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="+")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now(), db_index=True)
    told = models.JSONField()

    def __str__(self) -> str:
        return f"members told at {self.at:%Y-%m-%d %H:%M:%S}"
