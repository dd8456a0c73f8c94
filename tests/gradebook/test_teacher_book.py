"""The grade book: the grid, scores entered by cell, list, paste and file, the explanation, a section's settings."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections import services
from gradebook import computing
from gradebook.models import (
    Assignment,
    Category,
    Change,
    DirtyMark,
    GradeOptions,
    InProgressGrade,
    PostedGrade,
    Receipt,
    Score,
    SectionScale,
)  # fmt: skip
from gradebook.teaching import scoring
from tests.gradebook.taught import Taught, teach, vendor
from tests.gradebook.test_teacher_matrix import TODAY, signed_in
from tests.roster import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradebook.pages.guard.district_day", lambda _now: TODAY)


@pytest.fixture
def one() -> Taught:
    return teach("algebra-1", students=2)


class Desk:
    """The teacher's browser, at one section."""

    def __init__(self, one: Taught) -> None:
        self.client = signed_in(one.teacher)
        self.base = f"/teacher/sections/{one.section.pk}/"

    def see(self, path: str = "") -> str:
        answer = self.client.get(self.base + path)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def send(self, path: str, form) -> str:
        return self.client.post(self.base + path, form, follow=True).content.decode()


@pytest.fixture
def desk(one) -> Desk:
    return Desk(one)


def held(work: Assignment) -> list[str]:
    rows = Score.objects.filter(assignment=work, deleted_at=None).order_by("person")
    return [scoring.text(row.score, scoring.flags_of(row)) for row in rows]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("8", "8"),
        ("8,5 l", "8.5 L"),
        ("M", "M"),
        ("ch 7", "7 Ch"),
        ("", ""),
        ("0", "0"),
        ("10 x dr t i", "10 X I T Dr"),
    ],
)
def test_scores_are_read_as_teachers_type_them(typed, told) -> None:
    entry = scoring.read(typed)
    assert scoring.text(entry.score, entry.flags) == told


@pytest.mark.parametrize("typed", ["8 9", "eight", "8 Q", "8..5", "1e3", "99999999999", "NaN", "½"])
def test_what_is_no_score_is_told(typed) -> None:
    with pytest.raises(scoring.Unclear):
        scoring.read(typed)


def test_the_grid_shows_students_by_assignments_with_a_fixed_number_of_statements(one, desk) -> None:
    first = one.assignment("HW 1", owner=vendor())
    one.score(first, 0, 9, late=True)
    one.assignment("Later", task=one.periods["Quarter 2"])
    computing.compute([one.section.pk], timezone.now())
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown = desk.see()
    assert 'data-v="9 L"><i class="L">L</i>9</td>' in shown
    assert 'data-vendor="Loomwood Classroom"' in shown
    assert "<span>90.0</span> <span>A</span>" in shown
    assert "Later" not in shown
    assert "Later" in desk.see(f"?task={one.periods['Quarter 2'].pk}")
    for at in range(5):
        one.score(one.assignment(f"HW {at + 2}"), 1, at)
    with CaptureQueriesContext(connection) as many:
        desk.see()
    assert len(many) == len(few)
    for at in range(20):
        one.assignment(f"Sheet {at}")
    printed = desk.see("?print=1")
    assert (printed.count("<table>"), printed.count("Sheet 19"), printed.count('<th class="name"')) == (2, 1, 4)


def test_a_cell_is_saved_marked_and_kept_by_the_history(one, desk) -> None:
    work, student = one.assignment(), one.students[0].pk
    cell = {"assignment": work.pk, "person": student, "value": "8 L"}
    answer = desk.client.post(f"{desk.base}cell/", cell)
    assert answer.json() == {"typed": "8 L", "number": "8", "letters": ["L"]}
    assert (held(work), DirtyMark.objects.count()) == (["8 L"], 1)
    desk.client.post(f"{desk.base}cell/", cell)
    assert (DirtyMark.objects.count(), Change.objects.count()) == (1, 1)
    desk.client.post(f"{desk.base}cell/", cell | {"value": ""})
    assert (held(work), Score.objects.get().deleted_at is not None) == ([], True)
    answer = desk.client.post(f"{desk.base}cell/", cell | {"value": "many"})
    assert (answer.status_code, "no score" in answer.json()["fault"]) == (422, True)
    stranger = make.PersonFactory().pk
    for wrong in ({"person": stranger}, {"assignment": 0}, {"assignment": "x"}):
        assert desk.client.post(f"{desk.base}cell/", cell | wrong).status_code == 422
    assert held(work) == []


