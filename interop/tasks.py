"""Tasks of the project itself."""

import logging

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

logger = logging.getLogger(__name__)
HEARTBEAT = "heartbeat"
REMEMBERED = 600
"""Seconds after which a silent worker is forgotten."""


@shared_task(name="interop.tasks.heartbeat")  # type: ignore[untyped-decorator]  # Celery has no types
def heartbeat() -> None:
    """Note that scheduler, broker and worker all did their part just now."""
    cache.set(HEARTBEAT, timezone.now().isoformat(), REMEMBERED)
    logger.debug("heartbeat")
