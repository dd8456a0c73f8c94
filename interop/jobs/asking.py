"""Asking for a job, and calling it off while it waits."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from interop import audit, schedule
from interop.doorbell import ring
from interop.jobs.models import JobRun, State

ASKED, CANCELLED = "asked for a job", "cancelled a job"


@transaction.atomic
def ask(name: str, *, by: str = "", at: dt.datetime | None = None, subject: str = "") -> JobRun | None:
    """Have the worker do a job at a moment (UTC; now unless given); None when the same waits already.

    One that runs already may have read its data before this transaction commits, so another run waits behind it; one
    that waits is kept from beginning until this transaction has ended. With `by` the audit trail names the person.
    Raises KeyError for a job that is not in the table.
    """
    job = schedule.job(name)
    now = timezone.now()
    made = _one_waiting(job.name, subject, at or now, by)
    if (at or now) <= now:
        transaction.on_commit(lambda: ring(schedule.LOOK))
    if made and by:
        audit.record(by, ASKED, made)
    return made


def _one_waiting(job: str, subject: str, at: dt.datetime, by: str) -> JobRun | None:
    """Return a new row, or None with the row that waits locked."""
    while True:
        same = JobRun.objects.filter(job=job, subject=subject, slot="", state=State.WAITING)
        if same.select_for_update().first():
            return None
        try:
            with transaction.atomic():
                return JobRun.objects.create(job=job, subject=subject, due_at=at, asked_by=by)
        except IntegrityError:  # somebody asked at the same moment; that row is there now
            continue


@transaction.atomic
def cancel(run: int, *, by: str) -> bool:
    """Call off a run that somebody asked for; False when it does not wait any more."""
    found = JobRun.objects.select_for_update().filter(pk=run, slot="", state=State.WAITING).first()
    if found is None:
        return False
    found.state, found.ended_at = State.CANCELLED, timezone.now()
    found.save(update_fields=["state", "ended_at"])
    audit.record(by, CANCELLED, found)
    return True
