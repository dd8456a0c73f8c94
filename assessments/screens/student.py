"""A student's tests: every score, over time and as a table."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import telling
from assessments.models import Test
from assessments.services import showing
from interop.admin.pages import page
from roster.models import Person
from roster.screens.data.tabs import tabs
from roster.signin.codes import name_of

ORDER = (Test.Type.STATE, Test.Type.NATIONAL, Test.Type.DISTRICT)


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all tests of a student: state, national, district, each with its scores."""
    person = get_object_or_404(Person, pk=pk)
    tests = telling.told(showing.scores_of(person, restricted=True))
    groups = [(each.label, [one for one in tests if one.test.type == each]) for each in ORDER]
    number = len(tests)
    opening = ngettext("Scores in %d test.", "Scores in %d tests.", number) % number
    return page(
        request, "assessments/student.html", name_of(person), opening=opening if number else _("No score in any test."),
        trail=person_trail(person)[:1], person=person, tabs=tabs(person), here=request.path,
        groups=[each for each in groups if each[1]],
    )  # fmt: skip


def person_trail(person: Person) -> list[tuple[str, Any]]:
    """Return the way to a student's tests."""
    return [
        (_("People"), reverse("admin:data_people")),
        (name_of(person), reverse("admin:person_tests", args=[person.pk])),
    ]
