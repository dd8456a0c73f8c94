"""What the data office is told before connections end: 14 and 7 days ahead and on the day, each once."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from connections.models import Connection
from connections.screens.common import kind_of
from connections.state import Facts, facts_of
from interop.admin.roles import EDITORS, OFFICERS
from interop.dates import district_day
from interop.messages.models import EXPIRY, Message
from interop.messages.telling import tell

AHEAD = (14, 7, 0)
LATE = 7
"""Days after which it is too late to tell that something has ended."""


def tell_of_ends(now: dt.datetime) -> None:
    """Tell of every connection that ends soon or has ended just now; what was told already stays told once.

    A day on which nobody looked is made up for by the next look.
    """
    found = list(Connection.objects.select_related("application"))
    facts = facts_of(found, now)
    tell(message for connection in found for message in _of(connection, facts[connection.pk], now))


def _of(connection: Connection, facts: Facts, now: dt.datetime) -> Iterator[Message]:
    ends = facts.ends_at
    if ends is None or not facts.keys.made_at:
        return
    left = (district_day(ends) - district_day(now)).days
    if -LATE <= left <= AHEAD[0]:
        ahead = min(days for days in AHEAD if days >= left)
        yield _message(connection, ends, ahead=ahead, renewable=ends == facts.expires_at)


def _message(connection: Connection, ends: dt.datetime, *, ahead: int, renewable: bool) -> Message:
    told = {"name": connection.name[:120], "day": date_format(district_day(ends), "M j, Y")}
    title = _("%(name)s: access ended on %(day)s") if ahead == 0 else _("%(name)s: access ends on %(day)s")
    what = _("Renew lets it go on for a year; key and secret stay the same, and the vendor has nothing to do.")
    if not renewable:
        what = _("Its secret was given an end. Generate a new one and hand it to the vendor.")
    return Message(
        key=f"{EXPIRY}:{connection.pk}:{ends.isoformat()}:{ahead}",
        process=EXPIRY,
        kind="expired" if ahead == 0 else "expiring",
        title=title % told,
        text=f"{kind_of(connection)}. {what}",
        link=reverse("admin:connection", args=[connection.pk]) + ("#expiration" if renewable else "#secrets"),
        button=_("Renew") if renewable else _("Open the secrets"),
        roles=sorted(EDITORS if renewable else OFFICERS),
        person="" if renewable else connection.created_by,
    )
