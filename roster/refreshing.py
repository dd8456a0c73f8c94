"""A refresh asked for by a click: one at a time, done by the worker, its outcome told on the page.

What is asked is kept in the shared cache with an end: when the worker is gone nobody waits for ever, and when it comes
twice the publisher's own lock lets one of them work.
"""

import datetime as dt
from dataclasses import asdict, dataclass, replace

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from interop import audit
from interop.dates import count_words
from roster.models import DistrictSettings
from roster.publishing import NotPublished, Outcome, publish
from roster.publishing.status import Published, groups

KEY = "roster.refreshing"
TASK = "roster.tasks.refresh"
PATIENCE = 600
"""Seconds until an asked refresh that nobody began is forgotten."""
TOLD = 86_400
"""Seconds an outcome is shown."""


@dataclass(frozen=True)
class Asked:
    """A refresh somebody asked for; `told` is its outcome in a sentence, blank until there is one."""

    by: str
    at: dt.datetime
    told: str = ""
    good: bool = False


@dataclass(frozen=True)
class Cache:
    """What the page of applications shows of the published copy."""

    groups: list[Published]
    asked: Asked | None


def state() -> Cache:
    """Return what vendors read now, and the refresh last asked for."""
    return Cache(groups(), current())


def ask(by: str, now: dt.datetime) -> bool:
    """Have the worker refresh; False when one that was asked for has not finished."""
    if (known := current()) and not known.told:
        return False
    audit.record(by, "asked for a refresh", DistrictSettings.load())
    _keep(Asked(by, now), PATIENCE)
    transaction.on_commit(lambda: current_app.send_task(TASK))
    return True


def current() -> Asked | None:
    """Return the refresh last asked for, None when that is long ago."""
    kept = cache.get(KEY)
    return Asked(**kept) if kept else None


def run() -> None:
    """Publish, and note what came of it for the person who asked."""
    began = timezone.now()
    asked = current() or Asked(_("the portal"), began)
    try:
        outcome = publish(began)
    except NotPublished as refusal:
        _keep(replace(asked, told=_("Nothing was published. %s") % refusal), TOLD)
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
