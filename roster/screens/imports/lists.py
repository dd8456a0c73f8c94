"""The errors and the difference of an import as CSV files; what a spreadsheet would run stays text."""

import csv
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from interop.admin.audit import DANGEROUS
from roster.models import FeedImport

FIGURES = ("before", "new", "changed", "ended")


def errors(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001 - the shape of a view
    """Send every error that was kept, with file, line and column."""
    feed = get_object_or_404(FeedImport, pk=pk)
    return _file(f"import-{pk}-errors", [_("File"), _("Line"), _("Column"), _("What is wrong")], feed.problems)


def difference(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001
    """Send the numbers by kind and school; the district's whole first."""
    feed = get_object_or_404(FeedImport, pk=pk)
    rows = [["", kind, *(each[name] for name in FIGURES)] for kind, each in feed.counts.items()]
    rows += [
        [school["name"], kind, *(each[name] for name in FIGURES)]
        for school in feed.schools
        for kind, each in school["kinds"].items()
    ]
    head = [_("School"), _("Kind"), _("Before"), _("New"), _("Changed"), _("Ended")]
    return _file(f"import-{pk}-difference", head, rows)


def _file(name: str, head: list[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    lines = csv.writer(answer)
    lines.writerow(head)
    for row in rows:
        lines.writerow(f"'{cell}" if str(cell).startswith(DANGEROUS) else cell for cell in row)
    return answer
