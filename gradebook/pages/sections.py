"""My sections: each with what waits in it."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook import computing
from gradebook.models import Assignment
from gradebook.pages.guard import show
from gradebook.teaching.access import Teacher, seats, section_name, unaligned


def listed(request: HttpRequest, teacher: Teacher) -> HttpResponse:
    """Show the teacher's sections of today."""
    keys = list(teacher.sections)
    waits = Counter(unaligned(teacher.sections).values_list("section_id", flat=True))
    orphans = Counter(
        Assignment.objects.filter(
            section__in=keys, owner__isnull=False, deleted_at__isnull=False, settled_at=None
        ).values_list("section_id", flat=True)
    )
    sits, stale = seats(keys, teacher.today), computing.stale(keys)
    rows = [
        {
            "section": section, "name": section_name(section), "students": sits.get(key, 0), "waits": waits[key],
            "orphans": orphans[key], "stale": key in stale,
            "terms": ", ".join(term.title for term in section.terms.all()),
        }
        for key, section in teacher.sections.items()
    ]  # fmt: skip
    told = ngettext("You teach %(number)d section today.", "You teach %(number)d sections today.", len(rows))
    return show(
        request, teacher, "sections.html", _("My sections"), top="teacher", rows=rows,
        opening=told % {"number": len(rows)} if rows else _("You teach no section today."),
    )  # fmt: skip
