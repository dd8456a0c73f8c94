"""Freezing a connection: its next request is refused, until a security officer lets it go on."""

from django.db import transaction
from django.utils import timezone

from connections.models import Connection
from connections.services.connections import locked
from interop import audit

FROZEN, EXPLAINED, UNFROZEN = "froze", "said why it is frozen", "let go on"


@transaction.atomic
def freeze(connection: Connection, *, actor: str, why: str = "") -> Connection:
    """Freeze the connection at once; one that is frozen keeps since when and by whom, and gets the reason."""
    current = locked(connection, None)
    before = _facts(current)
    act = EXPLAINED if current.frozen_at else FROZEN
    if not current.frozen_at:
        current.frozen_at, current.frozen_by = timezone.now(), actor
    current.frozen_why = why[:300] or current.frozen_why
    if _facts(current) != before:
        current.save(update_fields=["frozen_at", "frozen_by", "frozen_why"])
        audit.record(actor, act, current, before=before, after=_facts(current))
    return current


@transaction.atomic
def unfreeze(connection: Connection, *, actor: str) -> Connection:
    """Let a frozen connection go on."""
    current = locked(connection, None)
    if current.frozen_at:
        before = _facts(current)
        current.frozen_at, current.frozen_by, current.frozen_why = None, "", ""
        current.save(update_fields=["frozen_at", "frozen_by", "frozen_why"])
        audit.record(actor, UNFROZEN, current, before=before, after=_facts(current))
    return current


def _facts(connection: Connection) -> dict[str, object]:
    return {"frozen_at": connection.frozen_at, "frozen_by": connection.frozen_by, "frozen_why": connection.frozen_why}
