"""Tasks of connections."""

from django.utils import timezone

from connections import ending, usage
from interop.celery import app
from interop.messages import mail


@app.task(name="connections.tasks.add_up_usage")  # type: ignore[untyped-decorator]  # Celery has no types
def add_up_usage() -> None:
    """Add up what the access log has since the last time."""
    usage.roll_up()


@app.task(name="connections.tasks.tell_of_ends")  # type: ignore[untyped-decorator]
def tell_of_ends() -> None:
    """Tell the data office which connections end soon; rung every hour, so that each is told on its day."""
    now = timezone.now()
    ending.tell_of_ends(now)
    mail.send(now)
