"""Every job that runs by itself, in one table."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Job:
    """A task by name and how often its bell rings."""

    name: str
    task: str
    every: timedelta
    what: str


JOBS = (
    Job("heartbeat", "interop.tasks.heartbeat", timedelta(minutes=1), "notes that scheduler and worker are alive"),
    Job("clean-up", "interop.tasks.clean_up", timedelta(days=1), "deletes tokens, attempts and sessions long expired"),
    Job("daily refresh", "roster.tasks.refresh_daily", timedelta(minutes=1), "refreshes once a day, when it is due"),
    Job("ends", "connections.tasks.tell_of_ends", timedelta(hours=1), "tells before and when connections end"),
    Job("usage", "connections.tasks.add_up_usage", timedelta(minutes=5), "adds up what vendors called, day by day"),
)


def beat_schedule() -> dict[str, dict[str, object]]:
    """Return the jobs as Celery's scheduler reads them; a bell nobody hears before the next one is dropped."""
    return {
        job.name: {"task": job.task, "schedule": job.every, "options": {"expires": job.every.total_seconds()}}
        for job in JOBS
    }
