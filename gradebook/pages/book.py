"""The grade book of a section, and saving one cell of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from gradebook.models import Assignment, Score
from gradebook.pages import beside
from gradebook.pages.guard import show
from gradebook.teaching import explaining, grid, posting, scoring
from gradebook.teaching.access import Teacher, section_name, student_name, students
from roster.models import Section


def key_of(value: str | None) -> int | None:
    """Return a key that came in an address or a form; None when it is none."""
    return int(value) if value and value.isdecimal() and len(value) < 19 else None


def grid_page(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Show the grid of the grading task asked for; beside it how one student's grade was computed."""
    shown = grid.grid(teacher, section, key_of(request.GET.get("task")))
    tools = beside.opens_in([column.row.pk for column in shown.columns])
    for column in shown.columns:
        column.tool = tools.get(column.row.pk, "")
    told: dict[str, Any] = {
        "section": section, "grid": shown, "legend": grid.legend(), "vendors": any(c.vendor for c in shown.columns),
        "posted": any(row.posted for row in shown.rows),
        "window": bool(shown.period and posting.is_open(shown.period, teacher.today)),
    }  # fmt: skip
    person = next((row.person for row in shown.rows if row.person.pk == key_of(request.GET.get("student"))), None)
    if person and shown.period:
        told["person"], told["name"] = person, student_name(person)
        told["explained"] = explaining.explain(section.pk, person.pk, shown.period.key)
    if request.GET.get("print"):
        told["sheets"] = grid.sheets(shown)
        return show(request, teacher, "book_print.html", section_name(section), top="teacher", **told)
    return show(request, teacher, "book.html", section_name(section), top="teacher", **told)


def cell(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Save one cell; answer what it holds now, or what is wrong."""
    assignment, person = key_of(request.POST.get("assignment")), key_of(request.POST.get("person"))
    row = Assignment.objects.filter(pk=assignment or 0, section=section, deleted_at=None).first()
    if row is None or person not in {each.pk for each in students(section.pk, teacher.today)}:
        fault = _("Load the page again: the student or the assignment is not here any more.")
        return JsonResponse({"fault": fault}, status=422)
    try:
        entry = scoring.read(request.POST.get("value", ""))
    except scoring.Unclear as fault:
        return JsonResponse({"fault": str(fault)}, status=422)
    scoring.save(teacher.name, section.pk, {row.pk: {person: entry}}, teacher.today)
    score = Score.objects.filter(assignment=row, person=person, deleted_at=None).first()
    held = scoring.flags_of(score) if score else frozenset()
    number = score.score if score else None
    return JsonResponse({
        "typed": scoring.text(number, held), "number": "" if number is None else scoring.plain(number),
        "letters": [letter for letter, name in scoring.LETTERS.items() if name in held],
    })  # fmt: skip
