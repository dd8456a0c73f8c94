"""How was this grade computed?"""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gradebook import computing
from gradebook.family import explaining
from gradebook.family.access import Family, Student
from gradebook.pages.home.classes import section_of
from gradebook.pages.home.guard import show


def computed(request: HttpRequest, family: Family, student: Student, section: int, period: int) -> HttpResponse:
    """Show what a grade in progress is made of."""
    found = section_of(family, student, section)
    shown = explaining.explain(section, student.key, period)
    if shown is None:
        raise Http404
    return show(
        request, family, "gradebook/home/grade.html", _("How was this computed?"), student=student, section=found,
        explained=shown.explanation, hides=shown.hides, is_stale=bool(computing.stale([section])),
    )  # fmt: skip
