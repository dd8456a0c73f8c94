"""The grading windows of a term, for all its grading tasks at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gradebook.arranging import tasks
from gradebook.arranging.tasks import Refused
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.models import School
from roster.signin import people


class Window(forms.Form):
    """Which term's windows, where, and from when to when."""

    term = forms.ChoiceField(label=gettext_lazy("Term"))
    school = forms.ModelChoiceField(School.objects.none(), required=False, label=gettext_lazy("School"))
    opens = forms.DateField(
        required=False, label=gettext_lazy("Grades are posted from"), widget=forms.DateInput(attrs={"type": "date"})
    )
    closes = forms.DateField(
        required=False, label=gettext_lazy("To, this day included"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any, titles: list[str]) -> None:
        super().__init__(data)
        term, school = self.fields["term"], self.fields["school"]
        term.choices = [(each, each) for each in titles]  # type: ignore[attr-defined]
        school.queryset, school.empty_label = people.schools(), _("All schools")  # type: ignore[attr-defined]
        school.label_from_instance = lambda each: each.name  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


def windows(request: HttpRequest) -> HttpResponse:
    """Show the terms of the active year; set the window of all grading tasks of one."""
    terms, fault = tasks.terms(), ""
    form = Window(request.POST if request.method == "POST" else None, [each[0] for each in terms])
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        try:
            number = tasks.open_windows(
                request.user.get_username(), asked["term"], asked["school"], asked["opens"], asked["closes"]
            )
        except Refused as refused:
            fault = str(refused)
        else:
            told = ngettext("%(number)d window set.", "%(number)d windows set.", number) % {"number": number}
            messages.success(request, told if number else _("They were set so."))
            return redirect("admin:grading_windows")
    return page(
        request, "gradebook/office/windows.html", _("Grading windows"),
        opening=_("Grades are posted, by teachers and by vendors, on the days of the window alone."),
        trail=[(_("Grading setup"), reverse("admin:grading"))], form=form, terms=terms, fault=fault,
        may_change=bool(roles_of(request.user) & EDITORS), status=422 if form.errors or fault else 200,
    )  # fmt: skip
