"""Making and changing a test."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from assessments.models import KINDS, ResultStatus, ScoreKind, Test
from assessments.screens.forms import FACTS, Whole
from assessments.screens.words import score_words, test_or_404, trail
from assessments.services import setup
from assessments.services.setup import Field, Status
from assessments.services.wrong import Wrong
from interop import audit
from interop.admin.pages import page
from roster.models import SchoolYear


def make(request: HttpRequest) -> HttpResponse:
    """Make a test of the district."""
    parent = _parent(request)
    first = {
        "year": parent.year_id if parent else SchoolYear.objects.filter(active=True).first(), "parent": parent,
        "type": parent.type if parent else Test.Type.DISTRICT, "score_is": ScoreKind.RAW, "sequence": 0,
    }  # fmt: skip
    every = [Field(kind, required=False, hidden=False, minimum=None, maximum=None) for kind in KINDS]
    whole = Whole(request.POST if request.method == "POST" else None, fields=every, first=first)
    if request.method == "POST" and whole.is_valid():
        actor = request.user.get_username()
        try:
            with transaction.atomic():
                test = setup.create_test(actor, **whole.form.facts)
                _set(actor, test, whole)
                audit.record(actor, "made a test", test, after=_facts(test))
        except Wrong as wrong:
            _blame(whole, wrong)
        else:
            messages.success(request, _("%s is made. Scores can be entered, imported and sent.") % test.title)
            return redirect("admin:test", test.pk)
    return _shown(request, whole, _("New test"))


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a test."""
    test = test_or_404(pk)
    fields, statuses = setup.fields_of(test), _statuses(test)
    data = request.POST if request.method == "POST" else None
    whole = Whole(data, test=test, fields=fields, statuses=statuses)
    if data is not None and whole.is_valid():
        actor = request.user.get_username()
        try:
            with transaction.atomic():
                before = _facts(test)
                changed = setup.change_test(actor, test, **whole.form.facts)
                _set(actor, changed, whole)
                audit.record(actor, "changed a test", changed, before=before, after=_facts(changed))
        except Wrong as wrong:
            _blame(whole, wrong)
        else:
            messages.success(request, _("Saved."))
            return redirect("admin:test", pk)
    return _shown(request, whole, _("Edit %s") % test.title, test=test)


def _set(actor: str, test: Test, whole: Whole) -> None:
    """Save score fields and statuses where they changed."""
    if whole.chosen_fields != setup.fields_of(test):
        setup.set_fields(actor, test, whole.chosen_fields)
    if whole.chosen_statuses != _statuses(test):
        setup.set_statuses(actor, test, whole.chosen_statuses)


def _statuses(test: Test) -> list[Status]:
    found = ResultStatus.objects.filter(test=test)
    return [Status(each.name, ScoreKind(each.kind), each.minimum, each.maximum) for each in found]


def _facts(test: Test) -> dict[str, Any]:
    """Return a test as the audit trail tells it."""
    told = {name: getattr(test, name) for name in FACTS}
    fields = [
        " ".join([each.kind, *(["required"] if each.required else []), *(["hidden"] if each.hidden else []),
                  _bounds(each)]).strip()
        for each in setup.fields_of(test)
    ]  # fmt: skip
    statuses = [f"{each.name}: {each.kind} {_bounds(each)}" for each in _statuses(test)]
    return told | {"fields": fields, "statuses": statuses}


def _bounds(each: Field | Status) -> str:
    low, high = score_words(each.minimum), score_words(each.maximum)
    return f"{low}..{high}" if low or high else ""


def _blame(whole: Whole, wrong: Wrong) -> None:
    """Put a fault the service found beside the box it is about."""
    field = getattr(wrong, "field", "")
    whole.form.add_error(field if field in whole.form.fields else None, str(wrong))


def _parent(request: HttpRequest) -> Test | None:
    asked = request.GET.get("parent", "")
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 18:
        return None
    return Test.objects.filter(pk=int(asked), deleted_at=None).first()


def _shown(request: HttpRequest, whole: Whole, title: str, test: Test | None = None) -> HttpResponse:
    faults = list(whole.faults)
    return page(
        request, "assessments/edit.html", title, trail=trail(test), whole=whole, form=whole.form, test=test,
        faults=faults, status=422 if faults else 200,
    )  # fmt: skip
