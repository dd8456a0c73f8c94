"""Report cards and transcripts on a page to print, for whoever the guard before the page let in."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.models import RecordBatch
from gradebook.records import batches
from gradebook.records.cards import Card, Transcript
from gradebook.teaching.access import section_name
from interop.jobs.models import JobRun
from interop.jobs.running import progress
from roster.models import Section

PAGE = "gradebook/records/show.html"


def pages(found: Sequence[Card | Transcript]) -> SafeString:
    """Return the records one after the other, each for a sheet of its own."""
    return mark_safe("".join(_page(each) for each in found))  # noqa: S308 - templates escaped it


def stored(text: str) -> SafeString:
    """Return pages that a job made and sealed."""
    return mark_safe(text)  # noqa: S308 - made by `pages`, and signed since


def as_csv(text: str, row: RecordBatch) -> HttpResponse:
    """Return a batch as a CSV file to be kept."""
    disposition = f'attachment; filename="{row.kind.replace(" ", "-")}s.csv"'
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


def what(row: RecordBatch) -> str:
    """Return what a batch is called."""
    kind = _("Transcripts") if row.kind == batches.Kind.TRANSCRIPT else _("Report cards")
    where = section_name(row.section) if row.section else row.school.name if row.school else ""
    return f"{kind}, {where}"


def batches_of(
    user: AbstractBaseUser | AnonymousUser, opens: str, sheet: str, section: Section | None = None
) -> list[dict[str, Any]]:
    """Return what this user asked for (only for a section), the newest first, with how far the job is.

    `opens` and `sheet` name the pages that show one.
    """
    found = batches.of(user, timezone.now())
    rows = list((found.filter(section=section) if section else found).order_by("-asked_at"))
    subjects = [str(row.pk) for row in rows]
    runs = {run.subject: run for run in JobRun.objects.filter(job=batches.JOB, subject__in=subjects).order_by("pk")}
    return [
        {
            "row": row, "what": what(row), "open": reverse(opens, args=[row.pk]),
            "csv": reverse(sheet, args=[row.pk]), **_state(row, runs.get(str(row.pk))),
        }
        for row in rows
    ]  # fmt: skip


def _state(row: RecordBatch, run: JobRun | None) -> dict[str, Any]:
    if row.made_at:
        told = ngettext("%(number)d student", "%(number)d students", row.students) % {"number": row.students}
        return {"state": "made", "students": told}
    if run is None or run.ended_at is None:
        return {"state": "going", "progress": progress(run.pk) if run else None}
    return {"state": "failed", "told": run.told}


def _page(each: Card | Transcript) -> str:
    told: dict[str, Any] = {"card": each} if isinstance(each, Card) else {"record": each}
    return render_to_string(f"gradebook/records/{'card' if isinstance(each, Card) else 'transcript'}.html", told)
