"""Assignments of a section that their vendors no longer have."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.pages.guard import show
from gradebook.teaching import orphaned
from gradebook.teaching.access import Teacher, section_name
from roster.models import Section


def listed(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Show them; keep or remove the ticked ones."""
    if request.method == "POST":
        chosen = [int(each) for each in request.POST.getlist("assignment") if each.isdecimal()]
        keep = request.POST.get("do") == "keep"
        number = orphaned.settle(teacher, section, chosen, keep=keep)
        if not number:
            messages.warning(request, _("Tick at least one assignment."))
        elif keep:
            told = ngettext("%(number)d kept, now yours.", "%(number)d kept, now yours.", number)
            messages.success(request, told % {"number": number})
        else:
            told = ngettext("%(number)d removed.", "%(number)d removed.", number)
            messages.success(request, told % {"number": number})
        return redirect("teacher_orphans", section.pk)
    rows = list(orphaned.listed(section))
    return show(request, teacher, "orphans.html", _("Orphans"), section=section, name=section_name(section), rows=rows)
