"""Tasks of the roster."""

from celery import shared_task

from roster import refreshing


@shared_task(name=refreshing.TASK)  # type: ignore[untyped-decorator]  # Celery has no types
def refresh() -> None:
    """Publish, as somebody asked for."""
    refreshing.run()
