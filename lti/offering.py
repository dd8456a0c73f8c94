"""Which tools somebody is offered: in Learning Tools, and behind their assignments. Pages for people start here."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import uuid4

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from connections.models import SharingSettings
from gradebook.family.access import family
from gradebook.teaching.access import teacher
from lti import access
from lti.access import Closed, Wish
from lti.launching import Browser, begin
from lti.models import Launch, LineItem, ResourceLink, Tool, ToolScore
from lti.protocol.names import Role
from roster.models import Person, Section
from roster.signin.people import moment
from roster.visibility import SECTION, Moment, passing


@dataclass(frozen=True)
class Offer:
    """A tool and where somebody may open it, as what."""

    tool: Tool
    role: Role
    sections: tuple[Section, ...]


def tools_for(person: Person, now: dt.datetime) -> list[Offer]:
    """Return what this person finds in Learning Tools: as a teacher, as a student, as a parent."""
    today, settings = moment(now), SharingSettings.load()
    if today is None or settings.stopped or not settings.learning_tool:
        return []
    taught = teacher(person, today.today)
    students = family(person, now).students
    sitting = {
        Role.LEARNER: [key for key, each in students.items() if each.itself],
        Role.MENTOR: [key for key, each in students.items() if not each.itself],
    }
    where: dict[Role, QuerySet[Section]] = {}
    for role, people in sitting.items():
        if people:
            listed = access.seats_of(people, today)
            where[role] = Section.objects.filter(pk__in=listed.values("section"))
    if taught:
        where[Role.INSTRUCTOR] = Section.objects.filter(pk__in=list(taught.sections))
    return [offer for role, sections in where.items() for offer in _offers(role, sections, today)]


def choosers(section: int, now: dt.datetime) -> list[Tool]:
    """Return the tools in which the section's teacher may choose content."""
    open_ones = Tool.objects.filter(enabled=True, chooses_content=True, for_teachers=True).exclude(accepted_at=None)
    settings = SharingSettings.load()
    if settings.stopped or not settings.learning_tool:
        return []
    today = moment(now)
    shared = passing(SECTION, today).filter(pk=section).select_related("calendar").first() if today else None
    if shared is None:
        return []
    tools = open_ones.select_related("application").prefetch_related("schools")
    return [tool for tool in tools if access.is_for(tool, shared)]


def links_of(assignments: Collection[int]) -> dict[int, ResourceLink]:
    """Return the links behind assignments, by assignment; those of tools that are switched off are not there."""
    found = ResourceLink.objects.filter(assignment__in=assignments, tool__enabled=True).exclude(tool__accepted_at=None)
    return {link.assignment_id: link for link in found.select_related("tool") if link.assignment_id}


def progress_of(assignments: Collection[int], people: Collection[int]) -> dict[tuple[int, int], ToolScore]:
    """Return what tools said of students' work, by assignment and person."""
    found = ToolScore.objects.filter(line_item__assignment__in=assignments, person__in=people)
    return {(row.line_item.assignment_id, row.person_id): row for row in found.select_related("line_item")}


def line_items_of(tool: Tool, section: int) -> QuerySet[LineItem]:
    """Return what a tool calls its own in a section: its and nobody else's, and nothing that was deleted."""
    return LineItem.objects.filter(
        tool=tool, assignment__section=section, assignment__deleted_at=None
    ).select_related("assignment", "link")  # fmt: skip


def start_launch(browser: Browser, person: Person, role: Role, link: ResourceLink, now: dt.datetime) -> Launch:
    """Begin a launch of a link; the browser goes to /lti/open/<guid> next. Raises Closed."""
    user = _signed_in(browser)
    return begin(browser, Wish(link.tool, user, person, role, link.section_id, link), now)


def start_review(browser: Browser, person: Person, link: ResourceLink, student: Person, now: dt.datetime) -> Launch:
    """Begin a launch in which a teacher sees a student's work again. Raises Closed."""
    wish = Wish(link.tool, _signed_in(browser), person, Role.INSTRUCTOR, link.section_id, link, student)
    return begin(browser, wish, now)


def start_tool(browser: Browser, person: Person, role: Role, tool: Tool, section: int, now: dt.datetime) -> Launch:
    """Begin a launch from Learning Tools in a section. Raises Closed."""
    wish = Wish(tool, _signed_in(browser), person, role, section)
    access.opening(wish, now)
    link, _made = ResourceLink.objects.get_or_create(
        tool=tool, section_id=section, assignment=None, defaults={"guid": str(uuid4()), "title": tool.name}
    )
    return begin(browser, replace(wish, link=link), now)


def shown_first(tool: Tool, person: Person) -> bool:
    """Return whether this person opens the tool for the first time, so that they are told what it is sent."""
    return not tool.pseudonyms.filter(person=person).exists()


def _offers(role: Role, sections: QuerySet[Section], today: Moment) -> list[Offer]:
    seen = {Role.INSTRUCTOR: "for_teachers", Role.LEARNER: "for_students", Role.MENTOR: "for_parents"}[role]
    open_ones = Tool.objects.filter(Q(**{seen: True}), enabled=True).exclude(accepted_at=None)
    tools = list(open_ones.select_related("application").prefetch_related("schools"))
    shared = passing(SECTION, today).filter(pk__in=sections.values("pk")) if tools else Section.objects.none()
    there = list(shared.select_related("course", "calendar__school").order_by("title", "pk"))
    offers = [Offer(tool, role, tuple(each for each in there if access.is_for(tool, each))) for tool in tools]
    return [offer for offer in offers if offer.sections]


def _signed_in(browser: Browser) -> User:
    if browser.user is None:
        raise Closed
    return browser.user
