"""What one connection would be missing: the checks that concern its version and its vendor's needs, at its schools."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from connections import catalogue
from connections.models import Application, Connection
from roster.checks import CHECKS, Check

SWITCHES = {"guardians": "share_guardians", "demographics": "share_demographics"}
"""The choices of a connection that must be on for a need of its vendor."""


@dataclass(frozen=True)
class Concerned:
    """What to look at for a connection; `off` are needs whose switch is off, `unknown` what nobody here can check."""

    checks: Sequence[Check]
    needs: Sequence[str]
    off: Sequence[str]
    unknown: Sequence[str]


def concerned(connection: Connection) -> Concerned:
    """Return what concerns a connection: one statement for what the catalogue says of its vendor."""
    entry = catalogue.entry_of(connection.application) if connection.application else None
    needs = tuple(need.strip().casefold() for need in entry.needs) if entry else ()
    checkable: set[Any] = {need for check in CHECKS for need in check.needs} | SWITCHES.keys()
    return Concerned(
        [check for check in CHECKS if check.concerns(connection.version, needs)],
        needs,
        [need for need in needs if need in SWITCHES and not getattr(connection, SWITCHES[need])],
        [need for need in needs if need not in checkable],
    )


def district() -> Sequence[Check]:
    """Return what concerns the district: what every vendor notices, and the needs of the applications it has."""
    slugs = set(Application.objects.filter(connections__isnull=False).values_list("catalogue", flat=True))
    needs = {need for entry in catalogue.entries() if entry.slug in slugs for need in entry.needs}
    return [check for check in CHECKS if not check.needs or needs.intersection(check.needs)]


def told(need: str) -> str:
    """Return what to do about a need whose switch is off."""
    return _("The vendor needs %s, and this connection does not share them. Turn them on under Data to Share.") % need
