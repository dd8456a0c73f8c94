"""Ringing for the worker: the one way a task is asked for."""

import logging
from typing import Any

logger = logging.getLogger(__name__)


def ring(task: str, *about: int, **options: Any) -> None:
    """Ask the worker by message to do a task soon, by its name; a message may be lost or come twice.

    Without a broker nothing is rung and nothing fails: what is to be done stands in the database, and the scheduler
    looks there every few seconds.
    """
    from kombu.exceptions import OperationalError  # noqa: PLC0415 - few processes ever ring, and loading is slow

    from interop.celery import app  # noqa: PLC0415

    try:
        app.send_task(task, args=about, retry=False, **options)
    except OperationalError:
        logger.warning("Nobody could be rung for %s; the next look of the scheduler finds it.", task)
