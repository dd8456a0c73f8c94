"""What vendors do that they never did: far more records than usual, or calls from a network nobody knows.

A credential that was stolen shows itself in one of these. The rules are plain functions; `look` asks them of every
connection each time the access log has been added up.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from connections.models import Connection, DailyUse, SeenNetwork
from interop.admin.roles import EDITORS
from interop.dates import count_words, district_day, near_day_words
from interop.messages.models import ACTIVITY, Message
from interop.messages.telling import tell

TIMES, DAYS = 5, 14
FEWEST_DAYS, A_WEEK = 3, 7
"""Days with records, and days since the first of them, that it takes to speak of what is usual."""
FLOOR = 1_000
"""Records a day that are worth nobody's attention, however few there were before."""
LEARNING = dt.timedelta(days=7)
"""So long after its first call every network is one of the vendor's own."""
ROAMS = 3
"""Who came from so many new networks within DAYS calls from a cloud, where a new one says nothing."""
RECENT = dt.timedelta(days=1)


def is_unusual(today: int, before: Sequence[int]) -> bool:
    """Say whether the records of today are far more than usual. `before` are those of each day before it, up to DAYS.

    Usual is five times the median of the days with records, and also the busiest of them: who pulls everything once a
    week does so next week too.
    """
    busy = [number for number in before if number]
    known = len(busy) >= FEWEST_DAYS and len(before) >= A_WEEK
    return known and today >= FLOOR and today > TIMES * median(busy) and today > max(busy)


def is_strange(network: str, first_seen: Mapping[str, dt.datetime]) -> bool:
    """Say whether a network is new to a vendor who keeps to its own; `first_seen` are all it ever called from."""
    at = first_seen[network]
    if at - min(first_seen.values()) < LEARNING:
        return False
    recent = [other for other, seen in first_seen.items() if other != network and at - dt.timedelta(DAYS) < seen <= at]
    return len(recent) < ROAMS


def look(now: dt.datetime) -> None:
    """Tell the data office of every connection that does what it never did, each once."""
    names = dict(Connection.objects.values_list("pk", "name"))
    tell([*_volumes(names, now), *_networks(names, now)])


def _volumes(names: Mapping[int, str], now: dt.datetime) -> Iterator[Message]:
    today = district_day(now)
    rows = (
        DailyUse.objects.filter(day__gte=today - dt.timedelta(DAYS), day__lte=today)
        .values_list("connection_id", "day")
        .annotate(Sum("records"))
    )
    days: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for connection, day, records in rows:
        days[connection][day] = records
    for connection, told in days.items():
        number = told.pop(today, 0)
        known = (today - min(told, default=today)).days
        before = [told.get(today - dt.timedelta(ago), 0) for ago in range(known, 0, -1)]
        if is_unusual(number, before):
            usual = median(each for each in before if each)
            said = {"number": count_words(number), "usual": count_words(round(usual))}
            yield _message(
                connection, f"volume:{today}", _("%s takes far more than usual") % names[connection][:120],
                _("%(number)s records so far today; on a usual day it is about %(usual)s. Ask the vendor whether it "
                  "knows why. When it does not, freeze the connection.") % said,
            )  # fmt: skip


def _networks(names: Mapping[int, str], now: dt.datetime) -> Iterator[Message]:
    recent = set(SeenNetwork.objects.filter(first_at__gt=now - RECENT).values_list("connection_id", flat=True))
    seen: dict[int, dict[str, dt.datetime]] = defaultdict(dict)
    for connection, network, at in SeenNetwork.objects.filter(connection__in=recent).values_list(
        "connection_id", "network", "first_at"
    ):
        seen[connection][network] = at
    for connection, first_seen in seen.items():
        for network, at in first_seen.items():
            if at > now - RECENT and is_strange(network, first_seen):
                said = {"network": network, "day": near_day_words(at, now)}
                yield _message(
                    connection, f"network:{network}", _("%s calls from a new network") % names[connection][:120],
                    _("Since %(day)s it calls from %(network)s, for the first time. Ask the vendor whether that is its "
                      "own. When it is not, freeze the connection and make a new secret.") % said,
                )  # fmt: skip


def _message(connection: int, about: str, title: str, text: str) -> Message:
    return Message(
        key=f"{ACTIVITY}:{connection}:{about}",
        process=ACTIVITY,
        kind="throttled",
        title=title,
        text=text,
        link=reverse("admin:connection_activity", args=[connection]),
        button=_("Open its activity"),
        roles=sorted(EDITORS),
    )
