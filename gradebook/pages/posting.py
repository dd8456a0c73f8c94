"""Posting the grades of a section."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook import plans
from gradebook.models import InProgressGrade, PostedGrade
from gradebook.pages.book import key_of
from gradebook.pages.guard import show
from gradebook.plans import Book, TaskInTerm
from gradebook.teaching import grid, posting
from gradebook.teaching.access import Teacher, section_name, student_name, students
from gradebook.teaching.posting import Unclear, Wanted
from roster.models import Section


def post(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Show what would be posted, or post it: the grades in progress of one task, to it or another."""
    book = plans.books([section.pk])[section.pk]
    given = request.POST if request.method == "POST" else request.GET
    target = grid.chosen_period(book, key_of(given.get("task")), teacher.today)
    if target is None:
        return show(request, teacher, "posting.html", _("Post grades"), section=section, name=section_name(section))
    source = book.periods.get(key_of(given.get("source")) or 0, target)
    faults: list[str] = []
    if request.method == "POST":
        faults = _post(request, teacher, section, book, target)
        if not faults:
            return redirect(f"{reverse('teacher_posting', args=[section.pk])}?task={target.key}")
    return show(
        request, teacher, "posting.html", _("Post grades"), section=section, name=section_name(section),
        status=422 if faults else 200, faults=faults, target=target, source=source,
        periods=list(book.periods.values()), window=posting.is_open(target, teacher.today),
        scores=[line.score for line in book.scales.get(target.scale or 0, ())],
        rows=_rows(request, teacher, section, target, source),
    )  # fmt: skip


def _rows(
    request: HttpRequest, teacher: Teacher, section: Section, target: TaskInTerm, source: TaskInTerm
) -> list[dict[str, Any]]:
    going = {row.person_id: row for row in InProgressGrade.objects.filter(section=section, period=source.key)}
    posted = {
        row.person_id: row for row in PostedGrade.objects.filter(section=section, period=target.key, deleted_at=None)
    }
    rows = []
    for person in students(section.pk, teacher.today):
        grade, there = going.get(person.pk), posted.get(person.pk)
        comment = there.comment if there else ""
        typed = {"percent": posting.proposed(grade.percent) if grade else "", "score": "", "comment": comment}
        if request.method == "POST":
            typed = {name: request.POST.get(f"{name}-{person.pk}", "") for name in typed}
        rows.append({"person": person, "name": student_name(person), "grade": grade, "posted": there, **typed})
    return rows


def _post(request: HttpRequest, teacher: Teacher, section: Section, book: Book, target: TaskInTerm) -> list[str]:
    """Post what was sent, all or nothing; return what is wrong with it."""
    faults, grades = [], {}
    for person in students(section.pk, teacher.today):
        if f"post-{person.pk}" not in request.POST:
            continue
        wanted = Wanted(*(request.POST.get(f"{name}-{person.pk}", "") for name in Wanted._fields))
        try:
            grade = posting.read(wanted, book.scales.get(target.scale or 0, ()))
        except Unclear as fault:
            faults.append(f"{student_name(person)}: {fault}")
            continue
        if grade:
            grades[person.pk] = grade
    if faults:
        return faults
    if not grades:
        return [_("Tick at least one student who has a grade.")]
    try:
        number = posting.post(teacher, section, target, grades)
    except Unclear as fault:
        return [str(fault)]
    told = ngettext("%(number)d grade posted.", "%(number)d grades posted.", number)
    messages.success(request, told % {"number": number} if number else _("Nothing changed: they were posted so."))
    return []
