"""Grading scales: scores with the percentages they begin at, and their points."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook.arranging import scales
from gradebook.arranging.scales import Line
from gradebook.arranging.tasks import Refused
from gradebook.models import GradingScale
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of

SPARE = 3
"""Empty lines at the end of the form; whoever needs more saves and goes on."""


class ScaleForm(forms.Form):
    """What a scale is called."""

    title = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    type = forms.CharField(label=gettext_lazy("Type"), max_length=255, initial="Letter grade")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


class LineForm(forms.Form):
    """One score of a scale; one without a score is passed over."""

    score = forms.CharField(max_length=255, required=False)
    minimum = forms.DecimalField(min_value=0, max_value=9999, decimal_places=4, required=False)
    points = forms.DecimalField(min_value=0, max_value=999, decimal_places=3, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


Lines = forms.formset_factory(LineForm, extra=SPARE, max_num=200)


def index(request: HttpRequest) -> HttpResponse:
    """List the district's scales; make a new one."""
    form, lines = ScaleForm(request.POST or None, prefix="scale"), Lines(request.POST or None, prefix="line")
    fault = ""
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        try:
            made = _saved(request, form, lines, None)
        except Refused as refused:
            fault = str(refused)
        else:
            messages.success(request, _("“%s” is there. Teachers can choose it.") % made.title)
            return redirect("admin:grading_scale", made.pk)
    listed = GradingScale.objects.filter(owner=None).annotate(sections=Count("uses", distinct=True))
    return page(
        request, "gradebook/office/scales.html", _("Grading scales"),
        opening=_("A percentage leads to the score with the highest beginning it reaches."),
        trail=[(_("Grading setup"), reverse("admin:grading"))],
        scales=listed.prefetch_related("ranges").order_by("title", "pk"), form=form, lines=lines, fault=fault,
        may_change=bool(roles_of(request.user) & EDITORS), status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def scale(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a scale; change or delete it."""
    row, fault = get_object_or_404(GradingScale, pk=pk, owner=None), ""
    had = [{"score": each.score, "minimum": _short(each.minimum), "points": _short(each.points)}
           for each in row.ranges.order_by("sequence")]  # fmt: skip
    sent = request.POST if request.POST.get("act") == "save" else None
    form = ScaleForm(sent, prefix="scale", initial={"title": row.title, "type": row.type})
    lines = Lines(sent, prefix="line", initial=had)
    try:
        if request.POST.get("act") == "delete":
            scales.delete(request.user.get_username(), row)
            messages.success(request, _("“%s” is deleted.") % row.title)
            return redirect("admin:grading_scales")
        if sent and form.is_valid() and lines.is_valid():
            _saved(request, form, lines, row)
            messages.success(request, _("Saved. Grades follow within five minutes."))
            return redirect("admin:grading_scale", pk)
    except Refused as refused:
        fault = str(refused)
    options, grades = scales.in_use(row)
    return page(
        request, "gradebook/office/scale.html", row.title,
        trail=[(_("Grading setup"), reverse("admin:grading")), (_("Grading scales"), reverse("admin:grading_scales"))],
        scale=row, form=form, lines=lines, fault=fault, options=options, grades=grades,
        may_change=bool(roles_of(request.user) & EDITORS), status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _saved(request: HttpRequest, form: ScaleForm, lines: Any, row: GradingScale | None) -> GradingScale:
    told = [each.cleaned_data for each in lines if (each.cleaned_data.get("score") or "").strip()]
    wanted = [Line(each["score"].strip(), each["minimum"], each["points"]) for each in told]
    return scales.save(request.user.get_username(), form.cleaned_data["title"], form.cleaned_data["type"], wanted, row)


def _short(number: Any) -> Any:
    return None if number is None else f"{number.normalize():f}"
