"""Tasks of connections."""

from celery import shared_task

from connections import usage


@shared_task(name="connections.tasks.add_up_usage")  # type: ignore[untyped-decorator]  # Celery has no types
def add_up_usage() -> None:
    """Add up what the access log has since the last time."""
    usage.roll_up()
