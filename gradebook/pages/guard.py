"""The guard before every page of teachers, and what all of them show around their content."""

from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from gradebook.pages.entering import View, for_visitors
from gradebook.pages.table import Page
from gradebook.teaching import access
from gradebook.teaching.access import Teacher
from gradebook.viewing import Visitor
from interop.dates import district_day
from roster.district import name as district_name


class Link(NamedTuple):
    """One of the few links at the top."""

    title: str
    url: str
    current: bool
    waits: int = 0


def guarded(page: Page) -> View:
    """Return the view of a page behind its guard: nobody but teachers, and of a section only those who teach it today.

    A section of others answers as one that is not there.
    """

    def opened(request: HttpRequest, visitor: Visitor, **parts: Any) -> HttpResponseBase:
        teacher = access.teacher(visitor.person, district_day(timezone.now()))
        if teacher is None:
            raise PermissionDenied
        if request.method not in page.methods:
            return HttpResponseNotAllowed(page.methods)
        if page.of_section:
            if parts["section"] not in teacher.sections:
                raise Http404
            parts["section"] = teacher.sections[parts["section"]]
        answer: HttpResponseBase = import_string(page.view)(request, teacher, **parts)
        return answer

    return for_visitors(opened)


def show(
    request: HttpRequest, teacher: Teacher, template: str, title: str, *, status: int = 200, top: str = "", **told: Any
) -> HttpResponse:
    """Render a page with the links at the top; `top` names the current one."""
    context = {
        "title": title,
        "teacher": teacher,
        "top_links": [
            Link(_("My sections"), reverse("teacher"), top == "teacher"),
            Link(_("Uncategorized"), reverse("teacher_uncategorized"), top == "teacher_uncategorized", teacher.waiting),
            Link(_("Grade book settings"), reverse("teacher_settings"), top == "teacher_settings"),
        ],
        "district_name": district_name(),
        **told,
    }
    return render(request, f"gradebook/{template}", context, status=status)
