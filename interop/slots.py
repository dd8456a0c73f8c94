"""When a job is due: pure arithmetic on moments, right through every change of the clocks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Slot:
    """One time a job is due: a name that comes once for ever, and the moment (UTC)."""

    name: str
    at: dt.datetime


@dataclass(frozen=True)
class Every:
    """Due at each multiple of a period since 1970, UTC, so that a change of the clocks loses and doubles nothing."""

    period: dt.timedelta


@dataclass(frozen=True)
class At:
    """Due each day of the district at its local times; `times` is the dotted name of a function that returns them."""

    times: str


def moment(day: dt.date, at: dt.time, where: ZoneInfo) -> dt.datetime:
    """Return the one moment (UTC) a local time stands for on a day.

    A time the clocks skip is as late after midnight as it would have been; of one that comes twice it is the first.
    """
    return dt.datetime.combine(day, at, where).astimezone(dt.UTC)


def periodic(every: Every, after: dt.datetime, until: dt.datetime) -> list[Slot]:
    """Return the slots later than `after` and not later than `until`, the first one first."""
    number = (after - EPOCH) // every.period + 1
    slots = []
    while (at := EPOCH + number * every.period) <= until:
        slots.append(Slot(f"{at:%Y-%m-%d %H:%M:%S} UTC", at))
        number += 1
    return slots


def daily(times: Sequence[dt.time], where: ZoneInfo, after: dt.datetime, until: dt.datetime) -> list[Slot]:
    """Return the slots of local times later than `after` and not later than `until`, the first one first.

    Each local date has each of the times exactly once, whatever the clocks do on it.
    """
    first, last = after.astimezone(where).date() - ONE_DAY, until.astimezone(where).date()
    days = [first + number * ONE_DAY for number in range((last - first).days + 1)]
    slots = [Slot(f"{day} {at:%H:%M}", moment(day, at, where)) for day in days for at in sorted(set(times))]
    return sorted((slot for slot in slots if after < slot.at <= until), key=lambda slot: (slot.at, slot.name))
