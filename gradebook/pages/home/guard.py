"""The guard before every page of students and parents, and what all of them show around their content."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from gradebook.family import access
from gradebook.family.access import Family, Student
from gradebook.pages.entering import View, for_visitors
from gradebook.pages.guard import Link
from gradebook.pages.home.table import Page, pages
from gradebook.teaching.access import teaches
from gradebook.viewing import Visitor
from roster.district import name as district_name


def now() -> dt.datetime:
    """Return the moment that decides who may see what."""
    return timezone.now()


def guarded(page: Page) -> View:
    """Return the view of a page behind its guard: of a student only their family, and they themselves.

    Somebody else's student answers as one that is not there.
    """

    def opened(request: HttpRequest, visitor: Visitor, **parts: Any) -> HttpResponseBase:
        request.__dict__["page"] = page
        if request.method not in page.methods:
            return HttpResponseNotAllowed(page.methods)
        family = access.family(visitor.person, now())
        if page.of_student:
            student = family.students.get(parts["student"])
            if student is None:
                raise Http404
            parts["student"] = student
        answer: HttpResponseBase = import_string(page.view)(request, family, **parts)
        return answer

    return for_visitors(opened)


def show(
    request: HttpRequest, family: Family, template: str, title: str, *,
    student: Student | None = None, top: str = "", status: int = 200, **told: Any,
) -> HttpResponse:  # fmt: skip
    """Render a template (its whole path) with the links at the top and, for a student, the switch between students.

    `top` names the page whose link is the current one, where that is not the page itself.
    """
    current: Page = request.__dict__["page"]
    chosen = student or next(iter(family.students.values()), None)
    links = [
        Link(str(page.top), reverse(page.name, args=[chosen.key]), page.name == (top or current.name))
        for page in pages()
        if chosen and page.is_on_top
    ]
    here = current.name if current.of_student and current.top else "home_classes"
    context = {
        "title": title,
        "family": family,
        "student": student,
        "switch": [
            (each, reverse(here, args=[each.key]), each.key == (student.key if student else None))
            for each in family.students.values()
        ],
        "top_links": [
            *links,
            *_as_teacher(family),
            Link(_("Settings"), reverse("home_settings"), current.name == "home_settings"),
        ],
        "district_name": district_name(),
        **told,
    }
    return render(request, template, context, status=status)


def _as_teacher(family: Family) -> list[Link]:
    """Return the way to the grade books of a parent who teaches, too."""
    return [Link(_("My sections"), reverse("teacher"), current=False)] if teaches(family.person) else []
