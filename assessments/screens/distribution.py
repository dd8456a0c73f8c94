"""How the scores of a test are spread, who has none, and the scores as a file."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments import charts
from assessments.models import NUMBERS, ScoreKind
from assessments.screens.words import bounds_words, score_words, test_or_404, trail
from assessments.services import covering, setup, showing
from assessments.services.covering import Covered
from assessments.services.showing import Distribution
from interop import audit
from interop.admin.audit import DANGEROUS
from interop.admin.pages import page
from interop.dates import count_words

WIDE, NARROW = 920, 320


class Narrow(forms.Form):
    """Which score, of whom."""

    kind = forms.ChoiceField(required=False, label=gettext_lazy("Score"))
    school = forms.ChoiceField(required=False, label=gettext_lazy("School"))
    grade = forms.ChoiceField(required=False, label=gettext_lazy("Grade"))

    def __init__(self, data: Any, kinds: Sequence[ScoreKind], enrolled: Sequence[Covered]) -> None:
        super().__init__(data)
        schools = {str(each.school): each.school_name for each in enrolled}
        grades = dict.fromkeys(each.grade for each in enrolled if each.grade)
        choices = {
            "kind": [(kind.value, kind.label) for kind in kinds],
            "school": [("", _("All schools")), *sorted(schools.items(), key=lambda each: each[1])],
            "grade": [("", _("All grades")), *((grade, grade) for grade in sorted(grades, key=_by_number))],
        }
        for name, field in self.fields.items():
            field.choices = choices[name]  # type: ignore[attr-defined]
            field.widget.attrs["class"] = "input"


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how the newest scores of the students are spread, and of how many there is none."""
    test = test_or_404(pk)
    fields = setup.fields_of(test)
    kinds = [each.kind for each in fields if each.kind in NUMBERS] or [ScoreKind(test.score_is)]
    enrolled = covering.covered(test)
    form = Narrow(request.GET, kinds, enrolled)
    told = form.cleaned_data if form.is_valid() else {}
    kind = ScoreKind(told.get("kind") or (test.score_is if test.score_is in kinds else kinds[0]))
    school, grade = told.get("school", ""), told.get("grade", "")
    found = showing.distribution(
        test, kind, schools=[int(school)] if school else None, grades=[grade] if grade else None
    )
    return page(
        request, "assessments/scores.html", _("Scores: %s") % test.title, opening=_sentence(found), trail=trail(test),
        test=test, form=form, found=found, kind=kind, scale=bounds_words(setup.bounds(test, fields).get(kind)),
        figures=_figures(found), statuses=_shares(found),
        charts=[("wide", charts.bars(found.bins, WIDE)), ("narrow", charts.bars(found.bins, NARROW))],
        bins=[(charts.span(low, high), number) for low, high, number in found.bins],
        schools=_by_school(enrolled), narrowed=bool(school or grade),
    )  # fmt: skip


def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send every score of the test as CSV; that somebody took it stands in the audit trail."""
    test = test_or_404(pk)
    audit.record(request.user.get_username(), "took the scores of a test as CSV", test)
    answer = StreamingHttpResponse(_lines(showing.export_rows(test)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="test-{pk}-scores.csv"'
    return answer


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a file; what a spreadsheet would run stays text."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(
            [f"'{cell}" if cell.startswith(DANGEROUS) and not _number(cell) else cell for cell in row]
        )


def _number(cell: str) -> bool:
    return cell.removeprefix("-").replace(".", "", 1).isdecimal()


def _sentence(found: Distribution) -> str:
    """Return what the page says in one line."""
    if not found.tested:
        return _("Nobody has this score yet.")
    said = ngettext("%s student has this score", "%s students have this score", found.tested)
    said = said % count_words(found.tested)
    if found.median is not None:
        said = _("%(said)s; half of them have %(median)s or more") % {
            "said": said, "median": score_words(round(found.median, 1)),
        }  # fmt: skip
    if not found.untested:
        return _("%s. Nobody who is enrolled is without.") % said
    rest = ngettext("%s enrolled student is not tested.", "%s enrolled students are not tested.", found.untested)
    return f"{said}. {rest % count_words(found.untested)}"


def _figures(found: Distribution) -> list[tuple[str, str]]:
    def told(number: Any) -> str:
        return "–" if number is None else score_words(round(number, 1))

    return [
        (_("Tested"), count_words(found.tested)),
        (_("Not tested"), count_words(found.untested)),
        (_("Average"), told(found.mean)),
        (_("Lowest to highest"), f"{told(found.lowest)} – {told(found.highest)}" if found.tested else "–"),
    ]


def _shares(found: Distribution) -> list[tuple[str, int, int]]:
    """Return (what results are called, how many, percent of all)."""
    whole = sum(number for _name, number in found.statuses)
    return [(name or _("No status"), number, round(100 * number / whole)) for name, number in found.statuses if whole]


def _by_school(enrolled: Sequence[Covered]) -> list[tuple[str, int, int]]:
    """Return (school, tested, not tested)."""
    return [
        (each[0].school_name, sum(one.tested for one in each), sum(one.untested for one in each))
        for each in (list(rows) for _school, rows in groupby(enrolled, key=lambda one: one.school))
    ]


def _by_number(grade: str) -> tuple[int, str]:
    return (int(grade) if grade.isdecimal() else -1, grade)
