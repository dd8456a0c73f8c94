"""Readiness: what in the district's data should be put right before vendors pull, with the people concerned."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.models import Person
from roster.readiness import Finding, findings

SHOWN = 50


@dataclass(frozen=True)
class Shown:
    """A finding and the first of the people it concerns, for those who may see people."""

    finding: Finding
    people: list[Person]
    more: int


def readiness(request: HttpRequest) -> HttpResponse:
    """Show what is wrong with the data now; names to those who may see them."""
    found = list(findings())
    may_look = bool(roles_of(request.user) & EDITORS)
    opening = _("Nothing is wrong with the data vendors match people by.")
    if found:
        said = ngettext("%d thing should be put right", "%d things should be put right", len(found)) % len(found)
        opening = _("%s in the student information system. Everything is shared all the same.") % said
    return page(
        request, "roster/readiness.html", _("Readiness"), opening=opening, shown=_shown(found, names=may_look)
    )  # fmt: skip


def _shown(found: list[Finding], *, names: bool) -> list[Shown]:
    """Return each finding with its people; one statement for all of them."""
    wanted = {each for finding in found for each in finding.sourced_ids[:SHOWN]} if names else set()
    people = {each.sourced_id: each for each in Person.objects.filter(sourced_id__in=wanted)}
    return [
        Shown(
            finding,
            [people[each] for each in finding.sourced_ids[:SHOWN] if each in people],
            len(finding.sourced_ids) - SHOWN if names else 0,
        )
        for finding in found
    ]
