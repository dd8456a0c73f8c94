"""Grade book settings: non-campus assignment defaults, and the way to each section's own settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.alignment import setups
from gradebook.models import Category, GradingTask
from gradebook.pages.guard import show
from gradebook.teaching import aligning, defaulting
from gradebook.teaching.access import Teacher, section_name
from gradebook.teaching.defaulting import Default


def defaults(request: HttpRequest, teacher: Teacher) -> HttpResponse:
    """Show the defaults, or save one."""
    fault = ""
    if request.method == "POST":
        fault = _save(request, teacher)
        if not fault:
            return redirect("teacher_settings")
    known = setups(teacher.sections, teacher.today)
    rows = []
    for default in defaulting.defaults(teacher):
        here = {default.section.pk: known[default.section.pk]} if default.section else known
        name = section_name(default.section) if default.section else _("All my sections")
        tasks = list({each.title: 0 for each in aligning.tasks(here)})
        rows.append({"default": default, "name": name, "categories": aligning.categories(here), "tasks": tasks})
    return show(
        request, teacher, "settings.html", _("Grade book settings"), top="teacher_settings", rows=rows, fault=fault,
        status=422 if fault else 200, asked=request.POST.get("section", ""),
    )  # fmt: skip


def _save(request: HttpRequest, teacher: Teacher) -> str:
    """Save what was sent; return what is wrong with it."""
    given = request.POST
    section = given.get("section", "")
    place = teacher.sections.get(int(section)) if section.isdecimal() else None
    if section and place is None:
        return _("You do not teach this section today.")
    wanted = Default(place, given.get("category", ""), given.get("task", ""))
    if bool(wanted.category) != bool(wanted.task):
        return _("Choose both, a category and a grading task; or neither, for no default.")
    try:
        done = defaulting.save(teacher, wanted, also_waiting=bool(given.get("also_waiting")))
    except (Category.DoesNotExist, GradingTask.DoesNotExist):
        return _("None of the sections has this category and grading task.")
    name = section_name(place) if place else _("All my sections")
    told = _("%s: new arrivals go there.") if wanted.category else _("%s: no default any more.")
    messages.success(request, told % name)
    if number := len(done.aligned):
        aligned = ngettext("%(number)d that waited is aligned.", "%(number)d that waited are aligned.", number)
        messages.success(request, aligned % {"number": number})
    return ""
