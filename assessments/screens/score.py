"""One score of a student in a test: entered, changed, deleted, and its history."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import NUMBERS, ScoreKind, Test, TestScore
from assessments.screens.forms import NumberField
from assessments.screens.student import person_trail
from assessments.screens.words import bounds_words, history_words
from assessments.services import scoring, setup
from assessments.services.setup import Field
from assessments.services.wrong import Wrong
from interop import audit
from interop.admin.pages import page
from interop.dates import district_day
from roster.models import Person
from roster.signin.codes import name_of

MOST = 300


class ScoreForm(forms.Form):
    """A day, one box for each kind of score in use, and a comment."""

    date = forms.DateField(label=gettext_lazy("Day of the test"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, test: Test, fields: Sequence[Field], data: Any = None, score: TestScore | None = None) -> None:
        first = {"date": score.date if score else None, "comment": score.comment if score else ""}
        first |= {each.kind.value: getattr(score, TestScore.COLUMNS[each.kind], None) for each in fields}
        super().__init__(data, initial=first)
        self.kinds = [each.kind for each in fields]
        bounds = setup.bounds(test, fields)
        for each in fields:
            box = NumberField(each.kind.label) if each.kind in NUMBERS else _level()
            box.required = each.required
            box.help_text = bounds_words(bounds.get(each.kind))
            self.fields[each.kind.value] = box
        self.fields["comment"] = forms.CharField(
            required=False, max_length=2000, label=_("Comment"), widget=forms.Textarea(attrs={"rows": 2})
        )
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}

    def clean_date(self) -> dt.date:
        """Refuse a day that is still to come."""
        day: dt.date = self.cleaned_data["date"]
        if day > district_day(timezone.now()):
            raise forms.ValidationError(_("Enter a day that is not in the future."))
        return day

    @property
    def values(self) -> dict[ScoreKind, Decimal | str | None]:
        """Return the scores as they are stored."""
        return {kind: self.cleaned_data[kind.value] for kind in self.kinds}


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a score with its history; on POST change or delete it."""
    score = _score_or_404(pk)
    person, test = score.person, score.test
    if request.method == "POST" and request.POST.get("act") == "delete":
        return _deleted(request, score)
    form = ScoreForm(test, setup.fields_of(test), request.POST if request.method == "POST" else None, score)
    if form.is_bound and form.is_valid():
        actor = request.user.get_username()
        try:
            with transaction.atomic():
                told = form.cleaned_data
                changed = scoring.edit_score(
                    actor, score, date=told["date"], values=form.values, comment=told["comment"]
                )
                audit.record(actor, "changed a test score", changed, after=_facts(changed))
        except Wrong as wrong:
            _blame(form, wrong)
        else:
            messages.success(request, _("Saved."))
            return redirect("admin:person_tests", person.pk)
    return page(
        request, "assessments/score.html", test.title, opening=name_of(person), trail=person_trail(person),
        form=form, test=test, person=person, score=score, status=422 if form.errors else 200,
        history=history_words(list(scoring.history("testscore", pk))),
    )  # fmt: skip


def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the test, then for the score."""
    person = get_object_or_404(Person, pk=pk)
    asked = request.GET.get("test", "")
    open_ones = Test.objects.filter(deleted_at=None, archived=False).select_related("year", "parent__parent", "owner")
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 18:
        tests = open_ones.order_by("-year__start_year", "type", "title", "pk")[:MOST]
        return page(
            request, "assessments/score_new.html", _("New test score"), opening=name_of(person),
            trail=person_trail(person), person=person, tests=tests,
        )  # fmt: skip
    test = get_object_or_404(open_ones, pk=int(asked))
    form = ScoreForm(test, setup.fields_of(test), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actor = request.user.get_username()
        try:
            with transaction.atomic():
                told = form.cleaned_data
                made = scoring.enter_score(
                    actor, test, person, told["date"], values=form.values, comment=told["comment"]
                )
                audit.record(actor, "entered a test score", made, after=_facts(made))
        except Wrong as wrong:
            _blame(form, wrong)
        else:
            messages.success(request, _("Saved."))
            return redirect("admin:person_tests", pk)
    return page(
        request, "assessments/score.html", test.title, opening=name_of(person), trail=person_trail(person),
        form=form, test=test, person=person, status=422 if form.errors else 200,
    )  # fmt: skip


def _deleted(request: HttpRequest, score: TestScore) -> HttpResponse:
    actor = request.user.get_username()
    with transaction.atomic():
        audit.record(actor, "deleted a test score", score, before=_facts(score))
        scoring.delete_score(actor, score)
    messages.success(request, _("The score is deleted. The history keeps it."))
    return redirect("admin:person_tests", score.person_id)


def _score_or_404(pk: int) -> TestScore:
    joined = TestScore.objects.select_related("test__parent__parent", "test__year", "person", "owner", "connection")
    found = joined.filter(pk=pk, deleted_at=None, test__deleted_at=None).first()
    if found is None:
        raise Http404
    return found


def _facts(score: TestScore) -> dict[str, Any]:
    """Return a score as the audit trail tells it: in which test and whose; the history has the numbers."""
    return {"test": score.test.title, "person": score.person_id, "date": score.date}


def _blame(form: forms.Form, wrong: Wrong) -> None:
    field = {column: kind.value for kind, column in TestScore.COLUMNS.items()}.get(wrong.field, wrong.field)
    form.add_error(field if field in form.fields else None, str(wrong))


def _level() -> forms.CharField:
    return forms.CharField(max_length=255, required=False, label=ScoreKind.LEVEL.label)
