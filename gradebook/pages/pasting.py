"""Pasting scores of a section, or sending them as a CSV file."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.pages.guard import show
from gradebook.teaching import pasting
from gradebook.teaching.access import Teacher, section_name
from gradebook.teaching.pasting import Sheet
from roster.models import Section


def paste(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Take a table of scores; show its faults by line, ask once more about synced assignments, else store it."""
    sheet, text, unreadable = Sheet(), "", ""
    if request.method == "POST":
        text, unreadable = _sent(request)
        sheet = Sheet() if unreadable else pasting.read(teacher, section, text)
        asked = not sheet.vendors or request.POST.get("overwrite")
        if sheet.number and not sheet.faults and asked:
            number = pasting.apply(teacher, section, sheet)
            told = ngettext("%(number)d score saved.", "%(number)d scores saved.", number) % {"number": number}
            messages.success(request, told if number else _("Nothing was changed."))
            return redirect("teacher_book", section.pk)
        if not sheet.number and not sheet.faults:
            unreadable = unreadable or _("There are no scores in it.")
    return show(
        request, teacher, "paste.html", _("Paste scores"), section=section, name=section_name(section), text=text,
        sheet=sheet, fault=unreadable, status=422 if request.method == "POST" else 200,
    )  # fmt: skip


def _sent(request: HttpRequest) -> tuple[str, str]:
    """Return the text that was pasted or sent as a file, and what is wrong with the file."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", ""), ""
    if file.size is None or file.size > pasting.MOST_CHARACTERS:
        return "", _("The file is too large for one grade book.")
    try:
        return file.read().decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", _("The file is no CSV in UTF-8. Save it as “CSV UTF-8” and send it again.")
