"""As whom a tool knows people, and what of them it is sent: the one place where the switches are read."""

from collections.abc import Iterable
from uuid import uuid4

from lti.models import Pseudonym, Tool
from lti.protocol.claims import Context, Person
from roster import models as roster


def subjects(tool: Tool, people: Iterable[int]) -> dict[int, str]:
    """Return the pseudonyms of people, made now where there is none."""
    wanted = set(people)
    known = dict(Pseudonym.objects.filter(tool=tool, person__in=wanted).values_list("person", "value"))
    if fresh := [Pseudonym(tool=tool, person_id=key, value=str(uuid4())) for key in wanted - known.keys()]:
        Pseudonym.objects.bulk_create(fresh, ignore_conflicts=True)
        known = dict(Pseudonym.objects.filter(tool=tool, person__in=wanted).values_list("person", "value"))
    return known


def told(tool: Tool, person: roster.Person, subject: str) -> Person:
    """Return a person as the tool is told them: the pseudonym, and what is switched on."""
    return Person(
        subject,
        given_name=(person.preferred_given_name or person.given_name) if tool.send_name else "",
        family_name=(person.preferred_family_name or person.family_name) if tool.send_name else "",
        email=person.email if tool.send_email else "",
        sourced_id=person.sourced_id if tool.send_sourced_id else "",
    )


def context(tool: Tool, section: roster.Section) -> Context:
    """Return a section as the tool is told it; who switched the sourcedId off sees a number of ours."""
    label = f"{section.course.number}-{section.number}".strip("-") or section.title
    identifier = section.sourced_id if tool.send_sourced_id else f"section-{section.pk}"
    return Context(identifier, label, section.title, section.sourced_id if tool.send_sourced_id else "")
