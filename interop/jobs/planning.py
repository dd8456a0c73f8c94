"""Each look of the scheduler: what has become due is written down, and whoever is free is told to begin."""

import datetime as dt
from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Max
from django.utils.translation import gettext as _

from interop import schedule
from interop.doorbell import ring
from interop.jobs.models import OPEN, JobRun, State
from interop.schedule import Job
from interop.slots import Slot

CATCH_UP = dt.timedelta(days=1)
"""What was missed longer ago than this is not made up for."""
PERFORM = "interop.tasks.perform"
HEARTBEAT = "heartbeat"
REMEMBERED = 600
"""Seconds after which a silent scheduler is forgotten."""


def look(now: dt.datetime) -> None:
    """Note that scheduler, broker and worker are alive; write down what is due; ring for all that is to be done.

    Runs that are at work are rung for too: one whose worker is dead begins again, for the others the bell does nothing.
    """
    plan(now)
    for row in JobRun.objects.filter(state__in=OPEN, due_at__lte=now).order_by("due_at", "pk"):
        limit = schedule.job(row.job).limit.total_seconds()
        ring(PERFORM, row.pk, expires=schedule.LOOK_EVERY.total_seconds(), soft_time_limit=limit, time_limit=limit + 60)
    cache.set(HEARTBEAT, now.isoformat(), REMEMBERED)


def plan(now: dt.datetime) -> None:
    """Write down each slot that has come, once for ever, by however many schedulers.

    Of several that one job has missed only the newest is done; the others say so.
    """
    last = dict(JobRun.objects.exclude(slot="").values_list("job").annotate(Max("due_at")))
    for job in schedule.JOBS:
        since = max(last.get(job.name, now - CATCH_UP), now - CATCH_UP)
        JobRun.objects.bulk_create(_rows(job, job.slots(since, now), now), ignore_conflicts=True)


def _rows(job: Job, slots: list[Slot], now: dt.datetime) -> Iterable[JobRun]:
    for slot in slots[:-1]:
        told = _("Nothing was running then; the next one stands for it.")
        yield JobRun(job=job.name, slot=slot.name, due_at=slot.at, state=State.SKIPPED, ended_at=now, told=told)
    for slot in slots[-1:]:
        yield JobRun(job=job.name, slot=slot.name, due_at=slot.at)
