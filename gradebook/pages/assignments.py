"""An assignment of a section: making and changing it, and the scores of all students in it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gradebook import plans
from gradebook.models import Assignment, Score
from gradebook.pages import beside
from gradebook.pages.guard import show
from gradebook.teaching import assigning, copying, grid, scoring
from gradebook.teaching.access import Teacher, section_name, student_name, students
from gradebook.teaching.assigning import Facts
from roster.models import Section

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AssignmentForm(forms.Form):
    """What a teacher says about an assignment."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=255)
    abbreviation = forms.CharField(label=gettext_lazy("Abbreviation"), max_length=5, required=False)
    category_id = forms.TypedChoiceField(label=gettext_lazy("Category"), coerce=int, empty_value=None, required=False)
    task_id = forms.TypedChoiceField(label=gettext_lazy("Grading task"), coerce=int, empty_value=None, required=False)
    points = forms.IntegerField(
        label=gettext_lazy("Points possible"), min_value=0, required=False,
        help_text=gettext_lazy("A whole number. 0 adds what is earned and never divides; blank is not graded."),
    )  # fmt: skip
    multiplier = forms.DecimalField(
        label=gettext_lazy("Multiplier"), min_value=0, max_value=9999, decimal_places=3, initial=1
    )
    assigned_on = forms.DateField(label=gettext_lazy("Assigned"), widget=DAY)
    due_on = forms.DateField(label=gettext_lazy("Due"), widget=DAY)
    sequence = forms.IntegerField(label=gettext_lazy("Place among the same day’s"), min_value=0, max_value=9_999_999)
    active = forms.BooleanField(label=gettext_lazy("Active: counts toward grades"), required=False)
    portal = forms.BooleanField(label=gettext_lazy("Portal: students and parents see it"), required=False)
    description = forms.CharField(
        label=gettext_lazy("Description"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        book = plans.books([section.pk])[section.pk]
        nothing = [("", _("None yet"))]
        categories: Any = self.fields["category_id"]
        tasks: Any = self.fields["task_id"]
        categories.choices = nothing + [(key, each.title) for key, each in book.categories.items()]
        tasks.choices = nothing + [(key, f"{each.title}, {each.term_title}") for key, each in book.periods.items()]
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "input"

    def facts(self) -> Facts:
        """Return what was said, once it is valid."""
        return Facts(**self.cleaned_data)


def make(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Make an assignment."""
    book = plans.books([section.pk])[section.pk]
    period = grid.chosen_period(book, None, teacher.today)
    initial = {
        "assigned_on": teacher.today, "due_on": teacher.today, "active": True, "portal": True, "sequence": 0,
        "points": 10, "task_id": period.key if period else None, "category_id": next(iter(book.categories), None),
    }  # fmt: skip
    form = AssignmentForm(request.POST or None, initial=initial, section=section)
    if form.is_valid() and _passes(form, section, None):
        row = assigning.save(teacher, section, form.facts())
        messages.success(request, _("“%s” is there. Enter its scores now or later.") % row.title)
        return redirect("teacher_assignment", section.pk, row.pk)
    return show(
        request, teacher, "assignment.html", _("New assignment"), section=section, name=section_name(section),
        form=form, beside=beside.editor(teacher, section, None), status=422 if form.errors else 200,
    )  # fmt: skip


def edit(request: HttpRequest, teacher: Teacher, section: Section, assignment: int) -> HttpResponse:
    """Show an assignment with its scores; change or delete it."""
    row = _of(section, assignment)
    before = assigning.facts(row)
    form = AssignmentForm(None, initial=_initial(before), section=section)
    if request.method == "POST" and request.POST.get("do") == "delete":
        return _delete(request, teacher, section, row)
    if request.method == "POST":
        form = AssignmentForm(request.POST, initial=_initial(before), section=section)
        if form.is_valid() and _passes(form, section, before):
            assigning.save(teacher, section, form.facts(), row.pk)
            messages.success(request, _("Saved."))
            return redirect("teacher_assignment", section.pk, row.pk)
    return page(request, teacher, section, row, form, status=422 if form.errors else 200)


def scores(request: HttpRequest, teacher: Teacher, section: Section, assignment: int) -> HttpResponse:
    """Save the scores of all students: only those typed over, all or none."""
    row = _of(section, assignment)
    people = {each.pk: each for each in students(section.pk, teacher.today)}
    entries, faults = {}, {}
    for key in people:
        typed, comment = request.POST.get(f"score-{key}"), request.POST.get(f"comment-{key}", "")
        if typed is None or (typed, comment) == (request.POST.get(f"was-{key}"), request.POST.get(f"said-{key}")):
            continue
        try:
            read = scoring.read(typed)
            entries[key] = scoring.Entry(read.score, read.flags, comment.strip())
        except scoring.Unclear as fault:
            faults[key] = str(fault)
    if faults:
        form = AssignmentForm(None, initial=_initial(assigning.facts(row)), section=section)
        return page(request, teacher, section, row, form, status=422, faults=faults)
    number = scoring.save(teacher.name, section.pk, {row.pk: entries}, teacher.today)
    told = ngettext("%(number)d score saved.", "%(number)d scores saved.", number) % {"number": number}
    messages.success(request, told if number else _("Nothing was changed."))
    return redirect(reverse("teacher_assignment", args=[section.pk, row.pk]) + "#scores")


def copy(request: HttpRequest, teacher: Teacher, section: Section, assignment: int) -> HttpResponse:
    """Copy an assignment to other sections of the teacher."""
    row = _of(section, assignment)
    asked = {int(key) for key in request.POST.getlist("section") if key.isdecimal()}
    targets = [key for key in teacher.sections if key in asked and key != section.pk]
    if row.owner_id is not None:
        raise Http404
    if not targets:
        messages.error(request, _("Nothing was copied. Tick the sections it should go to."))
        return redirect(reverse("teacher_assignment", args=[section.pk, row.pk]) + "#copy")
    made = copying.copy(teacher, section, row.pk, targets)
    told = ngettext("Copied to %(number)d section.", "Copied to %(number)d sections.", len(made))
    messages.success(request, told % {"number": len(made)})
    return redirect("teacher_assignment", section.pk, row.pk)


def page(
    request: HttpRequest, teacher: Teacher, section: Section, row: Assignment, form: AssignmentForm, *,
    status: int = 200, faults: dict[int, str] | None = None,
) -> HttpResponse:  # fmt: skip
    """Show an assignment with its scores."""
    had = {score.person_id: score for score in Score.objects.filter(assignment=row, deleted_at=None)}
    people = students(section.pk, teacher.today)
    tool = beside.editor(teacher, section, row, [person.pk for person in people])
    lines = []
    for person in people:
        score = had.get(person.pk)
        was = scoring.text(score.score, scoring.flags_of(score)) if score else ""
        said = score.comment if score else ""
        lines.append({
            "person": person, "name": student_name(person), "was": was, "said": said,
            "typed": request.POST.get(f"score-{person.pk}", was) if faults else was,
            "comment": request.POST.get(f"comment-{person.pk}", said) if faults else said,
            "fault": (faults or {}).get(person.pk, ""), "told": tool.told.get(person.pk, ""),
            "review": tool.reviews.get(person.pk),
        })  # fmt: skip
    return show(
        request, teacher, "assignment.html", row.title, section=section, name=section_name(section), form=form,
        assignment=row, lines=lines, legend=grid.legend(), status=status, beside=tool,
        others=[(key, section_name(each)) for key, each in teacher.sections.items() if key != section.pk],
    )  # fmt: skip


def _initial(facts: Facts) -> dict[str, Any]:
    return {**facts.__dict__, "multiplier": scoring.plain(facts.multiplier)}


def _passes(form: AssignmentForm, section: Section, before: Facts | None) -> bool:
    for field, fault in assigning.faults(section, form.facts(), before).items():
        form.add_error(field, fault)
    return not form.errors


def _of(section: Section, key: int) -> Assignment:
    row = Assignment.objects.filter(pk=key, section=section, deleted_at=None).select_related("owner").first()
    if row is None:
        raise Http404
    return row


def _delete(request: HttpRequest, teacher: Teacher, section: Section, row: Assignment) -> HttpResponse:
    try:
        title = assigning.delete(teacher, section, row.pk)
    except Assignment.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("“%s” and its scores are deleted.") % title)
    return redirect("teacher_book", section.pk)
