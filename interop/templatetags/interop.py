"""Filters every page may use: `day`, `moment` and `ago` for times, `count` for numbers.

A time comes out as a <time> element with the exact moment as its title. By itself it begins with a capital letter; with
the argument "inside" it stands in a sentence: {{ last_call|moment:"inside" }}.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from interop import dates

register = template.Library()
INSIDE = "inside"


@register.filter
def day(value: dt.date | None, place: str = "") -> str:
    """Return the day: Today, Yesterday, Nov 22, 2026. Nothing for None."""
    return _time(value, dates.day_words, place) if value else ""


@register.filter
def moment(value: dt.datetime | None, place: str = "") -> str:
    """Return day and time: Today, 8:34 am. Nothing for None."""
    return _time(value, dates.moment_words, place) if value else ""


@register.filter
def ago(value: dt.datetime | None, place: str = "") -> str:
    """Return how long ago within the hour, else day and time or the day alone. Nothing for None."""
    return _time(value, dates.ago_words, place) if value else ""


@register.filter
def countdown(value: dt.datetime) -> str:
    """Return the minutes and seconds until then: 1:42."""
    seconds = max(0, round((value - timezone.now()).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"


@register.filter
def count(value: int | None) -> str:
    """Return a number as people read it: 187,412 or 4.1 million. Nothing for None."""
    return "" if value is None else dates.count_words(value)


def _time(value: Any, words: Callable[[Any, dt.datetime], str], place: str) -> SafeString:
    said = words(value, timezone.now())
    exact = formats.date_format(value, "l, F j, Y")
    if isinstance(value, dt.datetime):
        value = value.astimezone(dates.zone())
        exact = f"{formats.date_format(value, 'l, F j, Y, g:i:s A')} {value.tzname()}"
    said = said if place == INSIDE else capfirst(said)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, said)
