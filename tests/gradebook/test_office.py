"""The data office arranges how courses are graded: tasks, windows, scales, mandated options; and reads receipts."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from connections import services
from gradebook import computing
from gradebook.models import (
    Change,
    GradeOptions,
    GradingScale,
    GradingTask,
    InProgressGrade,
    PostedGrade,
    Receipt,
    SectionScale,
    TaskPeriod,
)
from gradebook.teaching import calculating
from interop.models import AuditEvent
from tests.gradebook.taught import Q1, Taught, teach

pytestmark = pytest.mark.django_db
BASE = "/admin/grading/"
RECEIPTS = "/admin/grade-book-receipts/"


class Office:
    """The browser of an editor of the data office."""

    def __init__(self, role: str = "editor") -> None:
        self.client = Client(raise_request_exception=False)
        user = User.objects.create_user(f"office-{role}", is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        self.client.force_login(user)

    def see(self, path: str = "") -> str:
        answer = self.client.get(path if path.startswith("/") else BASE + path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def send(self, path: str, form, status: int = 200) -> str:
        answer = self.client.post(BASE + path, form, follow=True)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.content.decode()


@pytest.fixture
def one() -> Taught:
    return teach("algebra-1", students=1)


def windows(task: GradingTask, **terms) -> dict[str, object]:
    """The form of a task's terms: each with its window and composite."""
    form: dict[str, object] = {"act": "windows"}
    for name, facts in terms.items():
        key = task.course.sections.get().terms.model.objects.get(sourced_id=name).pk
        form |= {f"t{key}-given": "1"} | {f"t{key}-{field}": value for field, value in facts.items()}
    return form


def test_a_task_is_made_placed_in_terms_and_kept_from_vanishing_under_its_grades(one) -> None:
    office, course = Office(), one.section.course
    assert course.title in office.see()
    assert "No course of this school year matches" in office.see("?words=chemistry")
    path = f"courses/{course.pk}/"
    assert "This field is required" in office.send(path, {"title": ""}, 422)
    made = office.send(path, {"title": "Semester Grade", "kind": "task", "sequence": 1, "credits": "0.5",
                              "transcript": "on"})  # fmt: skip
    assert "“Semester Grade” is there" in made
    task = GradingTask.objects.get(title="Semester Grade")
    assert (task.credits, task.transcript, task.report_card) == (Decimal("0.5"), True, False)
    edit = f"tasks/{task.pk}/"
    days = {"opens": "2026-12-10", "closes": "2026-12-20"}
    assert "its first and its last day" in office.send(edit, windows(task, fall={"opens": "2026-12-10"}), 422)
    assert "not before its first" in office.send(edit, windows(task, fall=days | {"closes": "2026-12-01"}), 422)
    office.send(edit, windows(task, fall=days))
    period = TaskPeriod.objects.get(task=task)
    assert (period.term.title, period.opens, period.closes) == ("Fall", dt.date(2026, 12, 10), dt.date(2026, 12, 20))
    quarter = one.periods["Quarter 1"]
    part = {"opens": Q1[0].isoformat(), "closes": Q1[1].isoformat(), "parent_id": period.pk, "parent_weight": "50"}
    office.send(f"tasks/{quarter.task_id}/", windows(quarter.task, q1=part, q2={}))
    quarter.refresh_from_db()
    assert (quarter.parent, quarter.parent_weight) == (period, 50)
    assert computing.stale([one.section.pk])
    one.assignment()
    assert "cannot be taken away" in office.send(f"tasks/{quarter.task_id}/", windows(quarter.task, q2={}), 422)
    assert "cannot be taken away" in office.send(f"tasks/{quarter.task_id}/", {"act": "delete"}, 422)
    assert TaskPeriod.objects.filter(task=quarter.task).count() == 2, "nothing was done by half"
    assert "is deleted" in office.send(edit, {"act": "delete"})
    assert not GradingTask.objects.filter(pk=task.pk).exists()
    assert Change.objects.filter(kind="taskperiod", actor="office-editor").count() >= 4
    viewer = Office("viewer")
    assert "Add grading task" not in viewer.see(path)
    assert viewer.client.post(BASE + edit, {"act": "delete"}).status_code == 403


def test_windows_of_a_term_are_set_at_once(one) -> None:
    office = Office()
    TaskPeriod.objects.update(modified=timezone.now() - dt.timedelta(1))
    form = {"term": "Quarter 1", "opens": "2026-10-10", "closes": "2026-10-20"}
    assert "1 window set." in office.send("windows/", form)
    assert "They were set so." in office.send("windows/", form)
    quarter = one.periods["Quarter 1"]
    quarter.refresh_from_db()
    assert (quarter.opens, quarter.closes) == (dt.date(2026, 10, 10), dt.date(2026, 10, 20))
    assert quarter.modified > timezone.now() - dt.timedelta(minutes=1), "vendors' deltas tell it"
    assert "its first and its last day" in office.send("windows/", form | {"closes": ""}, 422)
    assert "1 window set." in office.send("windows/", {"term": "Quarter 1"})
    quarter.refresh_from_db()
    assert quarter.opens is None
    assert AuditEvent.objects.filter(act="set grading windows").count() == 2


