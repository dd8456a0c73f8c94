"""The tab of assessments on the page of a person."""

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import TestScore
from roster.models import Enrollment, Person


def of_person(person: Person) -> tuple[str, str] | None:
    """Return title and address of the tab; None for somebody who is no student and never was tested."""
    there = Enrollment.objects.filter(person=person).values("pk")[:1]
    scored = TestScore.objects.filter(person=person, deleted_at=None).values("pk")[:1]
    if not there.union(scored, all=True).exists():
        return None
    return _("Assessments"), reverse("admin:person_tests", args=[person.pk])
