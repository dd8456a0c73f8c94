"""What is on its way: launches, registrations, and the marks of what was used once."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from gradebook.models import Assignment
from lti.models.links import ResourceLink
from lti.models.tools import Tool
from roster.models import Person, Section


class Launch(models.Model):
    """One launch: begun by somebody in their session, asked for by the tool once, and then over.

    `guid` stands in our own addresses and opens only for the session it was begun in; `hint` is the hash of what the
    tool gets and brings back. A launch for choosing content (`link` null) goes on: `data` is the hash of what comes
    back with the content, `chosen` is that content until the teacher takes it. A trial is an office member's, who
    need not be anybody of the roster, and in no section. In a review a teacher sees the work of `student` again.
    """

    class Kind(models.TextChoices):
        LINK = "link"
        CONTENT = "content"
        TRIAL = "trial"
        REVIEW = "review"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    guid = models.CharField(max_length=64, unique=True, db_collation="C")
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="launches")
    link = models.ForeignKey(ResourceLink, null=True, on_delete=models.CASCADE, related_name="+")
    section = models.ForeignKey(Section, null=True, on_delete=models.CASCADE, related_name="+")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    student = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20)
    framed = models.BooleanField(default=False)
    session = models.BinaryField()
    hint = models.BinaryField(null=True, unique=True)
    login_hint = models.CharField(max_length=64, blank=True, default="", db_default="")
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    data = models.BinaryField(null=True, unique=True)
    chosen = models.JSONField(null=True)
    chosen_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"launch {self.pk}"


class Registration(models.Model):
    """A one-time word by which a tool registers itself for an application; over when `tool` is there."""

    application = models.ForeignKey("connections.Application", on_delete=models.CASCADE, related_name="+")
    word = models.BinaryField(unique=True)
    url = models.CharField(max_length=2000)
    begun_at = models.DateTimeField(db_default=Now())
    begun_by = models.CharField(max_length=255)
    expires_at = models.DateTimeField()
    tool = models.ForeignKey(Tool, null=True, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"registration {self.pk}"


class UsedMark(models.Model):
    """The hash of something a tool may use only once: the mark of an assertion, the nonce of a request or an answer."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"used until {self.expires_at}"
