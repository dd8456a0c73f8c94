"""The acts on applications, connections and credentials: each bumps the revision and writes an audit event."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import slugify

from connections import secret
from connections.models import AccessToken, Application, Connection, Credential, TokenFailure
from interop import audit

LIVE_AT_MOST = 2
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
    "share_demographics",
    "share_guardians",
    "share_relatives",
    "use_secondary_email",
    "no_limits",
)


class TooManyCredentials(Exception):
    """Two credentials of the connection live already."""


@dataclass(frozen=True)
class Issued:
    """A new credential with its secret, which is nowhere else: show it now."""

    credential: Credential
    secret: str = field(repr=False)


def facts(connection: Connection) -> dict[str, Any]:
    """Return what an audit event tells of a connection."""
    schools = sorted(connection.schools.values_list("sourced_id", flat=True)) if connection.pk else []
    return {name: getattr(connection, name) for name in FACTS} | {"schools": schools}


@transaction.atomic
def application_named(name: str, *, partner: bool, actor: str) -> Application:
    """Return the application of this name (case does not matter), made if it is not there, a partner if asked."""
    name = " ".join(name.split())
    known = Application.objects.select_for_update().filter(name__iexact=name).first()
    if known is None:
        made = Application(name=name, slug=free_slug(name), partner=partner)
        made.full_clean()
        made.save()
        audit.record(actor, "created", made, after={"name": name, "partner": partner})
        return made
    if partner and not known.partner:
        known.partner = True
        known.save()
        audit.record(actor, "changed", known, before={"partner": False}, after={"partner": True})
    return known


def free_slug(name: str) -> str:
    """Return a short name no other application has."""
    stem = slugify(name)[:180] or "application"
    taken = set(Application.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 2, stem
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


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
    audit.record(actor, "created", connection, after=facts(connection))
    return connection


@transaction.atomic
def change_connection(connection: Connection, *, actor: str, **changes: Any) -> Connection:
    """Change fields of a connection; raises ValidationError for what cannot be shared."""
    current = Connection.objects.select_for_update().get(pk=connection.pk)
    before = facts(current)
    for field_name, value in changes.items():
        setattr(current, field_name, value)
    current.full_clean()
    current.save()
    audit.record(actor, "changed", current, before=before, after=facts(current))
    return current


def disable(connection: Connection, *, actor: str) -> Connection:
    """Stop the flow of data until the connection is enabled again; held tokens open nothing meanwhile."""
    return change_connection(connection, actor=actor, enabled=False)


def enable(connection: Connection, *, actor: str) -> Connection:
    """Let data flow again."""
    return change_connection(connection, actor=actor, enabled=True)


@transaction.atomic
def set_schools(connection: Connection, schools: Iterable[int] | None, *, actor: str) -> Connection:
    """Limit the connection to these schools (primary keys); None enables all of them."""
    current = Connection.objects.select_for_update().get(pk=connection.pk)
    before = facts(current)
    current.all_schools = schools is None
    current.full_clean()
    current.schools.set(schools or ())
    current.save()
    audit.record(actor, "changed schools", current, before=before, after=facts(current))
    return current


@transaction.atomic
def delete_connection(connection: Connection, *, actor: str) -> None:
    """Delete the connection with its credentials and tokens; its access log stays."""
    audit.record(actor, "deleted", connection, before=facts(connection))
    connection.delete()


@transaction.atomic
def add_credential(connection: Connection, *, actor: str, expires_at: dt.datetime | None = None) -> Issued:
    """Make a key and secret. Raises TooManyCredentials when two live already."""
    current = Connection.objects.select_for_update().get(pk=connection.pk)
    if current.credentials.live().count() >= LIVE_AT_MOST:
        raise TooManyCredentials("Two credentials are in use. Remove one before generating another.")
    text = secret.new_secret()
    credential = Credential.objects.create(
        connection=current,
        client_id=secret.new_client_id(),
        secret_sha256=secret.sha256(text),
        secret_tail=text[-4:],
        created_by=actor,
        expires_at=expires_at,
    )
    current.save(update_fields=["revision"])
    audit.record(actor, "generated credentials", current, after={"client_id": credential.client_id})
    return Issued(credential, text)


@transaction.atomic
def purge_expired(now: dt.datetime) -> None:
    """Delete tokens long expired and refused attempts that no longer count; nothing that still opens or limits."""
    AccessToken.objects.filter(expires_at__lt=now - AccessToken.KEPT).delete()
    TokenFailure.objects.filter(at__lt=now - TokenFailure.KEPT).delete()


@transaction.atomic
def revoke(credential: Credential, *, actor: str) -> None:
    """End a credential and every token it was given, at once."""
    if Credential.objects.filter(pk=credential.pk, revoked_at=None).update(revoked_at=Now()):
        credential.tokens.all().delete()
        credential.connection.save(update_fields=["revision"])
        credential.refresh_from_db()
        audit.record(actor, "revoked credentials", credential.connection, before={"client_id": credential.client_id})


@transaction.atomic
def remove_credential(credential: Credential, *, actor: str) -> None:
    """Delete a credential with its tokens."""
    connection = credential.connection
    client_id = credential.client_id
    credential.delete()
    connection.save(update_fields=["revision"])
    audit.record(actor, "removed credentials", connection, before={"client_id": client_id})
