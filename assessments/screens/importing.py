"""Scores of a test from a CSV file: uploaded, looked at, and then stored. The file itself is not kept."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Test
from assessments.screens.words import LABELS, bounds_words, score_words, test_or_404, trail
from assessments.services import importing, setup
from assessments.services.importing import Effect, Imported
from interop import audit
from interop.admin.pages import page
from interop.dates import count_words
from roster.signin.codes import name_of

MOST = 2 << 20
"""Bytes a file may have; the page of the preview carries it, so that nothing of it is kept here."""
SHOWN = 100


def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a file, say what it would change, and with `act=apply` store it."""
    test, problem, content = test_or_404(pk), "", None
    if request.method == "POST":
        content, problem = _content(request)
    if content is None:
        return _shown(request, test, problem)
    if request.POST.get("act") == "apply":
        return _applied(request, test, content)
    found = importing.import_scores(request.user.get_username(), test, content, apply=False)
    return _shown(request, test, found=found, content=content)


def template(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001 - the shape of a view
    """Send a file with the columns of the test, to be filled."""
    test = test_or_404(pk)
    answer = HttpResponse(importing.sample(test), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="test-{pk}-sample.csv"'
    return answer


def _content(request: HttpRequest) -> tuple[bytes | None, str]:
    """Return what was uploaded now or shown a moment ago, or what is wrong with it."""
    if request.POST.get("act") == "apply":
        return request.POST.get("content", "").encode(), ""
    file: Any = request.FILES.get("scores")
    if not file:
        return None, _("Choose a CSV file of up to 2 MB.")
    content: bytes = file.read(MOST + 1)
    if len(content) > MOST:
        return None, _("The file is larger than 2 MB. Split it: each part is stored by itself.")
    if b"\0" in content:
        return None, _("That is not a CSV file. Save the sheet as CSV, and choose that file.")
    return content, ""


def _applied(request: HttpRequest, test: Test, content: bytes) -> HttpResponse:
    actor = request.user.get_username()
    with transaction.atomic():
        found = importing.import_scores(actor, test, content)
        if not found.errors:
            figures = {"new": found.created, "changed": found.changed, "same": found.same}
            audit.record(actor, "imported test scores", test, after=figures)
    if found.errors:
        return _shown(request, test, found=found)
    messages.success(request, _told(found))
    return redirect("admin:test", test.pk)


def _shown(
    request: HttpRequest, test: Test, problem: str = "", found: Imported | None = None, content: bytes = b""
) -> HttpResponse:
    wrong = bool(found and found.errors)
    fields = setup.fields_of(test)
    bounds = setup.bounds(test, fields)
    return page(
        request, "assessments/import.html", _("Import scores"), trail=trail(test), test=test, problem=problem,
        found=found, errors=found.errors[:SHOWN] if found else [],
        lines=[_line(each) for each in found.effects[:SHOWN]] if found else [],
        content="" if wrong else content.decode("utf-8-sig", "replace"), told=_told(found) if found else "",
        shown=SHOWN, status=422 if problem or wrong else 200,
        columns=[(f"Score.{each.kind}", each.required, bounds_words(bounds.get(each.kind))) for each in fields],
    )  # fmt: skip


def _line(effect: Effect) -> dict[str, Any]:
    """Return one line of the preview."""
    return {
        "line": effect.line, "person": name_of(effect.score.person), "date": effect.score.date,
        "before": _named(effect.before), "after": _named(effect.after),
    }  # fmt: skip


def _named(facts: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return facts with what they are called; the day stands in a column of its own."""
    return [(LABELS[name], score_words(value)) for name, value in facts.items() if value is not None and name != "date"]


def _told(found: Imported) -> str:
    """Return what an import did, or would do."""
    parts = [
        ngettext("%s new score", "%s new scores", found.created) % count_words(found.created),
        _("%s changed") % count_words(found.changed),
        _("%s as they are") % count_words(found.same),
    ]
    return ", ".join(parts) + "."
