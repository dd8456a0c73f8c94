"""Report cards of a section's students, as its teacher may see them: with the grades of the teacher's own sections."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gradebook.models import RecordBatch
from gradebook.pages.guard import show
from gradebook.records import batches, cards, showing
from gradebook.teaching.access import Teacher, section_name, student_name, students
from roster.models import Section

URLS = ("teacher_batch", "teacher_sheet")


def listed(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """List the students of a section; have all their report cards made, and show what was made."""
    if request.method == "POST" and isinstance(request.user, User):
        batches.ask(request.user, batches.Kind.REPORT_CARD, timezone.now(), section=section)
        messages.success(request, _("They are being made. You find them below as soon as they are ready."))
        return redirect("teacher_records", section.pk)
    people = [(each, student_name(each)) for each in students(section.pk, teacher.today)]
    return show(
        request, teacher, "records.html", _("Report cards"), section=section, name=section_name(section),
        people=people, batches=showing.batches_of(request.user, *URLS, section),
    )  # fmt: skip


def card(request: HttpRequest, teacher: Teacher, section: Section, person: int) -> HttpResponse:
    """Show a student's report card of this school year with the grades of the teacher's sections."""
    if person not in {each.pk for each in students(section.pk, teacher.today)}:
        raise Http404
    found = cards.report_cards([person], section.calendar.school_year, sections=list(teacher.sections))
    return show(
        request, teacher, "records/show.html", _("Report card"), body=showing.pages(found),
        back=reverse("teacher_records", args=[section.pk]),
    )  # fmt: skip


def batch(request: HttpRequest, teacher: Teacher, batch: int) -> HttpResponse:
    """Show the report cards a job made for this teacher, to print."""
    row, body = _opened(request, batch, "pages")
    return show(
        request, teacher, "records/show.html", showing.what(row), body=showing.stored(body),
        csv=reverse("teacher_sheet", args=[batch]),
        back=reverse("teacher_records", args=[row.section_id]) if row.section_id else "",
    )  # fmt: skip


def sheet(request: HttpRequest, _teacher: Teacher, batch: int) -> HttpResponse:
    """Return the report cards a job made for this teacher, as CSV."""
    row, body = _opened(request, batch, "sheet")
    return showing.as_csv(body, row)


def _opened(request: HttpRequest, key: int, form: str) -> tuple[RecordBatch, str]:
    return batches.opened(request.user, key, form, timezone.now())
