"""A change that waits for a second security officer."""

from django.db import transaction
from django.utils.translation import gettext as _

from connections.models import Approval, Connection
from connections.services.connections import change_connection
from interop import audit

DEMOGRAPHICS = "share_demographics"


@transaction.atomic
def ask_approval(connection: Connection, *, actor: str, switch: str = DEMOGRAPHICS) -> Approval:
    """Note that `actor` would turn the switch on; asking again changes nothing."""
    asked, new = Approval.objects.get_or_create(connection=connection, switch=switch, defaults={"asked_by": actor})
    if new:
        audit.record(actor, "asked for approval", connection, after={"switch": switch})
    return asked


@transaction.atomic
def approve(approval: Approval, *, actor: str) -> Connection:
    """Turn the switch on. Raises PermissionError when the one who asked approves; ValidationError as a change does."""
    waiting = Approval.objects.select_for_update(of=("self",)).select_related("connection").get(pk=approval.pk)
    if waiting.asked_by == actor:
        raise PermissionError(_("Somebody else must approve what you asked for."))
    connection = change_connection(waiting.connection, actor=actor, **{waiting.switch: True})
    audit.record(actor, "approved", connection, after={"switch": waiting.switch, "asked_by": waiting.asked_by})
    waiting.delete()
    return connection


@transaction.atomic
def decline(approval: Approval, *, actor: str) -> None:
    """Let the change be; also how the one who asked takes it back."""
    told = {"switch": approval.switch, "asked_by": approval.asked_by}
    if Approval.objects.filter(pk=approval.pk).delete()[0]:
        audit.record(actor, "declined", approval.connection, before=told)
