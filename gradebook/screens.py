"""The screens of the office that are about the grade book."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook import viewing
from gradebook.family import access
from gradebook.teaching import access as teaching
from interop.admin.pages import page
from interop.admin.screens import Screen
from roster.models import Person
from roster.signin.codes import name_of

SCREENS: tuple[Screen, ...] = (
    Screen(
        "view_as", "data/people/<int:pk>/view-as/", "gradebook.screens.view_as",
        gettext_lazy("View as a teacher or parent"), opens=viewing.WHO, changes=viewing.WHO,
    ),
)  # fmt: skip


def view_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask before the pages of a person are shown, begin to show them, and stop."""
    person = get_object_or_404(Person, pk=pk)
    back = reverse("admin:data_record", args=["people", pk])
    if "stop" in request.POST:
        viewing.end(request)
        messages.success(request, _("You are yourself again."))
        return redirect(back)
    family = access.family(person, timezone.now())
    teaches = teaching.teaches(person)
    if "begin" in request.POST and (teaches or family.students):
        viewing.begin(request, person, timezone.now())
        return redirect("home" if family.students else "teacher")
    sees = [*([_("Their grade books, as a teacher.")] if teaches else [])]
    sees += [
        _("Their own classes, as a student.") if each.itself else _("The classes of %s.") % each.full_name
        for each in family.students.values()
    ]
    name = name_of(person)
    return page(
        request, "gradebook/view_as.html", _("View as %s") % name, name=name, sees=sees, back=back,
        trail=[(_("School data"), reverse("admin:data")), (name, back)],
    )  # fmt: skip
