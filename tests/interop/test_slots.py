"""Every slot comes exactly once, whatever the clocks of a time zone do."""

import datetime as dt
import os
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from interop.slots import Every, daily, moment, periodic

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "America/Adak", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam", "Pacific/Pago_Pago",
)  # fmt: skip
"""Every way the clocks of the United States and its territories go."""
NIGHT, HOURS = dt.time(4, 10), [dt.time(hour) for hour in range(6, 19)]
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
UTC = dt.UTC
LAST_YEAR = 2035 if os.environ.get("INTEROP_PROVE") else 2027
"""The clocks go by the same rules every year; `make prove` walks through ten."""


@pytest.mark.parametrize("name", ZONES)
def test_years_of_local_times_come_once_a_day_at_their_time(name):
    where = ZoneInfo(name)
    first, last = dt.date(2026, 1, 1), dt.date(LAST_YEAR, 12, 31)
    since, until = moment(first, dt.time(), where) - MINUTE, moment(last, dt.time(23, 59), where)
    slots = daily([NIGHT, *HOURS], where, since, until)
    days = (last - first).days + 1
    assert len(slots) == len({slot.name for slot in slots}) == 14 * days
    assert Counter(slot.name[-5:] for slot in slots)["04:10"] == days
    assert all(f"{slot.at.astimezone(where):%Y-%m-%d %H:%M}" == slot.name for slot in slots)


@pytest.mark.parametrize(("pause", "looks"), [(MINUTE, 600), (37 * MINUTE, 200), (DAY * 1.3, 12)])
def test_whoever_looks_how_often_finds_each_slot_once(pause, looks):
    where = ZoneInfo("America/New_York")
    began = dt.datetime(2026, 10, 31, 20, tzinfo=UTC)
    times = [dt.time(1, 30), dt.time(2, 30), NIGHT]
    found = [
        slot
        for number in range(looks)
        for slot in daily(times, where, began + number * pause, began + (number + 1) * pause)
    ]
    assert found == daily(times, where, began, began + looks * pause)
    assert len({slot.name for slot in found}) == len(found)


def test_a_time_the_clocks_skip_comes_an_hour_later_and_one_that_comes_twice_the_first_time():
    where = ZoneInfo("America/New_York")
    assert moment(dt.date(2026, 3, 8), dt.time(2, 30), where) == dt.datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert moment(dt.date(2026, 11, 1), dt.time(1, 30), where) == dt.datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "runs"), [((2026, 3, 8), 276), ((2026, 6, 8), 288), ((2026, 11, 1), 300)])
def test_a_job_of_five_minutes_runs_as_often_as_the_day_is_long(day, runs):
    where, date = ZoneInfo("America/New_York"), dt.date(*day)
    began, ended = (moment(each, dt.time(), where) - MINUTE for each in (date, date + DAY))
    slots = periodic(Every(dt.timedelta(minutes=5)), began, ended)
    assert len({slot.name for slot in slots}) == runs
