"""When the published copy is refreshed by itself, in the district's local times, and how people are told so."""

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from interop import schedule
from interop.dates import times_words, zone
from roster.models import DistrictSettings
from roster.models.settings import LATE, SCHOOL_HOURS, hourly_and_nightly, nightly
from roster.publishing.groups import Group

JOBS: dict[Group, str] = {"student": "student-records", "class": "class-records"}
"""The job that refreshes each group."""
PRESETS: dict[str, dict[str, list[dt.time]]] = {
    "nightly": {"class_times": nightly(), "student_times": hourly_and_nightly()},
    "hourly": {"class_times": [*SCHOOL_HOURS, LATE], "student_times": [*SCHOOL_HOURS, LATE]},
}
"""Timetables of one click: classes at night and people by the hour, or both by the hour and once late."""
CHECK = dt.time(4, 40)
"""When the nightly refresh has ended and nobody works."""
AHEAD = dt.timedelta(days=2)


def class_times() -> Sequence[dt.time]:
    """Return the local times at which class records are refreshed."""
    return DistrictSettings.load().class_times


def student_times() -> Sequence[dt.time]:
    """Return the local times at which student records are refreshed."""
    return DistrictSettings.load().student_times


def check_times() -> Sequence[dt.time]:
    """Return the local times at which all that is published is compared with the district's data."""
    return [CHECK]


def next_refresh(group: Group, now: dt.datetime) -> dt.datetime | None:
    """Return when a group is refreshed by itself the next time, None when it has no times."""
    slots = schedule.job(JOBS[group]).slots(now, now + AHEAD)
    return slots[0].at if slots else None


def told() -> str:
    """Return for vendors when new records come by themselves."""
    where = {
        "people": times_words(student_times()), "classes": times_words(class_times()), "zone": zone().key,
    }  # fmt: skip
    if where["people"] == where["classes"]:
        return _("%(people)s, %(zone)s") % where
    return _("people %(people)s; classes %(classes)s (%(zone)s)") % where
