"""The tests of a student, for those who teach them today; tests for the office alone are left out."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from assessments import telling
from assessments.services import showing
from gradebook.pages.guard import show
from gradebook.teaching.access import Teacher, section_name, student_name, students
from roster.models import Section


def listed(request: HttpRequest, teacher: Teacher, section: Section, person: int) -> HttpResponse:
    """Show the scores of a student of the section; nothing can be changed here."""
    found = next((each for each in students(section.pk, teacher.today) if each.pk == person), None)
    if found is None:
        raise Http404
    return show(
        request, teacher, "tests.html", _("Tests"), section=section,
        section_name=section_name(section), name=student_name(found), person=found,
        tests=telling.told(showing.scores_of(found)),
    )  # fmt: skip
