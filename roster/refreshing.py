"""A refresh asked for by a click: one at a time, done by the worker, its outcome told on the page.

What is asked is kept in the shared cache with an end: when the worker is gone nobody waits for ever, and when it comes
twice the publisher's own lock lets one of them work.
"""

import datetime as dt
from dataclasses import asdict, dataclass, replace

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from interop import audit
from interop.dates import count_words
from interop.doorbell import ring
from roster.models import DistrictSettings
from roster.publishing import Held, NotPublished, Outcome, RefreshRunning, publish
from roster.publishing.status import Published, groups

KEY = "roster.refreshing"
NEXT = "roster.daily.next_refresh"
"""The schedule stands above this module, so it is known by name."""
TASK = "roster.tasks.refresh"
PATIENCE = 600
"""Seconds until an asked refresh that nobody began is forgotten."""
TOLD = 86_400
"""Seconds an outcome is shown."""


@dataclass(frozen=True)
class Asked:
    """A refresh somebody asked for; `told` is its outcome in a sentence, blank until there is one.

    `held` when it waits for a security officer; `force` when one of them said that it is right.
    """

    by: str
    at: dt.datetime
    told: str = ""
    good: bool = False
    held: bool = False
    force: bool = False


@dataclass(frozen=True)
class Cache:
    """What the page of applications shows of the published copy: what is in it, the last refresh, and the next."""

    groups: list[Published]
    asked: Asked | None
    next_at: dt.datetime


def state() -> Cache:
    """Return what vendors read now, the refresh last asked for, and when the next comes by itself."""
    return Cache(groups(), current(), import_string(NEXT)())


def ask(by: str, now: dt.datetime, *, reason: str = "") -> bool:
    """Have the worker refresh; False when one that was asked for has not finished.

    With a reason it publishes also what would be held; the trail keeps the reason.
    """
    if (known := current()) and not known.told:
        return False
    target = DistrictSettings.load()
    if reason:
        audit.record(by, "let a held refresh through", target, after={"reason": reason, "held": known and known.told})
    else:
        audit.record(by, "asked for a refresh", target)
    _keep(Asked(by, now, force=bool(reason)), PATIENCE)
    transaction.on_commit(lambda: ring(TASK))
    return True


def current() -> Asked | None:
    """Return the refresh last asked for, None when that is long ago."""
    kept = cache.get(KEY)
    return Asked(**kept) if kept else None


def answer() -> None:
    """Publish for the person who asked, and note what came of it; also when another refresh is at work."""
    asked = current() or Asked(_("the portal"), timezone.now())
    try:
        _publish(asked)
    except RefreshRunning as refusal:
        _keep(replace(asked, told=_("Nothing was published. %s") % refusal), TOLD)


def run(*, by: str) -> None:
    """Publish because it is time to, and note what came of it. Raises RefreshRunning."""
    _publish(Asked(by, timezone.now()))


def _publish(asked: Asked) -> None:
    began = timezone.now()
    try:
        outcome = publish(began, force=asked.force)
    except RefreshRunning:
        raise
    except NotPublished as refusal:
        held = isinstance(refusal, Held)
        _keep(replace(asked, told=_("Nothing was published. %s") % refusal, held=held), TOLD)
    else:
        _keep(replace(asked, told=words(outcome, timezone.now() - began), good=True), TOLD)


def words(outcome: Outcome, took: dt.timedelta) -> str:
    """Return what a refresh did: how many records changed, came and ended, and how long it took."""
    seconds = max(1, round(took.total_seconds()))
    if not outcome.changed:
        return _("Nothing had changed. %d s.") % seconds
    counts = outcome.counts.values()
    return _("%(changed)s records changed, %(new)s new, %(ended)s ended. %(seconds)d s.") % {
        "changed": count_words(sum(count.changed for count in counts)),
        "new": count_words(sum(count.new for count in counts)),
        "ended": count_words(sum(count.ended for count in counts)),
        "seconds": seconds,
    }


def _keep(asked: Asked, seconds: int) -> None:
    cache.set(KEY, asdict(asked), seconds)
