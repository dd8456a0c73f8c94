"""One grading task: what it is, its terms with their windows, and the composite grade it belongs to."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook.arranging import courses, tasks
from gradebook.arranging.tasks import Refused, Window
from gradebook.models import GradingTask, TaskPeriod
from gradebook.structure import Session
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of

DAY = forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d")


class TaskForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a grading task is."""

    class Meta:
        model = GradingTask
        fields = tasks.FIELDS
        labels = {  # noqa: RUF012
            "title": gettext_lazy("Name"), "kind": gettext_lazy("Kind"), "sequence": gettext_lazy("Place"),
            "credits": gettext_lazy("Credits"), "report_card": gettext_lazy("On report cards"),
            "transcript": gettext_lazy("On transcripts, as a final grade with these credits"),
            "external_lms_exclude": gettext_lazy("External LMS Exclude: vendors do not get it"),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credits"].min_value = 0  # type: ignore[attr-defined]
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "input"

    @property
    def boxes(self) -> list[Any]:
        """The fields that are ticked."""
        return [field for field in self if isinstance(field.field, forms.BooleanField)]

    @property
    def lines(self) -> list[Any]:
        """The other fields."""
        return [field for field in self if not isinstance(field.field, forms.BooleanField)]


class WindowForm(forms.Form):
    """A task in one term."""

    given = forms.BooleanField(required=False)
    opens = forms.DateField(required=False, widget=DAY)
    closes = forms.DateField(required=False, widget=DAY)
    parent_id = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    parent_weight = forms.DecimalField(required=False, min_value=0, max_value=99_999, decimal_places=3)

    def __init__(self, *args: Any, parents: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields["parent_id"]
        parent.choices = [("", _("None")), *parents]
        for name in ("parent_id", "parent_weight"):
            self.fields[name].widget.attrs["class"] = "input"

    @property
    def window(self) -> Window:
        """Return what was chosen, once it is valid."""
        return Window(*(self.cleaned_data[name] for name in Window._fields))


def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a grading task; save what it is, its terms and windows, or delete it."""
    row = get_object_or_404(GradingTask.objects.select_related("course"), pk=pk)
    act, fault = request.POST.get("act", ""), ""
    form = TaskForm(request.POST if act == "save" else None, instance=GradingTask.objects.get(pk=pk))
    windows = _windows(request.POST if act == "windows" else None, row)
    try:
        done = _do(request, row, act, form, windows)
    except Refused as refused:
        done, fault = None, str(refused)
    if done:
        return done
    return page(
        request, "gradebook/office/task.html", row.title,
        trail=[(_("Grading setup"), reverse("admin:grading")),
               (row.course.title, reverse("admin:grading_course", args=[row.course_id]))],
        task=row, form=form, windows=windows, fault=fault, may_change=bool(roles_of(request.user) & EDITORS),
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _do(
    request: HttpRequest, row: GradingTask, act: str, form: TaskForm, windows: list[tuple[Session, WindowForm]]
) -> HttpResponse | None:
    """Do what was sent; None when there is nothing to do or something is wrong with it."""
    actor = request.user.get_username()
    if act == "save" and form.is_valid():
        tasks.save(actor, row.course, form.cleaned_data, row)
        messages.success(request, _("Saved. Grades follow within five minutes."))
    elif act == "windows" and sum(not each.is_valid() for _session, each in windows) == 0:
        wanted = {term.id: each.window for term, each in windows if each.cleaned_data["given"]}
        tasks.place(actor, row, wanted)
        messages.success(request, _("Terms and windows are saved. Vendors get them with their next request."))
    elif act == "delete":
        tasks.delete(actor, row)
        messages.success(request, _("“%s” is deleted.") % row.title)
        return redirect("admin:grading_course", row.course_id)
    else:
        return None
    return redirect("admin:grading_task", row.pk)


def _windows(data: Any, row: GradingTask) -> list[tuple[Session, WindowForm]]:
    others = TaskPeriod.objects.filter(task__course=row.course_id).select_related("task", "term")
    own = {each.term_id: each for each in others if each.task_id == row.pk}
    forms_of = []
    for session in courses.sessions_of(row.course_id):
        there = own.get(session.id)
        parents = [(each.pk, str(each)) for each in others if each.pk != (there.pk if there else None)]
        initial = {"given": bool(there)} | ({name: getattr(there, name) for name in Window._fields} if there else {})
        forms_of.append((session, WindowForm(data, initial=initial, prefix=f"t{session.id}", parents=parents)))
    return forms_of
