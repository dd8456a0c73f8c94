"""Messages by mail, to those who may act, when the operator has named a mail server."""

import datetime as dt
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from interop.jobs.running import Refused, Run
from interop.messages.models import EXPIRY, PROCESS, Message

MAILED = (EXPIRY, PROCESS)
"""The processes whose messages are worth a mail."""
FRESH = dt.timedelta(days=1)
"""What is older is not mailed any more, so that mail set up late begins with what is new."""


def deliver(_run: Run) -> str:
    """Send what was not sent yet. Raises Refused when the mail server does not take it; the next run tries again."""
    if not settings.MAIL:
        return _("No mail server is named.")
    try:
        sent = send(timezone.now())
    except (SMTPException, OSError) as error:
        raise Refused(_("The mail server did not take it (%s).") % type(error).__name__) from error
    return _("%d messages sent.") % sent


def send(now: dt.datetime) -> int:
    """Send what was not sent yet, each message by one process only, and return how many.

    Raises SMTPException or OSError for what the server does not take; that message waits for the next time.
    """
    sent = 0
    if not settings.MAIL:
        return sent
    waiting = Message.objects.filter(process__in=MAILED, mailed_at=None, at__gt=now - FRESH)
    for message in waiting.order_by("pk"):
        if not waiting.filter(pk=message.pk).update(mailed_at=now):
            continue
        try:
            get_connection().send_messages(_letters(message))
        except (SMTPException, OSError):
            Message.objects.filter(pk=message.pk).update(mailed_at=None)
            raise
        sent += 1
    return sent


def _letters(message: Message) -> list[EmailMessage]:
    """Return one letter for each person, so that nobody reads the others' addresses."""
    act = _("Open the portal: %s") % (settings.PUBLIC_URL + message.link)
    body = f"{message.text}\n\n{act}\n"
    return [EmailMessage(message.title, body, to=[address]) for address in _addresses(message)]


def _addresses(message: Message) -> list[str]:
    mine = Q(groups__name__in=message.roles) | Q(is_superuser=True) | Q(username=message.person)
    able = User.objects.filter(mine, is_active=True, is_staff=True).exclude(email="")
    return sorted(set(able.values_list("email", flat=True)))
