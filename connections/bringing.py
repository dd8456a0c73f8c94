"""Connections of an older system, from a CSV file: read whole, judged line by line, then brought in at once.

A name that means one partner or one application, spelling aside, brings the connection there; any other waits among
the other provisioning credentials until somebody adopts it. Secrets are hashed on the way in; those of OAuth 1, which
signatures need, are kept encrypted.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections import catalogue, expiry, secret
from connections.models import VERSIONS, Application, Connection, Credential
from connections.services.adding import add_application
from connections.services.connections import facts
from connections.services.credentials import kept_sealed
from interop import audit
from interop.dates import zone

COLUMNS = ("name", "version", "oauth", "key", "secret", "enabled", "expires", "purpose")
NEEDED = ("name", "version", "oauth")
YES, NO = {"", "yes", "true", "1", "on"}, {"no", "false", "0", "off"}
LONG_ENOUGH = 24
"""A shorter secret could be guessed from its hash, so it is not taken."""
PURPOSE = "Brought from an older system."


class Unreadable(Exception):
    """The file cannot be brought in; `faults` name each line and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(" ".join(faults))


@dataclass(frozen=True)
class Brought:
    """One line of the file, read."""

    name: str
    version: int
    oauth: int
    enabled: bool
    expires_at: dt.datetime | None
    purpose: str
    key: str
    secret: str = field(repr=False)

    @property
    def has_credentials(self) -> bool:
        """Whether its key and secret go on working: both given, the secret long enough to be kept hashed."""
        return bool(self.key) and len(self.secret) >= LONG_ENOUGH


@dataclass(frozen=True)
class Outcome:
    """What became of one line. `application` is blank for one nobody knows; `known` when it was here already."""

    name: str
    application: str
    known: bool
    works: bool


def read(lines: Iterable[str]) -> list[Brought]:
    """Return the connections of a CSV file with a head. Raises Unreadable naming every line that is wrong."""
    table = csv.DictReader(lines)
    head = [str(name).strip().lower() for name in table.fieldnames or ()]
    if missing := [name for name in NEEDED if name not in head]:
        raise Unreadable([f"The first line must name the columns; {', '.join(missing)} missing."])
    if unknown := [name for name in head if name not in COLUMNS]:
        raise Unreadable([f"Column {unknown[0]!r} is not known; there are {', '.join(COLUMNS)}."])
    table.fieldnames = head
    found, faults, keys = [], [], set()
    for row in table:
        try:
            brought = _row({name: (text or "").strip() for name, text in row.items() if isinstance(name, str)})
            if brought.key and brought.key in keys:
                raise ValueError("the key stands on an earlier line too")
            keys.add(brought.key)
            found.append(brought)
        except ValueError as fault:
            faults.append(f"Line {table.line_num}: {fault}.")
    if faults:
        raise Unreadable(faults)
    return found


def _row(row: Mapping[str, str]) -> Brought:
    """Return one line; raises ValueError saying what is wrong, never with a secret."""
    if not row["name"] or len(row["name"]) > 200:
        raise ValueError("a name of 1 to 200 characters is needed")
    versions = {text: number for number, text in VERSIONS.items()}
    if row["version"] not in versions:
        raise ValueError(f"version is {' or '.join(versions)}")
    if row["oauth"] not in {"1", "2"}:
        raise ValueError("oauth is 1 or 2")
    if row["oauth"] == "1" and row["version"] != VERSIONS[11]:
        raise ValueError(f"oauth 1 goes with version {VERSIONS[11]} only")
    if (enabled := row.get("enabled", "").lower()) not in YES | NO:
        raise ValueError("enabled is yes or no")
    if (key := row.get("key", "")) and not secret.is_client_id(key):
        raise ValueError("the key is longer than 64 characters or has spaces or signs outside ASCII")
    return Brought(
        row["name"], versions[row["version"]], int(row["oauth"]), enabled in YES, _end(row.get("expires", "")),
        row.get("purpose", ""), key, row.get("secret", ""),
    )  # fmt: skip


def _end(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), zone())
    except ValueError:
        raise ValueError("expires is a date such as 2027-06-30") from None


@transaction.atomic
def bring(rows: Iterable[Brought], *, actor: str) -> list[Outcome]:
    """Make the connections that are not here yet; all of them or, when the database refuses one, none."""
    return [_bring(row, actor) for row in rows]


def _bring(row: Brought, actor: str) -> Outcome:
    here = _known(row)
    if here:
        return Outcome(row.name, str(here.application or ""), known=True, works=here.credentials.live().exists())
    application = _application(row, actor)
    connection = Connection(
        application=application,
        name=row.name,
        purpose=row.purpose,
        version=row.version,
        oauth=row.oauth,
        enabled=row.enabled,
        expires_at=row.expires_at or (expiry.year_from(timezone.now()) if row.oauth == 1 else None),
        created_by=actor,
    )
    connection.full_clean()
    connection.save()
    audit.record(actor, "brought from an older system", connection, after=facts(connection))
    if row.has_credentials:
        Credential.objects.create(
            connection=connection,
            client_id=row.key,
            secret_sha256=secret.sha256(row.secret),
            secret_tail=row.secret[-4:],
            sealed=kept_sealed(connection, row.secret),
            created_by=actor,
        )
        audit.record(actor, "brought credentials", connection, after={"client_id": row.key})
    return Outcome(row.name, str(application or ""), known=False, works=row.has_credentials)


def _known(row: Brought) -> Connection | None:
    if row.key and (credential := Credential.objects.filter(client_id=row.key).select_related("connection").first()):
        return credential.connection
    same: dict[str, Any] = {"name": row.name, "version": row.version, "oauth": row.oauth}
    return None if row.has_credentials else Connection.objects.filter(**same).first()


def _application(row: Brought, actor: str) -> Application | None:
    """Return the application the name means, added from the catalogue if need be; None when nobody can tell."""
    named = {each.name: each for each in Application.objects.all()}
    if known := catalogue.closest(row.name, named):
        return known
    entry = catalogue.likeness(row.name)
    if entry is None:
        return None
    added = Application.objects.filter(catalogue=entry.slug).first()
    return added or add_application(name=entry.name, purpose=row.purpose or PURPOSE, actor=actor, entry=entry)
