"""From a vendor's PUT to the teacher's page: arrived, aligned by the teacher, graded by the job, sent again."""

import pytest

from gradebook import computing
from gradebook.models import Assignment, Change, GradeOptions, GradingScale, TaskPeriod
from interop.jobs.running import Run
from roster.models import Person, Section
from tests.gradebook.conftest import assignment, partner, score
from tests.gradebook.test_teacher_matrix import TODAY, signed_in


def test_what_a_vendor_sends_is_aligned_graded_and_shown_and_a_resend_keeps_what_is_the_teachers(
    district, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradebook.pages.guard.district_day", lambda _now: TODAY)
    vendor = partner(version=11)
    assert vendor.put("lineItem", "quiz-1", **assignment(category=None)).status_code == 201
    assert vendor.put("result", "r-1", **score()).status_code == 201
    section, work = Section.objects.get(sourced_id="algebra-1"), Assignment.objects.get()
    scale = GradingScale.objects.create(title="Letters")
    scale.ranges.create(sequence=0, score="B", minimum=80)
    quarter = TaskPeriod.objects.get(sourced_id="algebra-q1")
    GradeOptions.objects.create(period=quarter, section=section, scale=scale)
    teacher = signed_in(Person.objects.get(sourced_id="teacher-lincoln"))
    assert "1 assignment arrived without a category" in teacher.get("/teacher/uncategorized/").content.decode()
    teacher.post("/teacher/uncategorized/align/", {"assignment": [work.pk], "category": "Tests", "task": ""})
    book = f"/teacher/sections/{section.pk}/"
    assert "grades about to be computed again" in teacher.get(book).content.decode()
    computing.run(Run(1, "", ""))
    shown = teacher.get(book).content.decode()
    assert "<span>87.5</span> <span>B</span>" in shown
    assert 'data-vendor="Acme"' in shown
    assert vendor.body("/lineItems/quiz-1")["category"]["sourcedId"] == "tests"
    student = Person.objects.get(sourced_id="ada").pk
    teacher.post(f"{book}cell/", {"assignment": work.pk, "person": student, "value": "2"})
    assert vendor.body("/results/r-1")["score"] == 2.0
    assert vendor.put("result", "r-1", **score(score=19)).status_code == 200
    assert vendor.put("lineItem", "quiz-1", **assignment(category=None, title="Quiz 1b")).status_code == 200
    work.refresh_from_db()
    assert (work.title, work.category.sourced_id, work.aligned_by) == ("Quiz 1b", "tests", "teacher")
    computing.run(Run(2, "", ""))
    assert "<span>95.0</span> <span>B</span>" in teacher.get(book).content.decode()
    assert "Ada " in Change.objects.filter(kind="score").earliest("pk").actor
    told = teacher.get(f"{book}receipts/").content.decode()
    assert "assignment Quiz 1b" in told
    assert ", Ada, Quiz 1b" in told
