"""Applications come and go: added from the catalogue or by name, made of older credentials, switched, deleted."""

from django.db import transaction

from connections.catalogue import Entry
from connections.models import Application, Connection
from connections.services.applications import free_slug
from connections.services.connections import change_connection, delete_connection
from connections.tools import delete_all
from interop import audit
from interop.models import AuditEvent

JOINED, LEFT = "became a partner", "is no partner any more"
NO_LONGER = ("share_gradebook", "share_assessments")
"""What only partners may be given."""


@transaction.atomic
def add_application(
    *, name: str, purpose: str, actor: str, contact: str = "", entry: Entry | None = None
) -> Application:
    """Make an application from a catalogue entry, or one that is in no catalogue.

    Raises ValidationError when there is one of this name.
    """
    name = " ".join(name.split())
    made = Application(
        name=name,
        slug=free_slug(name),
        purpose=purpose,
        contact=contact or (entry.contact if entry else ""),
        partner=entry.partner if entry else False,
        catalogue=entry.slug if entry else "",
        description=entry.description if entry else "",
    )
    made.full_clean()
    made.save()
    after = {"name": name, "partner": made.partner, "catalogue": made.catalogue, "purpose": purpose}
    audit.record(actor, "created", made, after=after)
    return made


@transaction.atomic
def adopt(connection: Connection, application: Application, *, actor: str) -> Connection:
    """Give a connection of an unknown vendor to its application; its credentials and choices go on as they are.

    Raises ValidationError when it shares what this application may not have.
    """
    current = Connection.objects.select_for_update().get(pk=connection.pk, application=None)
    current.application = application
    current.full_clean()
    current.save()
    audit.record(actor, "adopted", current, after={"application": application.name})
    return current


@transaction.atomic
def become_partner(application: Application, entry: Entry, *, actor: str) -> Application:
    """Make the application the partner its catalogue entry says it is; its connections go on as they are."""
    current = Application.objects.select_for_update().get(pk=application.pk)
    current.partner, current.catalogue = True, entry.slug
    current.description = current.description or entry.description
    current.save()
    audit.record(actor, JOINED, current, before={"partner": False}, after={"partner": True, "catalogue": entry.slug})
    return current


@transaction.atomic
def leave_partners(application: Application, *, actor: str) -> Application:
    """Make it an application at the district's own risk: what only partners may be given ends on the next request."""
    current = Application.objects.select_for_update().get(pk=application.pk)
    for connection in current.connections.all():
        if any(getattr(connection, field) for field in NO_LONGER):
            change_connection(connection, actor=actor, **dict.fromkeys(NO_LONGER, False))
    current.partner = False
    current.save()
    audit.record(actor, LEFT, current, before={"partner": True}, after={"partner": False})
    return current


def last_switch(application: Application) -> AuditEvent | None:
    """Return the event by which the application last became a partner or stopped being one."""
    return AuditEvent.objects.filter(
        object_type=Application._meta.label, object_id=str(application.pk), act__in=(JOINED, LEFT)
    ).first()


@transaction.atomic
def delete_application(application: Application, *, actor: str) -> None:
    """Delete it with its connections, credentials, tokens and learning tools; access log and audit trail stay."""
    delete_all(application, actor=actor)
    for connection in application.connections.select_for_update():
        delete_connection(connection, actor=actor)
    audit.record(actor, "deleted", application, before={"name": application.name, "partner": application.partner})
    application.delete()
