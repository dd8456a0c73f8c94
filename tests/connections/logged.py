"""Rows of the access log as requests leave them."""

from typing import Any

from connections.grants import Grant
from connections.models import AccessLog


def record_read(grant: Grant, operation: str, **facts: Any) -> AccessLog:
    """Write the row of a request that was answered."""
    return AccessLog.objects.create(
        connection_id=grant.connection, credential_id=grant.credential, operation=operation, **facts
    )
