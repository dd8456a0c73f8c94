"""Tasks of the project itself."""

import logging

from celery import shared_task
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)
HEARTBEAT = "heartbeat"
PURGE = "connections.services.purge_expired"
REMEMBERED = 600
"""Seconds after which a silent worker is forgotten."""


@shared_task(name="interop.tasks.heartbeat")  # type: ignore[untyped-decorator]  # Celery has no types
def heartbeat() -> None:
    """Note that scheduler, broker and worker all did their part just now."""
    cache.set(HEARTBEAT, timezone.now().isoformat(), REMEMBERED)
    logger.debug("heartbeat")


@shared_task(name="interop.tasks.clean_up")  # type: ignore[untyped-decorator]
def clean_up() -> None:
    """Delete what has long expired: tokens, refused attempts, sessions of the admin site."""
    import_string(PURGE)(timezone.now())
    call_command("clearsessions")
