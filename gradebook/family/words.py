"""What families read about an assignment: plain words, no letters and no terms of the trade."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook.family.works import Work
from gradebook.teaching.scoring import plain
from interop.dates import short_day


class Chip(NamedTuple):
    """A flag in a word; `kind` is the family of its colour."""

    word: Any
    kind: str


CHIPS = {
    "missing": Chip(gettext_lazy("Missing"), "broken"),
    "cheated": Chip(gettext_lazy("Cheating"), "broken"),
    "exempt": Chip(gettext_lazy("Exempt"), "off"),
    "dropped": Chip(gettext_lazy("Left out"), "off"),
    "incomplete": Chip(gettext_lazy("Incomplete"), "soon"),
    "late": Chip(gettext_lazy("Late"), "soon"),
    "turned_in": Chip(gettext_lazy("Turned in"), "good"),
}


class Opening(NamedTuple):
    """A way into the learning tool behind an assignment. `asks`: a page says first what the tool will be told."""

    name: str
    url: str
    new_tab: bool
    asks: bool


@dataclass(frozen=True)
class Told:
    """An assignment in words: the day it was scored or is due, the flags, the score, and what it counts as."""

    work: Work
    class_name: str
    day: str
    chips: list[Chip]
    score: str
    percent: str
    counts: str
    opens: Opening | None = None


def told(work: Work, class_name: str, today: dt.date, opens: Opening | None = None) -> Told:
    """Return an assignment in words."""
    chips = [chip for name, chip in CHIPS.items() if name in work.flags]
    percent = "" if work.percent is None else _("%s %%") % plain(work.percent)
    scored_on = work.scored_on if work.is_done else None
    day = short_day(scored_on, today) if scored_on else due_words(work.due_on, today)
    return Told(work, class_name, day, chips, score_words(work), percent, counts_words(work), opens)


def due_words(day: dt.date, today: dt.date) -> str:
    """Return `was due Nov 16`, `due today`, `due tomorrow, Nov 23`, `due Tuesday, Nov 24` or `due Dec 14`."""
    short, ahead = short_day(day, today), (day - today).days
    if ahead < 0:
        return _("was due %s") % short
    if ahead == 0:
        return _("due today")
    if ahead == 1:
        return _("due tomorrow, %s") % short
    if ahead < 7:
        return _("due %(weekday)s, %(day)s") % {"weekday": formats.date_format(day, "l"), "day": short}
    return _("due %s") % short


def score_words(work: Work) -> str:
    """Return `23 of 25`, `3 extra points`, the points there are to get, or nothing."""
    if work.score is not None and not work.is_zero:
        if work.points is None:
            return plain(work.score)
        if work.points == 0:
            return _("%s extra") % plain(work.score)
        return _("%(score)s of %(points)s") % {"score": plain(work.score), "points": work.points}
    return work.text if not work.is_zero else ""


def points_words(work: Work) -> str:
    """Return what there is to get; nothing where nothing is graded."""
    if work.points is None:
        return ""
    return _("extra credit") if work.points == 0 else _("%d points") % work.points


def counts_words(work: Work) -> str:
    """Return how it counts where that is not as the score says."""
    if work.is_left_out:
        return _("does not count")
    if work.is_zero and work.points:
        return _("counts as 0 of %d") % work.points
    if work.score is not None and not work.counted:
        return _("does not count")
    if work.is_done and work.multiplier != 1 and work.counted:
        return _("counts %s times") % plain(work.multiplier)
    return "" if work.is_done or work.is_zero else points_words(work)
