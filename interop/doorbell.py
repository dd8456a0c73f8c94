"""Ringing for the worker: the one way a task is asked for."""


def ring(task: str) -> None:
    """Ask the worker by message to do a task soon, by its name; a message may be lost or come twice."""
    from interop.celery import app  # noqa: PLC0415 - few processes ever ring, and loading Celery slows every start

    app.send_task(task)
