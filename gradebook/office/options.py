"""Grade calculation that is mandated for a course."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.arranging import mandating
from gradebook.pages.options import sent
from gradebook.teaching import calculating
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.models import Course


def mandated(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the options of each grading task and term of a course; mandate them, or leave them to the teachers."""
    course = get_object_or_404(Course, pk=pk)
    rows = mandating.rows(course)
    if request.method == "POST":
        keys = [row.period.key for row in rows]
        wanted = {key: sent(request, key) if request.POST.get(f"mandated-{key}") else None for key in keys}
        number = mandating.save(request.user.get_username(), course, wanted)
        told = ngettext("%(number)d grading task changed.", "%(number)d grading tasks changed.", number)
        follow = _(" Grades follow within five minutes.")
        messages.success(request, told % {"number": number} + follow if number else _("Nothing was changed."))
        return redirect("admin:grading_options", pk)
    return page(
        request, "gradebook/office/options.html", _("Mandated grade calculation"),
        trail=[(_("Grading setup"), reverse("admin:grading")),
               (course.title, reverse("admin:grading_course", args=[pk]))],
        opening=_("What is mandated here holds in every section of the course, and teachers cannot change it."),
        rows=rows, scales=calculating.scales(), may_change=bool(roles_of(request.user) & EDITORS),
    )  # fmt: skip