def lines(*told: tuple[str, object, object], title: str = "Letters") -> dict[str, object]:
    """The form of a scale."""
    form: dict[str, object] = {"act": "save", "scale-title": title, "scale-type": "Letter grade",
                               "line-TOTAL_FORMS": len(told), "line-INITIAL_FORMS": 0}  # fmt: skip
    for at, values in enumerate(told):
        form |= {f"line-{at}-{name}": value for name, value in zip(("score", "minimum", "points"), values, strict=True)}
    return form


def test_scales_have_one_score_for_each_percentage_and_grades_follow_them(one) -> None:
    office = Office()
    assert "begin at the same percentage" in office.send("scales/", lines(("A", 90, 4), ("B", "90.0", 3)), 422)
    assert "stands in a scale once" in office.send("scales/", lines(("A", 90, 4), ("A", 80, 3)), 422)
    assert "at least one score" in office.send("scales/", lines(("", "", "")), 422)
    office.send("scales/", lines(("Pass", 50, ""), ("Not yet", 0, ""), ("", "", ""), title="Pass"))
    made = GradingScale.objects.get(title="Pass")
    assert list(made.ranges.values_list("score", "minimum", "points")) == [("Pass", 50, None), ("Not yet", 0, None)]
    one.score(one.assignment(), 0, 8)
    SectionScale.objects.create(
        sourced_id="s", scale=one.scale, section=one.section, modified=timezone.now() - dt.timedelta(1)
    )
    computing.compute([one.section.pk], timezone.now())
    assert InProgressGrade.objects.get().score == "B"
    path = f"scales/{one.scale.pk}/"
    office.send(path, lines(("A", 75, 4), ("F", 0, 0)))
    assert computing.stale([one.section.pk]) == {one.section.pk}
    computing.compute([one.section.pk], timezone.now())
    assert InProgressGrade.objects.get().score == "A"
    assert SectionScale.objects.get().modified > timezone.now() - dt.timedelta(minutes=1)
    assert "It is in use" in office.send(path, {"act": "delete"}, 422)
    assert "is deleted" in office.send(f"scales/{made.pk}/", {"act": "delete"})
    assert AuditEvent.objects.filter(act__contains="grading scale").count() == 3


def test_mandated_options_hold_in_every_section_and_teachers_only_read_them(one) -> None:
    office, quarter = Office(), one.periods["Quarter 1"]
    path, key = f"courses/{one.section.course_id}/calculation/", quarter.pk
    form = {f"mandated-{key}": "1", f"calculation-{key}": "in progress", f"scale-{key}": one.scale.pk,
            f"weight_categories-{key}": "1", f"portal-{key}": "1"}  # fmt: skip
    assert "1 grading task changed." in office.send(path, form)
    assert "Nothing was changed." in office.send(path, form)
    row = GradeOptions.objects.get(period=quarter, section=None)
    assert (row.weight_categories, row.use_percent, row.scale) == (True, False, one.scale)
    assert SectionScale.objects.get().section == one.section, "vendors are offered its scale"
    shown = {each.period.key: each for each in calculating.rows(one.section)}
    assert (shown[key].mandated, shown[key].choice.weight_categories) == (True, True)
    assert "1 grading task changed." in office.send(path, {})
    assert not GradeOptions.objects.filter(section=None).exists()
    assert {event.act for event in AuditEvent.objects.filter(object_type="gradebook.GradeOptions")} == {
        "mandated grade calculation options", "left grade calculation options to teachers",
    }  # fmt: skip


def test_receipts_of_all_connections_are_read_by_connection_outcome_and_section(one) -> None:
    office, now = Office(), timezone.now()
    application = services.application_named("Acme", partner=True, actor="admin")
    connection = services.create_connection(
        application, actor="admin", name="Acme sync", schools=None, choices={"version": 12, "share_gradebook": True}
    )
    note = {"rule": "points.rounded", "field": "resultValueMax", "facts": {"sent": "7.5", "stored": 7}}
    for name, outcome, section in (("quiz-1", "changed", one.section), ("quiz-2", "refused", None)):
        Receipt.objects.create(connection=connection, section=section, kind="lineItem", sourced_id=name, first_at=now,
                               outcome=outcome, notes=[note], last_at=now)  # fmt: skip
    every = office.see(RECEIPTS)
    assert "7.5 was rounded down to 7." in every
    assert ("quiz-1" in every, "quiz-2" in every) == (True, True)
    asked = {f"connection={connection.pk}&outcome=refused": (False, True), "section=Algebra-1": (True, False)}
    for query, told in asked.items():
        shown = office.see(f"{RECEIPTS}?{query}")
        assert ("quiz-1" in shown, "quiz-2" in shown) == told
    page = office.client.get(f"/admin/applications/connections/{connection.pk}/").content.decode()
    assert f"{RECEIPTS}?connection={connection.pk}" in page
    assert Office("viewer").client.get(RECEIPTS).status_code == 403
    assert not PostedGrade.objects.exists()
