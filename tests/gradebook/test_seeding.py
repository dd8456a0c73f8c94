"""The synthetic district has grade books, the same for the same arguments."""

import datetime as dt

import pytest
from django.db.models import Count

from assessments import models as tests
from gradebook import models as book
from gradebook.structure import structures
from roster.models import Section
from roster.seeding.district import seed
from tests.imports.test_feed import empty_district

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)
TABLES = (
    book.Category, book.GradingTask, book.TaskPeriod, book.Assignment, book.Score, book.SectionScale, tests.Test,
    tests.TestScore,
)  # fmt: skip


def all_rows() -> list:
    return [list(model.objects.filter(pk__gt=0).order_by("pk").values_list()) for model in TABLES]


def test_one_section_in_twenty_has_scores_and_all_of_them_when_asked() -> None:
    seed(120, 1, 1, TODAY)
    first, graded = all_rows(), set(book.Assignment.objects.values_list("section_id", flat=True))
    assert graded == set(range(20, Section.objects.count() + 1, 20))
    assert all(first)
    empty_district()
    seed(120, 1, 1, TODAY)
    assert all_rows() == first
    empty_district()
    seed(120, 1, 1, TODAY, scores=True)
    assert set(book.Assignment.objects.values_list("section_id", flat=True)) == set(
        Section.objects.values_list("pk", flat=True)
    )


def test_its_assignments_are_aligned_and_due_within_their_section_and_its_scores_are_of_its_students() -> None:
    seed(200, 1, 3, TODAY)
    known = structures(Section.objects.values_list("pk", flat=True))
    for each in book.Assignment.objects.select_related("task__term", "category"):
        structure = known[each.section_id]
        assert structure.first <= each.due_on <= structure.last
        assert each.task.term_id == each.period_id
        assert each.task_id in {task.id for task in structure.tasks}
        assert each.category.sections.filter(pk=each.section_id).exists()
    scores = book.Score.objects.all()
    assert scores.filter(missing=True, score=None).exists()
    assert not scores.values("assignment", "person").annotate(n=Count("pk")).filter(n__gt=1).exists()
    for score in scores.select_related("assignment")[:200]:
        assert score.assignment.section.roster.filter(person=score.person_id).exists()
        assert score.assignment.due_on <= TODAY
