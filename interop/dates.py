"""Days and moments as people of the district say them: in its time zone, with today and yesterday by name."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _

MANY = 3
"""So many times that follow each other by the hour are told as a span."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def zone() -> ZoneInfo:
    """Return the district's time zone."""
    return ZoneInfo(settings.DISTRICT_TIME_ZONE)


def milliseconds(moment: dt.datetime) -> int:
    """Return a moment as whole milliseconds since 1970, UTC."""
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def district_day(value: dt.date) -> dt.date:
    """Return the day of the district a moment falls on; a plain date is that day already."""
    return value.astimezone(zone()).date() if isinstance(value, dt.datetime) else value


def day_words(value: dt.date, now: dt.datetime) -> str:
    """Return `today`, `yesterday`, `tomorrow` or `Nov 22, 2026`."""
    day = district_day(value)
    named = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    return named.get((day - district_day(now)).days) or str(formats.date_format(day, _("M j, Y")))


def short_day(day: dt.date, today: dt.date) -> str:
    """Return `Nov 22`, with the year when it is another than today's."""
    return str(formats.date_format(day, _("M j") if day.year == today.year else _("M j, Y")))


def near_day_words(value: dt.date, now: dt.datetime) -> str:
    """Return the day as within a sentence about now: without the year when it is this one."""
    day = district_day(value)
    if abs((day - district_day(now)).days) > 1 and day.year == district_day(now).year:
        return short_day(day, district_day(now))
    return day_words(day, now)


def clock(value: dt.datetime) -> str:
    """Return `8:34 am`."""
    local = value.astimezone(zone())
    return f"{formats.date_format(local, _('g:i'))} {_('am') if local.hour < 12 else _('pm')}"


def moment_words(value: dt.datetime, now: dt.datetime) -> str:
    """Return `today, 8:34 am` or `Nov 13, 2026, 8:34 am`."""
    return f"{day_words(value, now)}, {clock(value)}"


def ago_words(value: dt.datetime, now: dt.datetime) -> str:
    """Return `4 minutes ago` within the hour, then `today, 8:34 am`, then the day."""
    minutes = int((now - value).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("1 minute ago") if minutes == 1 else _("%d minutes ago") % minutes
    if (district_day(now) - district_day(value)).days <= 1:
        return moment_words(value, now)
    return near_day_words(value, now)


def count_words(number: int) -> str:
    """Return the number in full up to 999,999, then `4.1 million`."""
    if abs(number) < 1_000_000:
        return f"{number:,}"
    return _("%s million") % f"{number / 1_000_000:,.1f}"


def times_words(times: Sequence[dt.time]) -> str:
    """Return `every hour from 6:00 am to 6:00 pm, and at 4:10 am`."""
    singles, spans = apart(sorted(set(times)))
    told = [_("every hour from %(first)s to %(last)s") % {"first": _o_clock(a), "last": _o_clock(b)} for a, b in spans]
    if singles:
        told.append(_("at %s") % ", ".join(_o_clock(at) for at in singles))
    return _(", and ").join(told) if told else _("never by themselves")


def apart(times: Sequence[dt.time]) -> tuple[list[dt.time], list[tuple[dt.time, dt.time]]]:
    """Return single times, and spans of at least three that follow each other by the hour."""
    singles: list[dt.time] = []
    spans: list[tuple[dt.time, dt.time]] = []
    for _minute, same in groupby(sorted(times, key=lambda at: (at.minute, at.hour)), key=lambda at: at.minute):
        for _start, run in groupby(enumerate(same), key=lambda pair: pair[1].hour - pair[0]):
            hours = [at for _number, at in run]
            if len(hours) >= MANY:
                spans.append((hours[0], hours[-1]))
            else:
                singles += hours
    return sorted(singles), sorted(spans)


def _o_clock(at: dt.time) -> str:
    return clock(dt.datetime.combine(dt.date(2000, 1, 1), at, zone()))