def test_a_synced_score_stays_the_vendors_row_whatever_is_typed(one, desk) -> None:
    work = one.assignment(owner=vendor())
    row = one.score(work, 0, 9, owner=vendor())
    cell = {"assignment": work.pk, "person": one.students[0].pk, "value": "7 M"}
    desk.client.post(f"{desk.base}cell/", cell)
    desk.client.post(f"{desk.base}cell/", cell | {"value": ""})
    now = Score.objects.get()
    assert (now.sourced_id, now.owner, now.score, now.deleted_at) == (row.sourced_id, vendor(), None, None)
    assert "Synced with Loomwood Classroom" in desk.see(f"assignments/{work.pk}/")


def test_scores_of_a_list_are_all_saved_or_none_and_only_what_was_typed_over(one, desk) -> None:
    work = one.assignment()
    ann, bob = (each.pk for each in one.students)
    path = f"assignments/{work.pk}/scores/"
    form = {f"was-{ann}": "", f"score-{ann}": "8", f"comment-{ann}": "Good", f"was-{bob}": "", f"score-{bob}": "many"}
    shown = desk.client.post(desk.base + path, form)
    assert (shown.status_code, held(work)) == (422, [])
    assert "“many” is no score" in shown.content.decode()
    assert "2 scores saved." in desk.send(path, form | {f"score-{bob}": "M"})
    assert (held(work), Score.objects.get(person=ann).comment) == (["8", "M"], "Good")
    Score.objects.filter(person=ann).update(score=10)  # a vendor was faster
    desk.send(path, {f"was-{ann}": "8", f"score-{ann}": "8", f"said-{ann}": "Good", f"comment-{ann}": "Good"})
    assert held(work) == ["10", "M"]


def test_an_assignment_is_made_changed_and_deleted_within_the_sections_dates(one, desk) -> None:
    form = {
        "title": "Quiz 1", "points": "20", "multiplier": "2", "assigned_on": "2026-09-01", "due_on": "2027-09-04",
        "sequence": "0", "active": "on", "category_id": one.categories["Tests"].pk,
        "task_id": one.periods["Quarter 1"].pk,
    }  # fmt: skip
    assert "The section lasts from 2026-08-03 to 2026-12-18" in desk.send("assignments/new/", form)
    assert "at most 50 characters" in desk.send("assignments/new/", form | {"due_on": "2026-09-04", "title": "x" * 51})
    assert "“Quiz 1” is there." in desk.send("assignments/new/", form | {"due_on": "2026-09-04"})
    row = Assignment.objects.get()
    assert (row.due_on, row.period.title, row.aligned_by, row.multiplier, row.portal) == (
        dt.date(2026, 9, 4), "Quarter 1", "teacher", 2, False,
    )  # fmt: skip
    desk.send(f"assignments/{row.pk}/", form | {"due_on": "2026-10-20", "active": ""})
    row.refresh_from_db()
    assert (row.period.title, row.active) == ("Quarter 2", False)
    one.score(row, 0, 9)
    desk.send(f"assignments/{row.pk}/", {"do": "delete"})
    assert not Assignment.objects.filter(deleted_at=None).exists()
    assert not Score.objects.filter(deleted_at=None).exists()
    synced = one.assignment(owner=vendor())
    assert desk.client.post(f"{desk.base}assignments/{synced.pk}/", {"do": "delete"}).status_code == 404


def test_pasted_scores_are_told_by_line_and_nothing_is_applied_when_one_is_wrong(one, desk) -> None:
    quiz, test = one.assignment("Quiz 1"), one.assignment("Test 1", owner=vendor())
    one.students[1].local_id = "1002"
    one.students[1].save()
    wrong = "Student\tQuiz 1\tNo such\n\nStudent00, Sam\t8\nNobody\t9\n1002\tmany\nStudent00, Sam\t9"
    shown = desk.send("paste/", {"text": wrong})
    for told in ("Line 1: There is no assignment “No such”", "Line 4: No student “Nobody”", "Line 5: Quiz 1: “many”",
                 "Line 6: “Student00, Sam” is in the table twice"):  # fmt: skip
        assert told in shown
    assert not Score.objects.exists()
    right = 'Student,Quiz 1,Test 1\n"Student00, Sam",8 L,\n1002,9.5,77\n'
    assert "The next sync overwrites" in desk.send("paste/", {"text": right})
    assert not Score.objects.exists()
    file = SimpleUploadedFile("scores.csv", ("\ufeff" + right).encode())
    assert "3 scores saved." in desk.send("paste/", {"file": file, "overwrite": "1"})
    assert (held(quiz), held(test)) == (["8 L", "9.5"], ["77"])
    assert "no CSV in UTF-8" in desk.send("paste/", {"file": SimpleUploadedFile("scores.csv", b"\xff\xfe\x00")})
    assert "There are no scores in it." in desk.send("paste/", {"text": "Student,Quiz 1\n1002,\n"})


