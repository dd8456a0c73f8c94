"""A student's tests as the student and the family see them: those the district marked for it."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from assessments import telling
from assessments.services import showing
from gradebook.family.access import Family, Student
from gradebook.pages.home.guard import show


def listed(request: HttpRequest, family: Family, student: Student) -> HttpResponse:
    """Show the tests with their newest scores, and how they went over time."""
    title = _("My tests") if student.itself else _("%s’s tests") % student.name
    tests = telling.told(showing.scores_of(student.person, portal=True))
    tests.sort(key=lambda each: each.lines[0].score.date, reverse=True)
    return show(request, family, "assessments/family.html", title, student=student, tests=tests)
