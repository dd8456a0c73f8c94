"""Times of day as people write many of them in one line: `4:10, 6-18, 22:10`."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from interop.dates import apart

MOST = 48


class TimesField(forms.CharField):
    """A line of times, each `H:MM` or a span `H-H` of whole hours; the value is a sorted list without doubles."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=300, **options)

    def prepare_value(self, value: Any) -> Any:
        """Return the line that stands in the box."""
        return value if isinstance(value, str) else told_times(value or ())

    def to_python(self, value: Any) -> Any:
        """Return the times. Raises ValidationError naming what is no time."""
        times: set[dt.time] = set()
        for part in (each.strip() for each in (value or "").split(",")):
            if part:
                times |= _times(part)
        if len(times) > MOST:
            raise ValidationError(_("That is more than %d times a day.") % MOST)
        return sorted(times)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Say whether the line means other times than the one the person saw."""
        if self.disabled:
            return False
        try:
            return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))
        except ValidationError:
            return True


def told_times(times: Iterable[dt.time | str]) -> str:
    """Return the line for times, or for how the audit trail kept them."""
    read = [at if isinstance(at, dt.time) else dt.time.fromisoformat(at) for at in times]
    singles, spans = apart([at for at in read if at.minute == 0])
    rest = [at for at in read if at.minute] + singles
    parts = [(at, f"{at.hour}:{at:%M}") for at in rest] + [(a, f"{a.hour}-{b.hour}") for a, b in spans]
    return ", ".join(told for _at, told in sorted(parts))


def _times(part: str) -> set[dt.time]:
    try:
        if "-" in part or "–" in part:
            first, last = (int(each) for each in part.replace("–", "-").split("-"))
            if first > last:
                raise ValueError
            return {dt.time(hour) for hour in range(first, last + 1)}
        hour, _colon, minute = part.partition(":")
        return {dt.time(int(hour), int(minute or 0))}
    except ValueError as error:
        told = _("“%s” is no time of day. Write times such as 4:10, and 6-18 for every hour from 6 to 18.")
        raise ValidationError(told % part[:20]) from error
