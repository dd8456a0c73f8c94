"""One test: what it is, its score fields and result statuses, its parts, who sent it, and its history."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Test, TestScore
from assessments.screens.words import bounds_words, day, history_words, test_or_404, trail
from assessments.services import scoring, setup
from assessments.services.wrong import Wrong
from interop import audit
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from interop.dates import count_words

HISTORY = 50


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a test; on POST archive it or take it out of the archive."""
    test = test_or_404(pk)
    if request.method == "POST":
        return _archived(request, test, on=request.POST.get("act") == "archive")
    fields = setup.fields_of(test)
    bounds = setup.bounds(test, fields)
    scores = TestScore.objects.filter(test=test, deleted_at=None)
    number = scores.count()
    children = list(Test.objects.filter(parent=test, deleted_at=None).order_by("sequence", "title", "pk"))
    return page(
        request, "assessments/test.html", test.title, opening=_opening(test, number), trail=trail(),
        test=test, facts=_facts(test),
        fields=[(each.kind.label, each, bounds_words(bounds.get(each.kind))) for each in fields],
        statuses=[
            (each.name, each.get_kind_display(), bounds_words((each.minimum, each.maximum)))
            for each in test.statuses.all()
        ],
        children=children, scores=number, history=history_words(list(scoring.history("test", pk)[:HISTORY])),
        may_change=bool(roles_of(request.user) & EDITORS), deep=_level(test) == 2,
        may_delete=not children and not TestScore.objects.filter(test=test).exists(),
    )  # fmt: skip


def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask before a test is deleted, and delete it; one that was ever scored can only be archived."""
    test, problem = test_or_404(pk), ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                audit.record(request.user.get_username(), "deleted a test", test, before={"title": test.title})
                setup.remove(request.user.get_username(), test)
        except Wrong as wrong:
            problem = str(wrong)
        else:
            messages.success(request, _("%s is deleted.") % test.title)
            return redirect("admin:tests")
    return page(
        request, "assessments/delete.html", _("Delete %s?") % test.title, trail=trail(test), test=test,
        problem=problem, status=400 if problem else 200,
    )  # fmt: skip


def _archived(request: HttpRequest, test: Test, *, on: bool) -> HttpResponse:
    if test.archived != on:
        with transaction.atomic():
            setup.archive(request.user.get_username(), test, on=on)
            audit.record(
                request.user.get_username(), "archived a test" if on else "took a test out of the archive", test,
                before={"archived": not on}, after={"archived": on},
            )  # fmt: skip
    said = _("%s is archived. Its scores stay in the students’ records.") if on else _("%s is active again.")
    messages.success(request, said % test.title)
    return redirect("admin:test", test.pk)


def _level(test: Test) -> int:
    return 0 if test.parent is None else 1 if test.parent.parent is None else 2


def _opening(test: Test, scores: int) -> str:
    what = _("%(type)s test, made in %(year)s.") % {"type": test.get_type_display(), "year": test.year.title}
    if not scores:
        return f"{what} {_('Nobody has a score in it.')}"
    return f"{what} {ngettext('It has %s score.', 'It has %s scores.', scores) % count_words(scores)}"


def _facts(test: Test) -> list[tuple[str, Any, str]]:
    """Return (what, value, address) of what is worth telling about a test."""
    parent = reverse("admin:test", args=[test.parent_id]) if test.parent else ""
    section = test.section
    school = section.calendar.school.name if section else ""
    told = [
        (_("School year"), test.year.title, ""),
        (_("Type"), test.get_type_display(), ""),
        (_("Part of"), test.parent.title if test.parent else "", parent),
        (_("Code"), test.code, ""),
        (_("Class"), f"{section.title}, {school}" if section else "", ""),
        (_("Grading scale"), test.scale.scale.title if test.scale else "", ""),
        (_("Families"), _("They see it") if test.portal and not test.restricted else _("Not shown"), ""),
        (_("Restricted"), _("To the district’s office") if test.restricted else _("No: teachers see it too"), ""),
        (_("Made"), day(test.created_at.date()), ""),
    ]
    return [each for each in told if each[1]]
