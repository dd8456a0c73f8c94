"""Telling and reading messages."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.models import User

from interop.messages.models import Message


def tell(messages: Iterable[Message]) -> None:
    """Keep messages whose key was not told before; the others change nothing, whoever comes first."""
    Message.objects.bulk_create(messages, ignore_conflicts=True)


def unread(user: User) -> int:
    """Return how many messages this person has not read."""
    return Message.objects.unread_by(user).count()


def mark_read(user: User, newest: int) -> None:
    """Note that the person has read everything up to this message; what came later stays unread."""
    reads = Message.read_by.through
    seen = Message.objects.unread_by(user).filter(pk__lte=newest).values_list("pk", flat=True)
    reads._default_manager.bulk_create(
        [reads(message_id=pk, user_id=user.pk) for pk in seen], ignore_conflicts=True, batch_size=1000
    )


def purge(now: dt.datetime) -> None:
    """Delete what is more than a year old."""
    Message.objects.filter(at__lt=now - Message.KEPT).delete()
