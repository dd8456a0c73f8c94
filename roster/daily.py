"""The daily refresh: once on each day of the district, at its time or, when the portal was down then, afterwards.

The scheduler rings every minute; whether anything is due follows from the time given and a row that names the last day
done. A bell that is lost, late or doubled changes nothing.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from interop.dates import clock, zone
from roster import refreshing
from roster.models import DailyRefresh, DistrictSettings
from roster.publishing import RefreshRunning

ONE_DAY = dt.timedelta(days=1)


def slot(day: dt.date, at: dt.time, where: ZoneInfo) -> dt.datetime:
    """Return the one moment a local time stands for on a day.

    A time the clocks skip is as late after midnight as it would have been; of one that comes twice it is the first.
    """
    return dt.datetime.combine(day, at, where).astimezone(dt.UTC)


def due(at: dt.time, done_on: dt.date | None, now: dt.datetime, where: ZoneInfo) -> dt.date | None:
    """Return the day whose refresh has to run now, None when it has run or its time has not come."""
    today = now.astimezone(where).date()
    day = today if now >= slot(today, at, where) else today - ONE_DAY
    return day if done_on is None or done_on < day else None


def next_slot(at: dt.time, done_on: dt.date | None, now: dt.datetime, where: ZoneInfo) -> dt.datetime:
    """Return when the refresh runs next: now when it is due, else at its time on the first day not done."""
    if due(at, done_on, now, where):
        return now
    today = now.astimezone(where).date()
    day = today if now < slot(today, at, where) and done_on != today else today + ONE_DAY
    return slot(day, at, where)


def run_if_due() -> bool:
    """Refresh when today's is due and note the day; say whether it was.

    The day is noted after the refresh, so one that died is begun again by the next bell. While another refresh is at
    work the next bell asks again; one that was held or had no school year is told and waits for the next day.
    """
    day = due(DistrictSettings.load().refresh_at, done_on(), timezone.now(), zone())
    if day is None:
        return False
    try:
        refreshing.run(by=_("the daily schedule"))
    except RefreshRunning:
        return False
    DailyRefresh.objects.update_or_create(pk=1, defaults={"done_on": day})
    return True


def done_on() -> dt.date | None:
    """Return the last day that is done."""
    return DailyRefresh.objects.filter(pk=1).values_list("done_on", flat=True).first()


def next_refresh() -> dt.datetime:
    """Return when the portal refreshes by itself the next time."""
    return next_slot(DistrictSettings.load().refresh_at, done_on(), timezone.now(), zone())


def told() -> str:
    """Return for vendors when new records come by themselves: `every day at 4:10 am, America/Chicago`."""
    where = zone()
    at = dt.datetime.combine(timezone.now().astimezone(where), DistrictSettings.load().refresh_at, where)
    return _("every day at %(time)s, %(zone)s") % {"time": clock(at), "zone": where.key}
