"""The daily clean-up: what is long over is deleted."""

import datetime as dt

from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from interop import schedule
from interop.jobs.models import OPEN, JobRun
from interop.jobs.running import Run
from interop.messages import telling
from interop.slots import Every

PURGES = ("connections.services.purge_expired", "gradebook.records.batches.purge")
"""What each app deletes of its own."""
KEPT = dt.timedelta(days=90)
"""How long it is told what came of a job."""
KEPT_OFTEN = dt.timedelta(days=3)
"""The same for jobs that are done many times a day."""


def clean_up(_run: Run) -> str:
    """Delete what has long expired: tokens, refused attempts, old messages, finished jobs, sessions of the admin."""
    now = timezone.now()
    for purge in PURGES:
        import_string(purge)(now)
    telling.purge(now)
    forget_runs(now)
    call_command("clearsessions")
    return _("What was long over is deleted.")


def forget_runs(now: dt.datetime) -> None:
    """Delete runs that are long over; the newest of each job stay, so that no slot comes twice."""
    often = [job.name for job in schedule.JOBS if isinstance(job.when, Every) and job.when.period < KEPT_OFTEN / 3]
    over = JobRun.objects.exclude(state__in=OPEN)
    over.filter(due_at__lt=now - KEPT).delete()
    over.filter(due_at__lt=now - KEPT_OFTEN, job__in=often).delete()
