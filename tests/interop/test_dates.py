import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import timezone

from interop import dates

NOON = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)  # 12:00 in Chicago


@pytest.fixture(autouse=True)
def chicago_at_noon(settings, monkeypatch):
    settings.DISTRICT_TIME_ZONE = "America/Chicago"
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def shown(text, **values):
    return Template("{% load interop %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (dt.date(2026, 11, 22), "today"),
        (dt.date(2026, 11, 21), "yesterday"),
        (dt.date(2026, 11, 23), "tomorrow"),
        (dt.date(2026, 11, 20), "Nov 20, 2026"),
        (dt.datetime(2026, 11, 23, 5, 59, tzinfo=dt.UTC), "today"),
        (dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC), "tomorrow"),
    ],
)
def test_a_day_is_the_district_s_and_the_near_ones_have_names(value, words):
    assert dates.day_words(value, NOON) == words


def test_within_a_sentence_the_year_is_said_only_when_it_is_another():
    assert dates.near_day_words(dt.date(2026, 11, 13), NOON) == "Nov 13"
    assert dates.near_day_words(dt.date(2027, 1, 9), NOON) == "Jan 9, 2027"


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (dt.timedelta(seconds=20), "just now"),
        (dt.timedelta(minutes=1), "1 minute ago"),
        (dt.timedelta(minutes=59), "59 minutes ago"),
        (dt.timedelta(hours=4), "today, 8:00 am"),
        (dt.timedelta(hours=24), "yesterday, 12:00 pm"),
        (dt.timedelta(days=9), "Nov 13"),
    ],
)
def test_the_recent_past_is_told_in_minutes_then_hours_then_days(before, words):
    assert dates.ago_words(NOON - before, NOON) == words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0"), (187_412, "187,412"), (999_999, "999,999"), (4_120_000, "4.1 million")]
)
def test_numbers_are_full_up_to_a_million(number, words):
    assert shown("{{ n|count }}", n=number) == words


def test_a_moment_carries_the_exact_time_as_title():
    assert shown("{{ at|moment }}", at=NOON - dt.timedelta(days=9)) == (
        '<time datetime="2026-11-13T12:00:00-06:00" title="Friday, November 13, 2026, 12:00:00 PM CST">'
        "Nov 13, 2026, 12:00 pm</time>"
    )


def test_a_day_stands_alone_with_a_capital_or_inside_a_sentence_without():
    assert ">Today</time>" in shown("{{ at|day }}", at=NOON)
    assert ">today</time>" in shown('{{ at|day:"inside" }}', at=NOON)
    assert 'datetime="2026-11-22"' in shown("{{ at|day }}", at=dt.date(2026, 11, 22))


def test_nothing_is_shown_for_what_never_was():
    assert shown("{{ at|day }}{{ at|moment }}{{ at|ago }}{{ at|count }}", at=None) == ""
