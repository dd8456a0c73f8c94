"""Content a teacher chose in a tool (deep linking): it comes back, waits for the teacher, and becomes assignments."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from connections.models import SharingSettings
from gradebook.alignment import Arrival, align, setups
from gradebook.models import Assignment
from gradebook.structure import Structure
from gradebook.teaching import assigning
from gradebook.teaching.access import Teacher, teacher
from gradebook.teaching.assigning import Facts
from interop import audit
from interop.dates import district_day
from lti import access, addresses, keys, marks
from lti.access import Closed
from lti.launching import Browser, digest, still_open
from lti.models import Launch, LineItem, ResourceLink, Tool
from lti.protocol import assertion, content
from lti.protocol.content import Chosen, Graded, Item
from lti.protocol.moments import moment, written
from lti.protocol.tokens import Keys, Refused
from roster.models import Section

MOMENTS = ("available_from", "available_until", "due_from", "due_until")


def returned(token: str, now: dt.datetime) -> Launch:
    """Keep what a tool gives back, until the teacher takes it. Raises Refused, Closed."""
    tool = Tool.objects.filter(client_id=assertion.issuer_of(token)).first()
    if tool is None:
        raise Refused("The token comes from nobody known here.")
    access.check_tool(tool, SharingSettings.load())

    def check(known: Keys) -> Chosen:
        return content.check(
            token, known, client_id=tool.client_id, deployment_id=tool.deployment_id, issuer=addresses.issuer(),
            loopback=settings.LTI_ALLOW_PRIVATE_TOOLS, now=now,
        )  # fmt: skip

    chosen = keys.checked(tool, check, now)
    waiting = Launch.objects.filter(data=digest(chosen.data), tool=tool, chosen_at=None, expires_at__gt=now)
    launch = waiting.select_related("tool", "section", "person", "user", "link").first()
    if launch is None or not marks.use(tool, "answer", chosen.nonce, now + dt.timedelta(hours=3)):
        raise Refused("What comes back belongs to no request that is still open.")
    still_open(launch, now)
    kept = {"items": [_kept(item) for item in chosen.items], "passed_over": chosen.passed_over}
    kept |= {"message": chosen.message, "error": chosen.error}
    if not waiting.update(chosen=kept, chosen_at=now):
        raise Refused("What comes back belongs to no request that is still open.")
    return launch


def chosen(browser: Browser, guid: str, now: dt.datetime) -> Launch:
    """Return what the teacher of this session chose and has not taken yet. Raises Closed."""
    waiting = Launch.objects.filter(
        guid=guid, user=browser.user, session=browser.digest, taken_at=None, expires_at__gt=now
    ).exclude(chosen_at=None)  # fmt: skip
    found = waiting.select_related("tool", "section", "person", "user", "assignment", "link").first()
    if found is None:
        raise Closed(_("What was chosen is no longer waiting. Choose it again."))
    still_open(found, now)
    return found


def items(launch: Launch) -> list[Item]:
    """Return the links that were chosen, as they were kept."""
    return [_item(told) for told in (launch.chosen or {}).get("items", [])]


def taught_by(launch: Launch, now: dt.datetime) -> tuple[Teacher, Section]:
    """Return the teacher who chose, and the section it is for, which is theirs. Raises Closed."""
    found = teacher(launch.person, district_day(now)) if launch.person else None
    section = found.sections.get(launch.section_id or 0) if found else None
    if found is None or section is None:
        raise Closed(_("You do not belong to this class."))
    return found, section


def points_of(item: Item) -> int | None:
    """Return the points an assignment gets from what was chosen: whole ones, at least one; None where none came."""
    return max(1, int(item.graded.maximum)) if item.graded else None


def take(launch: Launch, now: dt.datetime) -> list[Assignment]:
    """Make assignments of what was chosen; the first fills the assignment it was chosen for. Raises Closed."""
    (taught, section), made = taught_by(launch, now), []
    with transaction.atomic():
        if not Launch.objects.filter(pk=launch.pk, taken_at=None).update(taken_at=now):
            raise Closed(_("What was chosen is no longer waiting. Choose it again."))
        for at, item in enumerate(items(launch)):
            into = launch.assignment if at == 0 else None
            if at and launch.assignment_id:
                break
            made.append(link_to_assignment(launch.tool, taught, section.pk, item, now, assignment=into))
    return made


def link_to_assignment(
    tool: Tool, taught: Teacher, section: int, item: Item, now: dt.datetime, *, assignment: Assignment | None = None
) -> Assignment:
    """Put a link into an assignment of the teacher's section: a new one, or the one given. One transaction.

    Title, points and dates are the tool's where it told them. A link that was there before gives way.
    """
    with transaction.atomic():
        facts = _facts(section, item, now, assignment)
        row = assigning.save(taught, taught.sections[section], facts, assignment.pk if assignment else None)
        ResourceLink.objects.filter(assignment=row).delete()
        LineItem.objects.filter(assignment=row).delete()
        link = ResourceLink.objects.create(
            tool=tool, section_id=section, assignment=row, guid=str(uuid4()), url=item.url,
            title=item.title or row.title, text=item.text, custom=dict(item.custom), opens_at=item.available_from,
            closes_at=item.available_until, created_by=taught.name,
        )  # fmt: skip
        if item.graded is not None and row.points is not None:
            LineItem.objects.create(
                tool=tool, assignment=row, link=link, maximum=item.graded.maximum,
                resource_id=item.graded.resource_id, tag=item.graded.tag, review=item.graded.review,
            )  # fmt: skip
        audit.record(taught.name, "put a learning tool into an assignment", link, after={"assignment": row.pk})
    return row


def copy_link(source: Assignment, target: Assignment, *, actor: str) -> ResourceLink | None:
    """Have a copied assignment open the same content, as a link of its own; None when the source opens none."""
    link = ResourceLink.objects.filter(assignment=source).select_related("tool").first()
    if link is None:
        return None
    item = LineItem.objects.filter(assignment=source, tool=link.tool).first()
    with transaction.atomic():
        made = ResourceLink.objects.create(
            tool=link.tool, section_id=target.section_id, assignment=target, guid=str(uuid4()), url=link.url,
            title=link.title, text=link.text, custom=link.custom, opens_at=link.opens_at, closes_at=link.closes_at,
            created_by=actor,
        )  # fmt: skip
        if item is not None:
            LineItem.objects.create(
                tool=link.tool, assignment=target, link=made, maximum=item.maximum, resource_id=item.resource_id,
                tag=item.tag, review=item.review,
            )  # fmt: skip
        audit.record(actor, "put a learning tool into an assignment", made, after={"assignment": target.pk})
    return made


def unlink(assignment: Assignment, *, actor: str) -> None:
    """Take the tool out of an assignment; its scores stay."""
    for link in ResourceLink.objects.filter(assignment=assignment):
        audit.record(actor, "took a learning tool out of an assignment", link, before={"assignment": assignment.pk})
        link.delete()
    LineItem.objects.filter(assignment=assignment).delete()


def _facts(section: int, item: Item, now: dt.datetime, assignment: Assignment | None) -> Facts:
    """Return what the assignment is to be like: as it was, with what the tool told."""
    today = district_day(now)
    setup = setups([section], today)[section]
    due = item.due_until or item.available_until
    points = points_of(item)
    if assignment is not None:
        was = assigning.facts(assignment)
        due_on = _within(setup.structure, district_day(due)) if due else was.due_on
        title = item.title[: assigning.LONGEST] or was.title
        return replace(was, title=title, due_on=due_on, points=was.points if points is None else points)
    due_on = _within(setup.structure, district_day(due) if due else today)
    begins = item.available_from or item.due_from
    title = (item.title or (item.graded.label if item.graded else "") or _("From a learning tool"))[: assigning.LONGEST]
    place = align(setup, Arrival(title, due_on))
    return Facts(
        title=title, abbreviation="", description=item.text,
        assigned_on=min(district_day(begins) if begins else today, due_on), due_on=due_on, points=points,
        category_id=place.category, task_id=place.task, multiplier=Decimal(1), active=True, portal=True, sequence=0,
    )  # fmt: skip


def _within(structure: Structure, day: dt.date) -> dt.date:
    return min(max(day, structure.first), structure.last)


def _kept(item: Item) -> dict[str, Any]:
    told = asdict(item)
    graded = {"graded": {**told["graded"], "maximum": str(item.graded.maximum)}} if item.graded else {}
    return told | {name: written(told[name]) for name in MOMENTS} | graded


def _item(told: Mapping[str, Any]) -> Item:
    graded = told["graded"]
    facts = {**told, **{name: moment(told[name]) for name in MOMENTS}}
    facts["graded"] = Graded(**{**graded, "maximum": Decimal(graded["maximum"])}) if graded else None
    return Item(**facts)
