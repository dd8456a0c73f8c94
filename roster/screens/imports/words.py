"""Imports in words: their state, their stages, and how long they took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop.dates import count_words
from interop.jobs.models import JobRun
from interop.jobs.models import State as RunState
from roster.feeding import live
from roster.feeding.deliveries import JOB
from roster.models import FeedImport

State = FeedImport.State
AT_WORK = (State.WAITING, State.WORKING, State.PUBLISHING, State.UNDOING)
SHAPES = {
    State.WAITING: ("paused", "soon"), State.WORKING: ("stale", "soon"), State.PUBLISHING: ("stale", "soon"),
    State.UNDOING: ("stale", "soon"), State.HELD: ("held", "person"), State.DONE: ("healthy", "good"),
    State.NOTHING: ("never-connected", "off"), State.REFUSED: ("failing", "broken"),
    State.REJECTED: ("disabled", "off"), State.STOPPED: ("disabled", "off"), State.UNDONE: ("disabled", "off"),
}  # fmt: skip
"""The shape and the family of colours each state is drawn with."""
ORDER = tuple(live.STAGES)


@dataclass(frozen=True)
class Line:
    """One import as the list shows it."""

    feed: FeedImport
    shape: str
    family: str
    new: int
    changed: int
    ended: int
    took: str
    gave_up: bool = False


@dataclass(frozen=True)
class StageTold:
    """One stage: `now` is done, working, held, failed or ahead."""

    title: Any
    now: str
    told: str
    done: int = 0
    total: int = 0


def line(feed: FeedImport, *, gave_up: bool = False) -> Line:
    """Return an import as the list shows it."""
    shape, family = ("failing", "broken") if gave_up else SHAPES[State(feed.state)]
    total = {what: sum(each[what] for each in feed.counts.values()) for what in ("new", "changed", "ended")}
    return Line(
        feed, shape, family, **total, took=took(sum(feed.times.values())) if feed.times else "", gave_up=gave_up
    )


def gave_up(feeds: Sequence[FeedImport]) -> set[int]:
    """Return which of these imports the worker has given up; one statement."""
    stuck = [str(feed.pk) for feed in feeds if feed.state in (State.WAITING, State.WORKING)]
    runs = JobRun.objects.filter(job=JOB, subject__in=stuck).order_by("pk")
    last = dict(runs.values_list("subject", "state"))
    return {int(subject) for subject, state in last.items() if state == RunState.DEAD}


def took(seconds: float) -> str:
    """Return how long something took: `3 s`, `2 min 5 s`."""
    whole = round(seconds)
    if not whole:
        return _("under 1 s")
    return _("%d s") % whole if whole < 60 else _("%(m)d min %(s)d s") % {"m": whole // 60, "s": whole % 60}


def stages(feed: FeedImport) -> list[StageTold]:
    """Return the stages of an import with what each found."""
    now = live.now(feed.pk) if feed.state in AT_WORK else {}
    at = _reached(feed, now)
    return [_stage(feed, name, ORDER.index(name), at, now) for name in ORDER]


def _reached(feed: FeedImport, now: Mapping[str, object]) -> int:
    """Return the number of the stage that is at work, held or failed; one past the last when all are done."""
    if feed.state == State.WAITING and not feed.times:
        return 0
    if feed.state in (State.HELD, State.REJECTED, State.STOPPED, State.NOTHING, State.WAITING):
        return ORDER.index("apply")
    if feed.state == State.REFUSED:
        return max([ORDER.index(name) for name in feed.times if name in ORDER], default=0)
    if feed.state == State.PUBLISHING:
        return ORDER.index("publish")
    if feed.state == State.WORKING:
        return ORDER.index(str(now.get("stage") or "unpack"))
    return len(ORDER)


def _stage(feed: FeedImport, name: str, number: int, at: int, now: Mapping[str, object]) -> StageTold:
    title = live.STAGES[name]
    if number < at:
        return StageTold(title, "done", ", ".join(part for part in (_found(feed, name), _took(feed, name)) if part))
    if number > at:
        return StageTold(title, "ahead", "")
    if feed.state in (State.WORKING, State.PUBLISHING):
        done, total = (int(str(now.get(each) or 0)) for each in ("done", "total"))
        return StageTold(title, "working", str(now.get("what") or _("at work")), min(done, total), total)
    if feed.state == State.HELD:
        return StageTold(_("Held for a decision"), "held", "")
    if feed.state == State.REFUSED:
        return StageTold(title, "failed", _found(feed, name))
    return StageTold(title, "ahead", _("nothing to do") if feed.state == State.NOTHING else "")


def _took(feed: FeedImport, name: str) -> str:
    return took(feed.times[name]) if name in feed.times else ""


def _found(feed: FeedImport, name: str) -> str:
    if name != "check":
        return ""
    rows, errors = sum(feed.rows.values()), feed.errors
    warnings = sum(times for _file, _column, _message, times in feed.warnings)
    parts = [ngettext("%s row", "%s rows", rows) % count_words(rows)] if rows else []
    parts += [ngettext("%s error", "%s errors", errors) % count_words(errors)] if errors else []
    parts += [ngettext("%s warning", "%s warnings", warnings) % count_words(warnings)] if warnings else []
    return ", ".join(parts)
