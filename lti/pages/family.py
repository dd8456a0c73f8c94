"""Learning tools as students and parents meet them: a page of their own, and the way in from an assignment."""

import datetime as dt
from collections.abc import Collection
from functools import partial

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from connections.models import SharingSettings
from gradebook.family.access import Family, Student
from gradebook.family.classes import sections
from gradebook.family.words import Opening
from gradebook.pages.home.guard import now, show
from lti import offering
from lti.models import ResourceLink, Tool
from lti.offering import Offer
from lti.pages import opening
from lti.pages.opening import Way
from lti.protocol.names import Role
from lti.views.launching import browser
from roster.models import Section


def any_tools() -> bool:
    """Return whether students or parents find any tool at all, so that the link to them leads somewhere."""
    seen = Tool.objects.filter(Q(for_students=True) | Q(for_parents=True), enabled=True).exclude(accepted_at=None)
    return seen.exists() and _on()


def listed(request: HttpRequest, family: Family, student: Student) -> HttpResponse:
    """Show the tools of the student's classes, each with a way in."""
    role, today = role_of(student), family.today
    theirs = {section.pk for section in sections(student.key, today)}
    offers = [each for each in offering.tools_for(family.person, now()) if each.role is role]
    before = opening.known(family.person, [each.tool for each in offers])
    rows = [(offer.tool, places) for offer in offers if (places := _places(student, offer, theirs, before))]
    title = _("My learning tools") if student.itself else _("%s’s learning tools") % student.name
    return show(request, family, "lti/pages/family_tools.html", title, student=student, rows=rows)


def tool(request: HttpRequest, family: Family, student: Student, tool: int, section: int) -> HttpResponse:
    """Say what a tool will be told; on POST open it in a class of the student."""
    found = _tool(tool, role_of(student))
    if section not in {each.pk for each in sections(student.key, family.today)}:
        raise Http404
    back = reverse("home_tools", args=[student.key])
    if request.method == "POST":
        role = role_of(student)
        begin = partial(offering.start_tool, browser(request), family.person, role, found, section, now())
        return opening.started(request, begin, back)
    return _asks(request, family, student, found, back)


def work(request: HttpRequest, family: Family, student: Student, assignment: int) -> HttpResponse:
    """Say what the tool of an assignment will be told; on POST open it there."""
    link = links(student, [assignment], [each.pk for each in sections(student.key, family.today)]).get(assignment)
    if link is None:
        raise Http404
    back = reverse("home_class", args=[student.key, link.section_id])
    if request.method == "POST":
        begin = partial(offering.start_launch, browser(request), family.person, role_of(student), link, now())
        return opening.started(request, begin, back)
    return _asks(request, family, student, link.tool, back)


def openings(family: Family, student: Student, assignments: Collection[int]) -> dict[int, Opening]:
    """Return the ways into the tools behind these assignments, by assignment (gradebook/pages/beside.py)."""
    found = links(student, assignments)
    before = opening.known(family.person, {link.tool_id: link.tool for link in found.values()}.values())
    ways = {
        key: opening.way(link.tool, reverse("home_work", args=[student.key, key]), before)
        for key, link in found.items()
    }
    return {key: Opening(each.tool.name, each.url, each.new_tab, each.first) for key, each in ways.items()}


def links(
    student: Student, assignments: Collection[int], within: Collection[int] | None = None
) -> dict[int, ResourceLink]:
    """Return the links behind assignments that are open now to the student, or to the parent. Two statements."""
    seen = Q(tool__for_students=True) if student.itself else Q(tool__for_parents=True)
    here = Q() if within is None else Q(section__in=within)
    rows = ResourceLink.objects.filter(
        seen, here, _open_at(now()), tool__enabled=True, tool__accepted_at__isnull=False, assignment__in=assignments,
        assignment__active=True, assignment__portal=True, assignment__deleted_at=None,
    ).select_related("tool", "assignment")  # fmt: skip
    found = {link.assignment_id: link for link in rows if link.assignment_id}
    return found if found and _on() else {}


def role_of(student: Student) -> Role:
    """Return as what the page of a student opens tools."""
    return Role.LEARNER if student.itself else Role.MENTOR


def _places(
    student: Student, offer: Offer, theirs: Collection[int], before: Collection[int]
) -> list[tuple[Section, Way]]:
    """Return the classes of the student in which a tool may be opened, each with the way in."""
    urls = [
        (section, reverse("home_tool", args=[student.key, offer.tool.pk, section.pk]))
        for section in offer.sections
        if section.pk in theirs
    ]
    return [(section, opening.way(offer.tool, url, before)) for section, url in urls]


def _on() -> bool:
    district = SharingSettings.load()
    return district.learning_tool and not district.stopped


def _open_at(moment: dt.datetime) -> Q:
    return (Q(opens_at=None) | Q(opens_at__lte=moment)) & (Q(closes_at=None) | Q(closes_at__gt=moment))


def _tool(key: int, role: Role) -> Tool:
    seen = {"for_students": True} if role is Role.LEARNER else {"for_parents": True}
    found = Tool.objects.filter(pk=key, enabled=True, **seen).exclude(accepted_at=None).first()
    if found is None:
        raise Http404
    return found


def _asks(request: HttpRequest, family: Family, student: Student, found: Tool, back: str) -> HttpResponse:
    told = opening.about(found, role_of(student))
    title = _("Open %s") % found.name
    return show(
        request, family, "lti/pages/family_opening.html", title, student=student, top="home_tools", back=back, **told
    )  # fmt: skip
