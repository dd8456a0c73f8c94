"""Grade calculation options of a section."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.models import GradeOptions, GradingScale
from gradebook.pages.book import key_of
from gradebook.pages.guard import show
from gradebook.teaching import calculating
from gradebook.teaching.access import Teacher, section_name
from gradebook.teaching.calculating import Choice
from roster.models import Section, Term

MOST = 1000


def listed(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Show the options of each grading task and term; save them, or those of one for all."""
    rows, fault = calculating.rows(section), ""
    if request.method == "POST":
        own = [row.period.key for row in rows if not row.mandated]
        fill = key_of(request.POST.get("fill"))
        wanted = {key: sent(request, fill if fill in own else key) for key in own}
        if fill in own:  # terms to start from differ from row to row
            wanted = {
                key: each if key == fill else Choice(**{**each.__dict__, "cumulative_from_id": None})
                for key, each in wanted.items()
                if fill is not None
            }
        try:
            number = calculating.save(teacher, section, wanted)
        except (GradingScale.DoesNotExist, Term.DoesNotExist):
            fault = _("Load the page again: a scale or term is not here any more.")
        else:
            told = ngettext("%(number)d grading task changed.", "%(number)d grading tasks changed.", number)
            follow = _(" Grades follow within five minutes.")
            messages.success(request, told % {"number": number} + follow if number else _("Nothing was changed."))
            return redirect("teacher_options", section.pk)
    names = calculating.scales()
    return show(
        request, teacher, "options.html", _("Grade calculation"), section=section, name=section_name(section),
        rows=[(row, calculating.summary(row.choice, names)) for row in rows], scales=names, fault=fault,
        calculations=GradeOptions.Calculation, status=422 if fault else 200,
    )  # fmt: skip


def sent(request: HttpRequest, key: int | None) -> Choice:
    """Return the options a form sent for a grading task in its term."""
    given = request.POST
    none = given.get(f"calculation-{key}") == GradeOptions.Calculation.NONE
    last = key_of(given.get(f"limit_last-{key}"))
    return Choice(
        GradeOptions.Calculation.NONE if none else GradeOptions.Calculation.IN_PROGRESS,
        bool(given.get(f"weight_categories-{key}")), bool(given.get(f"use_percent-{key}")),
        min(last, MOST) if last else None, key_of(given.get(f"scale-{key}")), key_of(given.get(f"since-{key}")),
        bool(given.get(f"portal-{key}")),
    )  # fmt: skip
