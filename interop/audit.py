"""Who did what: one function writes the audit trail."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from interop.models import AuditEvent

_SECRET = re.compile(r"secret|token|password|private_key", re.IGNORECASE)


def record(
    actor: str,
    act: str,
    target: Model,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one audit event about `target`; call it in the transaction of the act itself.

    Of before and after only the facts that differ are kept, and nothing whose name speaks of a secret, token or
    password.
    """
    event = _event(actor, act, target, before, after)
    event.save()
    return event


def record_each(
    actor: str, act: str, changes: Iterable[tuple[Model, Mapping[str, Any] | None, Mapping[str, Any] | None]]
) -> None:
    """Write one audit event for each (target, before, after) of an act on many; as `record`, but few statements."""
    AuditEvent.objects.bulk_create((_event(actor, act, *change) for change in changes), batch_size=1000)


def _event(
    actor: str, act: str, target: Model, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> AuditEvent:
    old, new = _public(before), _public(after)
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    return AuditEvent(
        actor=actor,
        act=act,
        object_type=target._meta.label,
        object_id=str(target.pk),
        object_name=str(target)[:255],
        before={name: value for name, value in old.items() if name in changed},
        after={name: value for name, value in new.items() if name in changed},
    )


def _public(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the facts as JSON values, without anything secret."""
    return {name: _plain(value) for name, value in (facts or {}).items() if not _SECRET.search(name)}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
