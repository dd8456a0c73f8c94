"""Tasks of the roster."""

from interop.celery import app
from roster import daily, refreshing


@app.task(name=refreshing.TASK)  # type: ignore[untyped-decorator]  # Celery has no types
def refresh() -> None:
    """Publish, as somebody asked for."""
    refreshing.answer()


@app.task(name="roster.tasks.refresh_daily")  # type: ignore[untyped-decorator]
def refresh_daily() -> None:
    """Publish when the day's refresh is due."""
    daily.run_if_due()
