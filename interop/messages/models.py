"""What is told, to whom, and who has read it."""

import datetime as dt
from typing import ClassVar

from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from interop.admin.roles import roles_of

ANNOUNCEMENT, EXPIRY, PROCESS, ACTIVITY = "announcement", "expiry", "process", "activity"
PROCESSES = {
    EXPIRY: _("Credentials that end"),
    PROCESS: _("Work of the portal"),
    ACTIVITY: _("What vendors do"),
    ANNOUNCEMENT: _("Announcements"),
}
"""Every process that tells something, as people filter by it."""
KINDS = {
    "expiring": "soon",
    "expired": "broken",
    "paused": "person",
    "failing": "broken",
    "held": "person",
    "healthy": "good",
    "throttled": "soon",
}
"""Every shape a message may begin with, and its family of colours."""


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, user: User) -> "MessageQuerySet":
        """Return what this person is told, each message with `is_read`."""
        mine = Q(roles__overlap=[role.value for role in roles_of(user)]) | Q(person=user.get_username())
        return self.filter(mine).annotate(is_read=_read_by(user))

    def unread_by(self, user: User) -> "MessageQuerySet":
        """Return what this person is told and has not read yet."""
        return self.of(user).exclude(_read_by(user))


def _read_by(user: User) -> Exists:
    return Exists(Message.read_by.through._default_manager.filter(message=OuterRef("pk"), user=user.pk))


class Message(models.Model):
    """Something told to everybody who has one of the roles, and to one person besides.

    `key` names what it is about, so that it is told once however often a process comes by.
    """

    KEPT = dt.timedelta(days=400)

    key = models.CharField(max_length=200, unique=True)
    process = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    link = models.CharField(max_length=300, blank=True)
    button = models.CharField(max_length=60, blank=True)
    roles = ArrayField(models.CharField(max_length=30))
    person = models.CharField(max_length=255, blank=True)
    author = models.CharField(max_length=255, blank=True)
    sticky_until = models.DateField(_("stays on top until"), null=True, blank=True)
    at = models.DateTimeField(db_default=Now(), db_index=True)
    mailed_at = models.DateTimeField(null=True)
    read_by = models.ManyToManyField(User, related_name="+")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def family(self) -> str:
        """Return the colours of its shape."""
        return KINDS[self.kind]
