"""What Readiness says before a vendor is let in: told on the screens that make and enable connections."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.grants import grant_of
from connections.models import Connection
from roster.checks.connection import concerned
from roster.checks.core import Scope


@dataclass(frozen=True)
class Noted:
    """One check that found something: how many records, why it matters, and where they are listed.

    What `blocks` is asked about before the vendor is let in.
    """

    title: Any
    why: Any
    number: int
    blocks: bool
    url: str


def before_enabling(connection: Connection) -> Sequence[Noted]:
    """Return what the checks that concern the connection find, what blocks first; a new one is to see all schools.

    What its vendor needs by the catalogue blocks too. One statement for each check, and some for the scope.
    """
    scope = Scope.of(timezone.now(), grant_of(connection) if connection.pk else None)
    if scope is None:
        told = _("Make the right one active first: without it there is nothing to share.")
        return [Noted(_("No school year is active"), told, 0, blocks=False, url=reverse("admin:data_school_years"))]
    only = f"?connection={connection.pk}" if connection.pk else ""
    found = [
        Noted(
            check.title, check.why, number, check.blocks or bool(check.needs),
            reverse("admin:readiness_list", args=[check.name]) + only,
        )
        for check in concerned(connection).checks
        if (number := check.records(scope).count())
    ]  # fmt: skip
    return sorted(found, key=lambda each: not each.blocks)
