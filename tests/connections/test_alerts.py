"""Who does what it never did is told of; who does what it always does is not."""

import datetime as dt
import random

import pytest

from connections import alerts, jobs
from connections.alerts import is_strange, is_unusual
from connections.models import AccessLog, DailyUse, SeenNetwork, UsageMark
from interop.messages.models import Message

NOW = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)  # Sunday noon in Chicago
DAY = dt.timedelta(days=1)
HABITS = {
    "a full pull every night": lambda _day, chance: round(40_000 * chance.uniform(0.9, 1.1)),
    "changes every night, more on school days": lambda day, chance: round(
        chance.uniform(5, 60) if day % 7 > 4 else chance.uniform(150, 900)
    ),
    "changes every night, everything on Sundays": lambda day, chance: (
        40_000 if day % 7 == 6 else chance.randint(5, 900)
    ),
    "every hour of school days": lambda day, chance: 0 if day % 7 > 4 else chance.randint(6_000, 9_000),
    "now and then": lambda day, chance: chance.choice([0, 0, 0, 1, 2, 300]),
}


@pytest.mark.parametrize("habit", HABITS)
def test_thirty_normal_days_alarm_nobody_and_a_spike_does_at_once(habit):
    for seed in range(40):
        chance = random.Random(seed)  # noqa: S311 - no secret
        days = [HABITS[habit](day, chance) for day in range(30)]
        for day in range(30):
            assert not is_unusual(days[day], days[max(0, day - alerts.DAYS) : day]), (seed, day, days)
        recent = days[-alerts.DAYS :]
        if sum(1 for each in recent if each) >= alerts.FEWEST_DAYS:
            assert is_unusual(6 * max(*recent, 1_000), recent)


def test_a_new_vendor_and_few_records_are_nobody_s_business():
    assert not is_unusual(50_000, [])
    assert not is_unusual(50_000, [10, 20, 30])
    assert not is_unusual(50_000, [10, 0, 0, 0, 0, 0, 20])
    assert is_unusual(50_000, [10, 0, 0, 0, 0, 20, 30])
    assert not is_unusual(999, [1, 2, 3, 4, 5, 6, 7])


def seen(*days_ago):
    return {f"192.0.{number}.0/24": NOW - ago * DAY for number, ago in enumerate(days_ago)}


def test_a_network_is_strange_to_a_vendor_who_keeps_to_its_own():
    assert is_strange("192.0.1.0/24", seen(60, 0))
    assert is_strange("192.0.2.0/24", seen(60, 59, 0))


def test_every_network_of_the_first_week_is_its_own_and_a_cloud_has_many():
    assert not is_strange("192.0.1.0/24", seen(6, 0))
    assert not is_strange("192.0.0.0/24", seen(0))
    roaming = seen(60, 12, 9, 5, 0)
    assert not is_strange("192.0.4.0/24", roaming)


def test_thirty_days_of_a_vendor_in_a_cloud_alarm_nobody():
    chance, first = random.Random(4), {}  # noqa: S311 - no secret
    for day in range(30):
        at = NOW + day * DAY
        for number in chance.sample(range(12), 4):
            first.setdefault(f"198.51.{number}.0/24", at)
        assert not any(is_strange(each, first) for each, when in first.items() if when == at), day


def row(connection, at, records, address="192.0.2.1"):
    AccessLog.objects.create(
        connection=connection, at=at, operation="getAllUsers", status=200, records=records, address=address
    )


def test_the_job_tells_of_a_spike_within_its_five_minutes_and_each_thing_once(vendor, settings, monkeypatch):
    settings.DISTRICT_TIME_ZONE = "America/Chicago"
    acme, quiet = vendor("Acme")[0], vendor("Quiet")[0]
    for connection in (acme, quiet):
        for ago in range(1, 15):
            row(connection, NOW - ago * DAY, 300)
    ticks = [NOW + minutes * dt.timedelta(minutes=5) for minutes in range(3)]

    def five_minutes_later(at):
        monkeypatch.setattr(jobs.timezone, "now", lambda: at)
        jobs.add_up_usage(None)
        return set(Message.objects.values_list("title", flat=True))

    assert five_minutes_later(ticks[0]) == set()
    for number in range(90):
        row(acme, ticks[0] + dt.timedelta(seconds=number), 100)
    row(quiet, ticks[0], 200)
    assert five_minutes_later(ticks[1]) == {"Acme takes far more than usual"}
    row(quiet, ticks[1], 10, "203.0.113.9")
    row(quiet, ticks[1], 10, "203.0.113.77")
    assert five_minutes_later(ticks[2]) == {"Acme takes far more than usual", "Quiet calls from a new network"}
    five_minutes_later(ticks[2] + dt.timedelta(minutes=5))
    assert Message.objects.count() == 2
    told = Message.objects.get(title__startswith="Acme")
    assert "9,000 records so far today; on a usual day it is about 300." in told.text
    assert (told.link, told.process) == (f"/admin/activity/{acme.pk}/", "activity")
    assert "203.0.113.0/24" in Message.objects.get(title__startswith="Quiet").text


def test_what_was_added_up_once_is_not_added_again(vendor):
    acme = vendor("Acme")[0]
    row(acme, NOW, 5)
    for _ in range(2):
        jobs.add_up_usage(None)
    assert DailyUse.objects.get().records == 5
    assert SeenNetwork.objects.get().network == "192.0.2.0/24"
    assert UsageMark.objects.get().last == AccessLog.objects.get().pk
