"""Uncategorized assignments: the list across sections, aligning one or many, taking that back, mapping categories."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.alignment import setups
from gradebook.models import Category
from gradebook.pages.guard import show
from gradebook.teaching import aligning, mapping, ruling
from gradebook.teaching.access import Teacher, section_name
from gradebook.teaching.aligning import Done

KEPT, SHOWN = "aligned", "aligned_shown"
"""The session's notes of what can be taken back, and of whether the page has offered it."""


def listed(request: HttpRequest, teacher: Teacher) -> HttpResponse:
    """Show what waits, grouped by section."""
    return page(request, teacher)


def page(request: HttpRequest, teacher: Teacher, *, status: int = 200, **told: Any) -> HttpResponse:
    """Show what waits, with whatever else there is to tell."""
    found = aligning.waiting(teacher)
    known = setups(teacher.sections, teacher.today)
    groups = [
        (section_name(teacher.sections[key]), list(rows))
        for key, rows in groupby(found, key=lambda each: each.assignment.section_id)
    ]
    opening = ngettext(
        "%(number)d assignment arrived without a category. It does not count toward grades until you align it.",
        "%(number)d assignments arrived without a category. They do not count toward grades until you align them.",
        len(found),
    )
    context = {
        "groups": groups, "waiting": len(found), "categories": aligning.categories(known),
        "tasks": aligning.tasks(known), "task_titles": list({each.title: 0 for each in aligning.tasks(known)}),
        "sections": [(key, section_name(section)) for key, section in teacher.sections.items()],
        "unmapped": mapping.unmapped(found), "rules": ruling.listed(teacher), "offered": _offered(request),
        "opening": opening % {"number": len(found)} if found else _("Everything has its category."),
    }  # fmt: skip
    title = _("Uncategorized assignments")
    return show(
        request, teacher, "uncategorized.html", title, top="teacher_uncategorized", status=status, **{**context, **told}
    )


def align(request: HttpRequest, teacher: Teacher) -> HttpResponse:
    """Align the ticked assignments."""
    chosen = [int(each) for each in request.POST.getlist("assignment") if each.isdecimal()]
    category, task = request.POST.get("category", ""), request.POST.get("task", "")
    fault = _("Tick at least one assignment.") if not chosen else "" if category else _("Choose a category.")
    if fault:
        return page(request, teacher, status=422, fault=fault, ticked=chosen, category=category, task=task)
    tell(request, aligning.align(teacher, chosen, category, task), category)
    return redirect("teacher_uncategorized")


def undo(request: HttpRequest, teacher: Teacher) -> HttpResponse:
    """Put back what was aligned last, and take away the rule that did it."""
    kept = request.session.pop(KEPT, None)
    if kept is None:
        messages.warning(request, _("There is nothing to undo any more."))
        return redirect("teacher_uncategorized")
    number = aligning.undo(teacher, kept["undoing"])
    if kept["rule"]:
        ruling.remove(teacher, kept["rule"])
    told = ngettext("%(number)d assignment waits again.", "%(number)d assignments wait again.", number)
    messages.success(request, told % {"number": number})
    return redirect("teacher_uncategorized")


def map_category(request: HttpRequest, teacher: Teacher) -> HttpResponse:
    """Say which of our categories a vendor's is."""
    given = request.POST.get("vendor_category", "")
    try:
        done = mapping.save(teacher, int(given) if given.isdecimal() else 0, request.POST.get("category", ""))
    except Category.DoesNotExist:
        return page(request, teacher, status=422, fault=_("Choose a category."))
    tell(request, done, request.POST["category"])
    return redirect("teacher_uncategorized")


def tell(request: HttpRequest, done: Done, category: str, rule: int | None = None) -> None:
    """Say what was aligned, and keep how to take it back."""
    number = len(done.aligned)
    told = ngettext("%(number)d aligned to %(category)s.", "%(number)d aligned to %(category)s.", number)
    told %= {"number": number, "category": category}
    if done.left:
        left = ngettext(
            "%(number)d is left: its section has no such category, or no single grading task for it.",
            "%(number)d are left: their sections have no such category, or no single grading task for them.",
            len(done.left),
        )
        messages.warning(request, left % {"number": len(done.left)})
    if number or rule:
        request.session[KEPT] = {"undoing": done.undoing, "rule": rule, "told": told}
        request.session[SHOWN] = False


def _offered(request: HttpRequest) -> str:
    """Return what can be taken back, once."""
    if KEPT not in request.session or request.session.get(SHOWN):
        return ""
    request.session[SHOWN] = True
    return str(request.session[KEPT]["told"])
