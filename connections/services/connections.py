"""Acts on connections: make, change, stop."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from connections.models import Application, Connection
from interop import audit
from interop.models import AuditEvent

FACTS = (
    "name",
    "purpose",
    "version",
    "oauth",
    "enabled",
    "expires_at",
    "all_schools",
    "share_gradebook",
    "share_assessments",
    "assessments_as_line_items",
    "share_demographics",
    "share_guardians",
    "share_relatives",
    "use_secondary_email",
    "allow_sha1",
    "bucket",
    "refill",
    "at_once",
    "networks",
    "frozen_at",
    "frozen_why",
)
CREATED, CHANGED, DELETED = "created", "changed", "deleted"


class Conflict(Exception):
    """Somebody else changed the connection since it was read; `at` says when, if the audit trail knows."""

    def __init__(self, at: dt.datetime | None) -> None:
        super().__init__("Somebody else changed this connection.")
        self.at = at


def facts(connection: Connection) -> dict[str, Any]:
    """Return what an audit event tells of a connection."""
    schools = sorted(connection.schools.values_list("sourced_id", flat=True)) if connection.pk else []
    return {name: getattr(connection, name) for name in FACTS} | {"schools": schools}


@transaction.atomic
def create_connection(
    application: Application,
    *,
    actor: str,
    name: str = "",
    schools: Iterable[int] | None = None,
    choices: Mapping[str, Any] | None = None,
) -> Connection:
    """Make a connection; `schools` None means all of them, `choices` are fields of Connection.

    Without a choice the grade book is shared with partners. Raises ValidationError for what cannot be shared.
    """
    fields = {"share_gradebook": application.partner, **(choices or {})}
    connection = Connection(
        application=application,
        name=name or application.name,
        all_schools=schools is None,
        created_by=actor,
        **fields,
    )
    connection.full_clean()
    connection.save()
    if schools is not None:
        connection.schools.set(schools)
        connection.refresh_from_db(fields=["revision"])
    audit.record(actor, CREATED, connection, after=facts(connection))
    return connection


def change_connection(connection: Connection, *, actor: str, **changes: Any) -> Connection:
    """Change fields of a connection; raises ValidationError for what cannot be shared."""
    return edit_connection(connection, changes, actor=actor)


@transaction.atomic
def edit_connection(
    connection: Connection,
    changes: Mapping[str, Any],
    *,
    actor: str,
    schools: Iterable[int] | None = None,
    revision: int | None = None,
) -> Connection:
    """Change fields of a connection and, when given, its schools; one audit event, none when nothing differs.

    `revision` is the one the person saw: raises Conflict when the connection is no longer at it. Raises
    ValidationError for what cannot be shared.
    """
    current = locked(connection, revision)
    before = facts(current)
    for field_name, value in changes.items():
        setattr(current, field_name, value)
    current.full_clean()
    if schools is not None:
        current.schools.set(schools)
    after = facts(current)
    if after != before:
        current.save()
        audit.record(actor, CHANGED, current, before=before, after=after)
    return current


def disable(connection: Connection, *, actor: str) -> Connection:
    """Stop the flow of data until the connection is enabled again; held tokens open nothing meanwhile."""
    return change_connection(connection, actor=actor, enabled=False)


def enable(connection: Connection, *, actor: str) -> Connection:
    """Let data flow again."""
    return change_connection(connection, actor=actor, enabled=True)


def renew(connection: Connection, *, actor: str, until: dt.datetime) -> Connection:
    """Let the connection live until then; its key and secret stay the same."""
    return change_connection(connection, actor=actor, expires_at=until)


def set_schools(connection: Connection, schools: Iterable[int] | None, *, actor: str) -> Connection:
    """Limit the connection to these schools (primary keys); None enables all of them."""
    return edit_connection(connection, {"all_schools": schools is None}, schools=schools or (), actor=actor)


@transaction.atomic
def delete_connection(connection: Connection, *, actor: str) -> None:
    """Delete the connection with its credentials and tokens; its access log stays."""
    audit.record(actor, DELETED, connection, before=facts(connection))
    connection.delete()


def locked(connection: Connection, revision: int | None) -> Connection:
    """Return the connection as it is now, held until the transaction ends; raises Conflict if it left the revision."""
    current = Connection.objects.select_for_update(of=("self",)).select_related("application").get(pk=connection.pk)
    if revision is not None and current.revision != revision:
        told = AuditEvent.objects.filter(object_type=Connection._meta.label, object_id=str(connection.pk))
        raise Conflict(told.values_list("at", flat=True).first())
    return current
