"""Tasks of the project itself."""

import logging

from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string

from interop.celery import app
from interop.messages import telling

logger = logging.getLogger(__name__)
HEARTBEAT = "heartbeat"
PURGE = "connections.services.purge_expired"
REMEMBERED = 600
"""Seconds after which a silent worker is forgotten."""


@app.task(name="interop.tasks.heartbeat")  # type: ignore[untyped-decorator]  # Celery has no types
def heartbeat() -> None:
    """Note that scheduler, broker and worker all did their part just now."""
    cache.set(HEARTBEAT, timezone.now().isoformat(), REMEMBERED)
    logger.debug("heartbeat")


@app.task(name="interop.tasks.clean_up")  # type: ignore[untyped-decorator]
def clean_up() -> None:
    """Delete what has long expired: tokens, refused attempts, old messages, sessions of the admin site."""
    now = timezone.now()
    import_string(PURGE)(now)
    telling.purge(now)
    call_command("clearsessions")
