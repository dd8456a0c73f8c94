"""The courses of the active year and how each is graded."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook.arranging import courses, tasks
from gradebook.models import GradingTask
from gradebook.office.tasks import TaskForm
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.models import Course, School
from roster.signin import people

AT_MOST = 100


class Narrow(forms.Form):
    """Which courses."""

    school = forms.ModelChoiceField(School.objects.none(), required=False, label=gettext_lazy("School"))
    words = forms.CharField(max_length=100, required=False, label=gettext_lazy("Title or number"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        school: Any = self.fields["school"]
        school.queryset, school.empty_label = people.schools(), _("All schools")
        school.label_from_instance = lambda each: each.name
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input"}


def index(request: HttpRequest) -> HttpResponse:
    """List the courses taught this year with what is set up of their grading."""
    form = Narrow(request.GET)
    asked = form.cleaned_data if form.is_valid() else {"school": None, "words": ""}
    found = list(courses.found(**asked)[: AT_MOST + 1])
    return page(
        request, "gradebook/office/courses.html", _("Grading setup"),
        opening=_("What grades are given for, when they are posted, and how they are calculated, course by course."),
        form=form, rows=courses.rows(found[:AT_MOST]), more=len(found) > AT_MOST, at_most=AT_MOST,
    )  # fmt: skip


def course(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the grading tasks of a course; make a new one."""
    row = get_object_or_404(Course, pk=pk)
    form = TaskForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = tasks.save(request.user.get_username(), row, form.cleaned_data)
        messages.success(request, _("“%s” is there. Now choose its terms and windows.") % made.title)
        return redirect("admin:grading_task", made.pk)
    listed = GradingTask.objects.filter(course=row).select_related("section").prefetch_related("periods__term")
    return page(
        request, "gradebook/office/course.html", row.title, trail=[(_("Grading setup"), reverse("admin:grading"))],
        opening=_("Teachers and vendors get its grading tasks in the terms its sections are taught in."),
        course=row, tasks=listed, form=form, sections=len(courses.sections_of(pk)), status=422 if form.errors else 200,
        may_change=bool(roles_of(request.user) & EDITORS),
    )  # fmt: skip
