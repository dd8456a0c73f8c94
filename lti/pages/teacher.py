"""Learning tools as teachers meet them: those of a section, choosing content, and the way in from an assignment."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gradebook.models import Assignment
from gradebook.pages.guard import show
from gradebook.teaching.access import Teacher, section_name, students
from lti import choosing, launching, offering
from lti.access import Wish
from lti.models import ResourceLink, Tool
from lti.pages import opening
from lti.protocol.names import Role
from lti.views.launching import browser
from roster.models import Section


def listed(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Show the tools a section may use, each with its ways in."""
    now = timezone.now()
    offers = [
        each.tool for each in offering.tools_for(teacher.person, now)
        if each.role is Role.INSTRUCTOR and section.pk in {place.pk for place in each.sections}
    ]  # fmt: skip
    before = opening.known(teacher.person, offers)
    rows = [
        (
            opening.way(tool, reverse("teacher_tool", args=[section.pk, tool.pk]), before),
            opening.way(tool, reverse("teacher_choose", args=[section.pk, tool.pk]), before)
            if tool.chooses_content
            else None,
        )
        for tool in offers
    ]
    return show(
        request, teacher, "tools.html", _("Learning Tools"), section=section, name=section_name(section), rows=rows
    )


def tool(request: HttpRequest, teacher: Teacher, section: Section, tool: int) -> HttpResponse:
    """Say what a tool will be told; on POST open it in the section."""
    found = _tool(tool)
    if request.method == "POST":
        begin = partial(
            offering.start_tool, browser(request), teacher.person, Role.INSTRUCTOR, found, section.pk, timezone.now()
        )
        return opening.started(request, begin, reverse("teacher_tools", args=[section.pk]))
    return _asks(request, teacher, section, found, _("Open %s") % found.name)


def choose(request: HttpRequest, teacher: Teacher, section: Section, tool: int) -> HttpResponse:
    """Say what a tool will be told; on POST open it for choosing content, for one assignment or for new ones."""
    found = _tool(tool)
    asked = (request.POST if request.method == "POST" else request.GET).get("assignment", "")
    row = _assignment(section, int(asked)) if asked.isdecimal() else None
    if request.method == "POST" and isinstance(request.user, User):
        wish = Wish(found, request.user, teacher.person, Role.INSTRUCTOR, section.pk)
        begin = partial(launching.begin, browser(request), wish, timezone.now(), assignment=row)
        back = ("teacher_assignment", section.pk, row.pk) if row else ("teacher_tools", section.pk)
        return opening.started(request, begin, reverse(back[0], args=back[1:]))
    title = _("Choose content in %s") % found.name
    return _asks(request, teacher, section, found, title, assignment=row)


def work(request: HttpRequest, teacher: Teacher, section: Section, assignment: int) -> HttpResponse:
    """Say what the tool of an assignment will be told; on POST open it there."""
    row = _assignment(section, assignment)
    link = offering.links_of([row.pk]).get(row.pk)
    if link is None:
        raise Http404
    if request.method == "POST":
        begin = partial(
            offering.start_launch, browser(request), teacher.person, Role.INSTRUCTOR, link, timezone.now()
        )  # fmt: skip
        return opening.started(request, begin, reverse("teacher_assignment", args=[section.pk, row.pk]))
    return _asks(request, teacher, section, link.tool, _("Open %s") % link.tool.name)


def review(request: HttpRequest, teacher: Teacher, section: Section, assignment: int, person: int) -> HttpResponse:
    """Say what the tool of an assignment will be told; on POST open one student's work there."""
    row = _assignment(section, assignment)
    link = offering.links_of([row.pk]).get(row.pk)
    student = next((each for each in students(section.pk, teacher.today) if each.pk == person), None)
    if link is None or student is None:
        raise Http404
    if request.method == "POST":
        begin = partial(offering.start_review, browser(request), teacher.person, link, student, timezone.now())
        return opening.started(request, begin, reverse("teacher_assignment", args=[section.pk, row.pk]))
    return _asks(request, teacher, section, link.tool, _("See work in %s") % link.tool.name)


def unlink(request: HttpRequest, teacher: Teacher, section: Section, assignment: int) -> HttpResponse:
    """Take the tool out of an assignment; its scores stay."""
    row = _assignment(section, assignment)
    if ResourceLink.objects.filter(assignment=row).exists():
        choosing.unlink(row, actor=teacher.name)
        messages.success(request, _("The tool is out of this assignment. Its scores stay."))
    return redirect("teacher_assignment", section.pk, row.pk)


def _asks(
    request: HttpRequest, teacher: Teacher, section: Section, found: Tool, title: str,
    assignment: Assignment | None = None,
) -> HttpResponse:  # fmt: skip
    told = opening.about(found, Role.INSTRUCTOR)
    back = reverse("teacher_tools", args=[section.pk])
    return show(
        request, teacher, "tool_opening.html", title, section=section, name=section_name(section), back=back,
        assignment=assignment, **told,
    )  # fmt: skip


def _tool(key: int) -> Tool:
    found = Tool.objects.filter(pk=key, enabled=True, for_teachers=True).exclude(accepted_at=None).first()
    if found is None:
        raise Http404
    return found


def _assignment(section: Section, key: int) -> Assignment:
    row = Assignment.objects.filter(pk=key, section=section, deleted_at=None).first()
    if row is None:
        raise Http404
    return row
