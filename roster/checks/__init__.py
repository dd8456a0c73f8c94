"""Readiness: what in the district's data vendors will notice, as declared checks over what the rules share now."""

from roster.checks.core import Check, Scope
from roster.checks.people import CHECKS as PEOPLE
from roster.checks.structure import CHECKS as STRUCTURE

CHECKS: tuple[Check, ...] = (*STRUCTURE, *PEOPLE)
NAMED = {check.name: check for check in CHECKS}

__all__ = ["CHECKS", "NAMED", "Check", "Scope"]
