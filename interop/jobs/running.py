"""Doing a job: one worker at a time holds its lock; what it raises decides what becomes of the run."""

import contextlib
import datetime as dt
import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from interop import fault, schedule
from interop.doorbell import ring
from interop.jobs import alerts
from interop.jobs.models import OPEN, JobRun, State

logger = logging.getLogger(__name__)
TRIES = 5
FIRST_PAUSE = dt.timedelta(seconds=15)
"""The pause after the first failure; it doubles with each further one."""
SOON = dt.timedelta(seconds=10)
TOLD_EVERY = 0.5
"""Seconds between two words about progress."""


class Refused(Exception):
    """The job ended as it should without doing its work; the sentence says why. It is not tried again."""


class OnHold(Exception):
    """The job found something a person has to decide; the sentence says what."""


class Busy(Exception):
    """Somebody else is at it; the run is put back and does not count as a try."""


@dataclass
class Run:
    """What a job is given: which run this is, what about, and a way to tell how far it has come."""

    pk: int
    subject: str
    by: str
    _told: float = field(default=0.0, repr=False)

    def advance(self, what: str, done: int, total: int) -> None:
        """Tell people who watch that `done` of `total` is done; cheap, and lost without harm."""
        now = time.monotonic()
        if now - self._told >= TOLD_EVERY or done == total:
            self._told = now
            with contextlib.suppress(Exception):  # whatever ails the cache, the work goes on
                cache.set(_key(self.pk), {"what": what, "done": done, "total": total}, 3600)


def progress(run: int) -> dict[str, object] | None:
    """Return `what`, `done` and `total` of a run at work, None when it has told nothing."""
    told: dict[str, object] | None = cache.get(_key(run))
    return told


def perform(pk: int) -> None:
    """Do a run that is due, unless a worker that is alive is at it or at another run of the same lock."""
    row = JobRun.objects.filter(pk=pk, state__in=OPEN, due_at__lte=timezone.now()).first()
    if row is None:
        return
    with _lock(_lock_of(row)) as mine:
        if mine and (row := _claim(pk)):
            fault.point("job.claimed")
            _do(row)
    ring(schedule.LOOK)


def _lock_of(row: JobRun) -> str:
    return schedule.job(row.job).lock or f"{row.job}:{row.subject}"


@contextlib.contextmanager
def _lock(name: str) -> Iterator[bool]:
    """Hold a lock that ends with this process; say whether it was free."""
    key = int.from_bytes(hashlib.sha256(f"job {name}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        [mine] = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _claim(pk: int) -> JobRun | None:
    """Begin a run whose lock is held: one that waits, or one at work whose worker has died."""
    with transaction.atomic():
        row = JobRun.objects.select_for_update(skip_locked=True).filter(pk=pk, state__in=OPEN).first()
        if row is None or row.due_at > timezone.now():
            return None
        if row.attempt >= TRIES:
            _end(row, State.DEAD, _("Its worker died %d times.") % TRIES)
            return None
        row.state, row.attempt, row.started_at = State.RUNNING, row.attempt + 1, timezone.now()
        row.save(update_fields=["state", "attempt", "started_at"])
    return row


def _do(row: JobRun) -> None:
    try:
        told = import_string(schedule.job(row.job).do)(Run(row.pk, row.subject, row.asked_by))
    except Refused as refusal:
        _end(row, State.REFUSED, str(refusal))
    except OnHold as hold:
        _end(row, State.HELD, str(hold))
    except Busy as refusal:
        _put_back(row, SOON, str(refusal), attempt=row.attempt - 1)
    except Exception as error:
        logger.exception("The job %s failed (try %d of %d).", row.job, row.attempt, TRIES)
        if connection.in_atomic_block:  # only a test begins a job within a transaction
            raise
        connection.close_if_unusable_or_obsolete()
        told = _("It failed: %s.") % type(error).__name__
        if row.attempt >= TRIES:
            _end(row, State.DEAD, told)
        else:
            _put_back(row, FIRST_PAUSE * 2 ** (row.attempt - 1), told, attempt=row.attempt)
    else:
        fault.point("job.done")
        _end(row, State.DONE, told)


def _end(row: JobRun, state: State, told: str) -> None:
    """Note what came of a run, unless a later attempt has begun meanwhile."""
    ended = {"state": state, "ended_at": timezone.now(), "told": told}
    heard = JobRun.objects.filter(pk=row.pk, attempt=row.attempt, state__in=OPEN).update(**ended)
    if heard and state == State.DEAD:
        alerts.given_up(row, told)


def _put_back(row: JobRun, pause: dt.timedelta, told: str, *, attempt: int) -> None:
    waiting = {"state": State.WAITING, "due_at": timezone.now() + pause, "told": told, "attempt": attempt}
    JobRun.objects.filter(pk=row.pk, attempt=row.attempt, state=State.RUNNING).update(**waiting)


def _key(run: int) -> str:
    return f"job:{run}"
