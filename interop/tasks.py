"""What Celery is told to do: look for what is due, and do one run of a job."""

from django.utils import timezone

from interop import schedule
from interop.celery import app
from interop.jobs import planning, running


@app.task(name=schedule.LOOK)  # type: ignore[untyped-decorator]  # Celery has no types
def look() -> None:
    """Write down what is due and ring for all that is to be done."""
    planning.look(timezone.now())


@app.task(name=planning.PERFORM)  # type: ignore[untyped-decorator]
def perform(run: int) -> None:
    """Do a run, unless somebody is at it."""
    running.perform(run)