def test_a_grade_is_explained_line_by_line(one, desk) -> None:
    GradeOptions.objects.filter(section=one.section).update(weight_categories=True)
    one.score(one.assignment("HW 1"), 0, 9)
    one.score(one.assignment("HW 2"), 0, None, missing=True)
    one.score(one.assignment("HW 3"), 0, 3, exempt=True)
    one.assignment("Test 1", category=one.categories["Tests"])
    shown = desk.see(f"students/{one.students[0].pk}/?task={one.periods['Quarter 1'].pk}")
    for told in ("45.0 % F", "9 of 20", "is missing, so it counts as 0 of 10.", "is exempt, so it does not count.",
                 "has no score yet, so it does not count.", "goes to the others", "A from 90"):  # fmt: skip
        assert told in shown, told
    assert "has no score yet" in desk.see(f"?student={one.students[0].pk}")
    assert desk.client.get(f"{desk.base}students/{make.PersonFactory().pk}/").status_code == 404


def test_categories_are_made_changed_copied_and_removed_where_nothing_holds_them(one, desk) -> None:
    two = teach("algebra-2", students=1, teacher=one.teacher)
    form = {"new-title": "Projects", "new-weight": "12.5", "new-drop_lowest": "1", "new-sequence": "5",
            "new-sections": [one.section.pk]}  # fmt: skip
    desk.send("categories/", form)
    made = Category.objects.get(title="Projects")
    assert (made.weight, made.drop_lowest, DirtyMark.objects.filter(section=one.section).count()) == (
        Decimal("12.5"),
        1,
        1,
    )
    assert f'name="c{made.pk}-sections" value="{one.section.pk}"' in desk.see("categories/")
    ticked = desk.client.get(f"{desk.base}categories/").context["rows"][-1]["form"]["sections"].value()
    assert (ticked, 'value="12.5"' in desk.see("categories/")) == ([one.section.pk], True)
    assert "has a category named “Projects”" in desk.send("categories/", form)
    assert "Ensure this value has at most 50" in desk.send("categories/", form | {"new-title": "x" * 51})
    assert "1 category copied." in Desk(two).send("categories/", {"do": "copy", "source": one.section.pk})
    work = one.assignment(category=made)
    assert "has assignments in this section" in desk.send("categories/", {"do": "remove", "category": made.pk})
    work.delete()
    desk.send("categories/", {"do": "remove", "category": made.pk})
    made.refresh_from_db()
    assert (made.deleted_at is None, Category.objects.filter(title="Projects", deleted_at=None).count()) == (False, 1)
    foreign = teach("biology-1", students=1, course=make.CourseFactory())
    shared = one.categories["Tests"]
    shared.sections.add(foreign.section)
    assert "Sections of other teachers use it too" in desk.see("categories/")
    stolen = desk.client.post(f"{desk.base}categories/", {"do": "remove", "category": shared.pk})
    outside = desk.client.post(
        f"{desk.base}categories/", form | {"new-title": "Z", "new-sections": [foreign.section.pk]}
    )
    assert (stolen.status_code, outside.status_code) == (404, 422)


