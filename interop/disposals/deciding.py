"""Asking for a deletion, approving it as somebody else, carrying it out, and certifying it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from interop import audit
from interop.disposals.models import Disposal, Kind
from interop.disposals.rows import Refused, Rows
from interop.version import installed

WAYS = {
    Kind.STUDENT: "roster.disposing.Student",
    Kind.ENDED: "roster.disposing.Ended",
    Kind.CONNECTION: "connections.disposing.OneConnection",
}
"""Who knows how each kind is found and deleted."""
ASKED, APPROVED, DECLINED, DONE = "asked to delete", "approved a deletion", "declined a deletion", "deleted for good"


@dataclass(frozen=True)
class Gone:
    """What was deleted, and where the subject is still named: rows by table, with the reason why they stay."""

    rows: Rows
    left: Mapping[str, int]


class Way(Protocol):
    """How one kind of data is deleted."""

    def look(self, subject: str) -> dict[str, int]:
        """Return how many rows of each table would go; raises Refused."""

    def delete(self, subject: str) -> Gone:
        """Delete them, in the caller's transaction; raises Refused."""

    def remembered(self, subject: str) -> str:
        """Return what the request keeps of the subject afterwards."""


def way(kind: str) -> Way:
    """Return how this kind is deleted."""
    found: Way = import_string(WAYS[Kind(kind)])()
    return found


def open_request(kind: Kind, subject: str) -> Disposal | None:
    """Return the request for this deletion that is neither done nor declined."""
    return Disposal.objects.filter(kind=kind, subject=subject, done_at=None, declined_by="").first()


@transaction.atomic
def ask(kind: Kind, subject: str, *, reason: str, by: str) -> Disposal:
    """Write the request down; raises Refused for what must not be deleted."""
    asked = Disposal.objects.create(
        kind=kind, subject=subject, reason=reason, counts=way(kind).look(subject), asked_by=by
    )  # fmt: skip
    audit.record(by, ASKED, asked, after={"kind": kind.value, "reason": reason, "rows": asked.rows})
    return asked


@transaction.atomic
def approve(pk: int, *, by: str) -> Disposal:
    """Let a request be carried out within a week. Raises PermissionError for the one who asked; DoesNotExist."""
    waiting = Disposal.objects.select_for_update().get(pk=pk, done_at=None, declined_by="")
    if waiting.asked_by.casefold() == by.casefold():
        raise PermissionError(_("Somebody else must approve what you asked for."))
    waiting.approved_by, waiting.approved_at = by, timezone.now()
    waiting.save(update_fields=["approved_by", "approved_at"])
    audit.record(by, APPROVED, waiting, after={"asked_by": waiting.asked_by, "rows": waiting.rows})
    return waiting


@transaction.atomic
def decline(pk: int, *, by: str) -> None:
    """Let a request be; also how the one who asked takes it back. Raises DoesNotExist."""
    waiting = Disposal.objects.select_for_update().get(pk=pk, done_at=None, declined_by="")
    waiting.declined_by = by
    waiting.save(update_fields=["declined_by"])
    audit.record(by, DECLINED, waiting, before={"asked_by": waiting.asked_by})


@transaction.atomic
def carry_out(pk: int) -> dict[str, Any]:
    """Delete what was approved, and return the certificate; raises Refused."""
    asked = Disposal.objects.select_for_update().get(pk=pk)
    if not asked.is_approved:
        raise Refused(_("Another security officer has not approved it yet, or more than a week ago."))
    how, subject = way(asked.kind), asked.subject
    gone = how.delete(subject)
    asked.done_at, asked.subject = timezone.now(), how.remembered(subject)
    asked.certificate = _certified(asked, gone)
    asked.save(update_fields=["done_at", "subject", "certificate"])
    audit.record(asked.asked_by, DONE, asked, after={"approved_by": asked.approved_by, "rows": gone.rows.counts})
    return dict(asked.certificate)


def _certified(asked: Disposal, gone: Gone) -> dict[str, Any]:
    """Return who deleted what and when: counts and hashes, no names; `sha256` stands for all of it."""
    told: dict[str, Any] = {
        "certificate": "deletion of data",
        "number": asked.pk,
        "kind": asked.kind,
        "subject": asked.subject,
        "reason": asked.reason,
        "asked_by": asked.asked_by,
        "asked_at": asked.asked_at.isoformat(),
        "approved_by": asked.approved_by,
        "approved_at": asked.approved_at and asked.approved_at.isoformat(),
        "deleted_at": asked.done_at and asked.done_at.isoformat(),
        "deleted": {
            table: {"rows": number, "hash": f"{gone.rows.sums[table] % (1 << 128):032x}"}
            for table, number in gone.rows.counts.items()
        },
        "still_named_in": dict(gone.left),
        "version": installed(),
    }
    return {**told, "sha256": hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()}
