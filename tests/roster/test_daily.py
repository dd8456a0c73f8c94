"""The daily refresh comes once on every day of the district, whatever its clocks do."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster import daily, refreshing, tasks
from roster.models import DailyRefresh, DistrictSettings
from roster.publishing import Held, Outcome, RefreshRunning

HERE = ZoneInfo("America/Denver")
FOUR = dt.time(4, 10)
MINUTE = dt.timedelta(minutes=1)


def local(*parts, fold=0):
    return dt.datetime(*parts, tzinfo=HERE, fold=fold).astimezone(dt.UTC)


@given(
    at=st.times(),
    zone=st.sampled_from(["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
                          "America/Anchorage", "America/Phoenix", "Pacific/Honolulu"]).map(ZoneInfo),
    gaps=st.lists(st.integers(3 * 60, 60 * 60), min_size=8, max_size=30),
)  # fmt: skip
def test_bells_of_a_year_refresh_once_a_day_and_never_before_its_time(at, zone, gaps):
    now, end = local(2026, 1, 1), local(2027, 1, 1)
    done, days, missed = now.astimezone(zone).date() - 2 * daily.ONE_DAY, [], 0
    while now < end:
        day = daily.due(at, done, now, zone)
        if day is not None:
            assert daily.slot(day, at, zone) <= now < daily.slot(day + daily.ONE_DAY, at, zone)
            days.append(day)
            done = day
            assert daily.due(at, done, now, zone) is None
        coming = daily.next_slot(at, done, now, zone)
        assert daily.due(at, done, coming, zone)
        assert daily.due(at, done, coming - MINUTE, zone) is None
        now += MINUTE * gaps[missed % len(gaps)]
        missed += 1
    assert days == sorted(set(days))
    if max(gaps) < 23 * 60:  # with a bell at least every 23 hours no day is left out
        assert len(days) == (days[-1] - days[0]).days + 1


@pytest.mark.parametrize(
    ("at", "done", "now", "due"),
    [
        (FOUR, None, local(2026, 11, 22, 12), dt.date(2026, 11, 22)),
        (FOUR, dt.date(2026, 11, 21), local(2026, 11, 22, 4, 9), None),
        (FOUR, dt.date(2026, 11, 21), local(2026, 11, 22, 4, 10), dt.date(2026, 11, 22)),
        (FOUR, dt.date(2026, 11, 22), local(2026, 11, 22, 4, 11), None),
        (FOUR, dt.date(2026, 11, 18), local(2026, 11, 22, 3), dt.date(2026, 11, 21)),
        (dt.time(2, 30), dt.date(2026, 3, 7), local(2026, 3, 8, 1, 59), None),
        (dt.time(2, 30), dt.date(2026, 3, 7), local(2026, 3, 8, 3, 30), dt.date(2026, 3, 8)),
        (dt.time(1, 30), dt.date(2026, 10, 31), local(2026, 11, 1, 1, 30), dt.date(2026, 11, 1)),
        (dt.time(1, 30), dt.date(2026, 11, 1), local(2026, 11, 1, 1, 30, fold=1), None),
    ],
    ids=["first day", "too early", "in time", "done", "down for days", "skipped, before", "skipped, after",
         "twice, first", "twice, again"],
)  # fmt: skip
def test_what_is_due_follows_from_the_day_last_done(at, done, now, due):
    assert daily.due(at, done, now, HERE) == due


@pytest.mark.django_db
def test_the_bell_refreshes_when_it_is_time_and_notes_the_day(settings, monkeypatch):
    settings.DISTRICT_TIME_ZONE = HERE.key
    answers: list[object] = [RefreshRunning("Busy."), Outcome(1, local(2026, 11, 22)), Held(["all of it"])]

    def publish(_now, *, force):
        assert not force
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(refreshing, "publish", publish)
    DistrictSettings(refresh_at=dt.time(5)).save()
    clock = [local(2026, 11, 22, 5)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])
    tasks.refresh_daily()
    assert daily.done_on() is None
    tasks.refresh_daily()
    tasks.refresh_daily()
    assert (daily.done_on(), len(answers)) == (dt.date(2026, 11, 22), 1)
    assert refreshing.current().by == "the daily schedule"
    assert daily.next_refresh() == local(2026, 11, 23, 5)
    assert daily.told() == "every day at 5:00 am, America/Denver"
    clock[0] = local(2026, 11, 25, 9)
    tasks.refresh_daily()
    assert DailyRefresh.objects.get().done_on == dt.date(2026, 11, 25)
    assert refreshing.current().held