def test_options_are_saved_for_one_or_all_and_what_is_mandated_stays(one, desk) -> None:
    quarter, later = one.periods["Quarter 1"], one.periods["Quarter 2"]
    form = {}
    for each in (quarter, later):
        form |= {f"calculation-{each.pk}": "in progress", f"scale-{each.pk}": one.scale.pk}
    desk.send("calculation/", form | {f"weight_categories-{quarter.pk}": "1", f"since-{later.pk}": quarter.term_id})
    rows = {row.period_id: row for row in GradeOptions.objects.filter(section=one.section)}
    assert (rows[quarter.pk].weight_categories, rows[later.pk].weight_categories) == (True, False)
    assert rows[later.pk].cumulative_from == quarter.term
    assert SectionScale.objects.get().section == one.section
    desk.send("calculation/", form | {"fill": quarter.pk, f"limit_last-{quarter.pk}": "5"})
    assert set(GradeOptions.objects.values_list("limit_last", "weight_categories")) == {(5, False)}
    assert desk.client.post(f"{desk.base}calculation/", form | {f"scale-{quarter.pk}": 9999}).status_code == 422
    GradeOptions.objects.create(period=quarter, section=None, scale=one.scale, use_percent=True)
    assert "The course mandates it" in desk.see("calculation/")
    desk.send("calculation/", form | {f"calculation-{quarter.pk}": "none", f"calculation-{later.pk}": "none"})
    assert GradeOptions.objects.get(period=quarter, section=one.section).calculation == "in progress"
    assert GradeOptions.objects.get(period=later, section=one.section).calculation == "none"


def test_grades_are_posted_while_the_window_is_open(one, desk) -> None:
    quarter, later = one.periods["Quarter 1"], one.periods["Quarter 2"]
    one.score(one.assignment(), 0, 9)
    computing.compute([one.section.pk], timezone.now())
    assert InProgressGrade.objects.count() == 1
    ann, bob = (each.pk for each in one.students)
    form = {"task": quarter.pk, f"post-{ann}": "1", f"percent-{ann}": "89.96", f"post-{bob}": "1", f"score-{bob}": "Z"}
    assert 'value="90"' in desk.see("post/")
    assert "“Z” is not a score of the scale." in desk.send("post/", form)
    assert not PostedGrade.objects.exists()
    assert "2 grades posted." in desk.send("post/", form | {f"score-{bob}": "B", f"comment-{bob}": "Better"})
    told = [(row.percent, row.score, row.comment, row.posted_by) for row in PostedGrade.objects.order_by("person")]
    assert told == [(Decimal("89.96"), "B", "", "Eleanor Voss"), (None, "B", "Better", "Eleanor Voss")]
    assert "is closed" in desk.send("post/", form | {"task": later.pk, f"score-{bob}": "B"})
    assert PostedGrade.objects.count() == 2
    assert DirtyMark.objects.filter(section=one.section).exists()


def test_orphans_are_kept_with_their_scores_or_removed(one, desk) -> None:
    works = [one.assignment(title, owner=vendor()) for title in ("Kept", "Gone")]
    at = timezone.now()
    for work in works:
        one.score(work, 0, 7, owner=vendor())
    Score.objects.update(deleted_at=at)
    Assignment.objects.update(deleted_at=at)
    assert "2 assignments their vendors no longer have" in desk.client.get("/teacher/").content.decode()
    assert "1 score" in desk.see("orphans/")
    desk.send("orphans/", {"assignment": [works[0].pk], "do": "keep"})
    desk.send("orphans/", {"assignment": [works[1].pk], "do": "remove"})
    kept = Assignment.objects.get(deleted_at=None)
    assert (kept.title, kept.owner, held(kept), kept.sourced_id != works[0].sourced_id) == ("Kept", None, ["7"], True)
    assert "No orphans" in desk.see("orphans/")
    assert Score.objects.filter(assignment__in=works, deleted_at=at).count() == 2


def test_receipts_say_what_happened_and_what_to_do(one, desk, acme_connection) -> None:
    Receipt.objects.create(
        connection=acme_connection, section=one.section, kind="lineItem", sourced_id="li-1", outcome="changed",
        came={"title": "Quiz 7"}, first_at=timezone.now(), last_at=timezone.now(), times=3,
        notes=[{"rule": "points.rounded", "field": "resultValueMax", "facts": {"sent": "10.5", "stored": 10}}],
    )  # fmt: skip
    shown = desk.see("receipts/")
    assert "Quiz 7" in shown
    assert "10.5 was rounded down to 10" in shown
    assert "3 times" in shown
    assert "No vendor has sent anything" in desk.see("receipts/?outcome=refused")


@pytest.fixture
def acme_connection(db: None):
    application = services.application_named("Acme", partner=True, actor="admin")
    return services.create_connection(application, actor="admin", name="Acme", choices={"version": 12})
