"""Test setup, scores and what waits, as the office meets them; and what families and teachers see of it."""

import csv
import datetime as dt
import re
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import charts
from assessments import models as tests
from assessments.models import ScoreKind
from assessments.services import scoring, setup
from assessments.services.setup import Field, Status
from interop.admin.roles import Role
from interop.models import AuditEvent
from roster.models import Person, Relationship, SchoolYear
from tests.assessments.conftest import exam, taken
from tests.gradebook.conftest import DAY as TODAY
from tests.gradebook.test_teacher_matrix import signed_in

DAY = dt.date(2026, 9, 12)
RAW, PERCENT = ScoreKind.RAW, ScoreKind.PERCENT


def somebody(role: Role) -> Client:
    user = User.objects.create_user(role.value, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(db: None) -> Client:
    return somebody(Role.EDITOR)


@pytest.fixture
def math(district) -> tests.Test:
    """A test of the district's own, of 0 to 50 points."""
    year = SchoolYear.objects.get(active=True)
    return setup.create_test("ada", year=year, title="Math 7", code="M7", type="state", minimum=0, maximum=50)


def person(name: str) -> Person:
    return Person.objects.get(sourced_id=name)


def score(test: tests.Test, name: str, raw: int, day: dt.date = DAY) -> tests.TestScore:
    return scoring.enter_score("ada", test, person(name), day, values={RAW: Decimal(raw)})


def url(name: str, *parts: Any) -> str:
    return reverse(f"admin:{name}", args=parts)


def words(answer: Any, status: int = 200) -> str:
    """The main part of a page as text."""
    assert answer.status_code == status, answer.content[:2000]
    main = answer.content.decode().split("<main")[1].split(">", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(database) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def filled(page: Any) -> dict[str, Any]:
    """The form of a test as a browser would send it back."""
    whole = page.context["whole"]
    told: dict[str, Any] = {}
    for form in (whole.form, *whole.fields, *whole.statuses):
        for field in form:
            value = field.value()
            if value is not None and value is not False and value != "":
                told[field.html_name] = "on" if value is True else getattr(value, "pk", value)
    return told


def acts() -> list[str]:
    return list(AuditEvent.objects.filter(object_type__startswith="assessments").values_list("act", flat=True))[::-1]


def test_a_test_is_made_changed_archived_and_deleted_and_every_act_is_told(editor, district):
    told = filled(editor.get(url("test_new"))) | {
        "title": "Reading", "type": "national", "minimum": "200", "maximum": "800", "score_is": "scale",
        "field-scale-required": "on", "field-scale-order": "0", "status-0-name": "Meets", "status-0-kind": "scale",
        "status-0-minimum": "500", "status-1-name": "Below", "status-1-kind": "scale", "status-1-maximum": "499",
    }  # fmt: skip
    del told["field-percentile-used"]
    assert "highest score is below" in words(editor.post(url("test_new"), told | {"maximum": "1"}), 422)
    assert not tests.Test.objects.exists()
    page = editor.post(url("test_new"), told, follow=True)
    assert page.redirect_chain, page.context["faults"]
    [reading] = tests.Test.objects.all()
    assert [(each.kind, each.required) for each in setup.fields_of(reading)] == [
        ("scale", True), ("raw", False), ("percent", False), ("level", False)]  # fmt: skip
    assert "National test" in words(page)
    assert "from 200 to 800" in words(page)
    assert "Meets Scale score from 500" in words(page)
    stale = filled(editor.get(url("test_edit", reading.pk)))
    editor.post(url("test_edit", reading.pk), stale | {"title": "Reading 8", "status-1-name": "", "portal": "on"})
    reading.refresh_from_db()
    assert (reading.title, reading.portal) == ("Reading 8", True)
    assert [each.name for each in reading.statuses.all()] == ["Meets"]
    assert "changed meanwhile" in words(editor.post(url("test_edit", reading.pk), stale), 422)
    told = words(editor.post(url("test", reading.pk), {"act": "archive"}, follow=True))
    assert "takes no new scores by hand" in told
    assert "Reading Reading 8" in told.replace("before: ", "").replace("after: ", "")
    assert "Reading 8" not in words(editor.get(url("tests")))
    assert "Reading 8" in words(editor.get(url("tests"), {"state": "archived"}))
    editor.post(url("test_delete", reading.pk))
    assert not tests.Test.objects.filter(deleted_at=None).exists()
    assert editor.get(url("test", reading.pk)).status_code == 404
    assert acts() == ["made a test", "changed a test", "archived a test", "deleted a test"]
    changed = AuditEvent.objects.get(act="changed a test")
    assert (changed.before["title"], changed.after["title"], changed.after["portal"]) == ("Reading", "Reading 8", True)


def test_the_tree_is_searched_and_narrowed_and_says_what_came_from_whom(editor, math, acme):
    one = queries(editor, url("tests"))
    part = setup.create_test("ada", year=math.year, title="Algebra", parent=math)
    acme.put("assessmentLineItem", "theirs", **exam(title="Theirs"))
    told = queries(editor, url("test_receipts"))
    acme.put("assessmentResult", "r-1", **taken("theirs"))
    acme.put("assessmentResult", "r-2", **taken("never"))
    assert (queries(editor, url("tests")), queries(editor, url("test_receipts"))) == (one, told)
    told = words(editor.get(url("tests")))
    assert "3 tests are shown. 1 result waits for a missing part." in told
    assert "Math 7 M7 0 0 The district teachers Algebra (a part of the one above)" in told
    assert "Theirs 1 1 added by vendor From Acme, Acme 12 None, last received" in told
    assert "Theirs" not in words(editor.get(url("tests"), {"source": "district"}))
    assert "Algebra" not in words(editor.get(url("tests"), {"source": str(acme.connection.application_id)}))
    assert "Type at least three letters" in words(editor.get(url("tests"), {"q": "Al"}))
    found = words(editor.get(url("tests"), {"q": "alg", "type": "district", "year": str(math.year_id)}))
    assert "Math 7" in found
    assert "Theirs" not in found
    theirs = tests.Test.objects.get(title="Theirs")
    assert "are as it sends them" in words(editor.get(url("test", theirs.pk)))
    assert "whatever you type" in words(editor.get(url("test_edit", theirs.pk)))
    assert "cannot be deleted" in words(editor.get(url("test", theirs.pk)))
    assert "Archive it instead" in words(editor.post(url("test_delete", theirs.pk)), 400)
    assert "of an assessmentLineItem" not in words(editor.get(url("test_receipts"), {"id": "r-2"}))
    assert "The assessment never is missing" in words(editor.get(url("test_receipts"), {"id": "r-2"}))
    assert "Add a part" in words(editor.get(url("test", part.pk)))


def test_a_viewer_sees_how_tests_are_set_up_and_nobodys_score(math):
    made, viewer = score(math, "ada", 40), somebody(Role.VIEWER)
    told = words(viewer.get(url("test", math.pk)))
    assert "Math 7" in told
    assert "Import scores" not in told
    closed = [
        url("test_scores", math.pk), url("test_export", math.pk), url("test_edit", math.pk), url("unmatched"),
        url("test_score", made.pk), url("person_tests", made.person_id), url("test_receipts"),
    ]  # fmt: skip
    assert {viewer.get(each).status_code for each in closed} == {403}
    assert viewer.post(url("test", math.pk), {"act": "archive"}).status_code == 403


def test_a_file_is_looked_at_first_and_with_an_error_in_one_line_nothing_is_stored(editor, math):
    score(math, "bob", 10)
    where = url("test_import", math.pk)

    def upload(text: str) -> Any:
        file = BytesIO(text.encode())
        file.name = "scores.csv"
        return editor.post(where, {"scores": file})

    head = "Student.sourcedId,Score.date,Score.raw\n"
    told = words(upload(f"{head}ada,2026-09-12,51\nbob,2026-09-12,12\nzoe,soon,1\n"), 422)
    assert "2 errors. Nothing was stored." in told
    assert "2 Score.raw Raw score: use a number from 0 to 50." in told
    seen = upload(f"{head}ada,2026-09-12,50\nbob,2026-09-12,12\n")
    assert "1 new score, 1 changed, 0 as they are. Nothing is stored yet." in words(seen)
    assert "Raw score: 10 Raw score: 12" in words(seen)
    assert tests.TestScore.objects.count() == 1
    kept = re.search(r'name="content" value="([^"]*)"', seen.content.decode())
    assert kept
    done = editor.post(where, {"act": "apply", "content": kept[1]}, follow=True)
    assert "1 new score, 1 changed, 0 as they are." in words(done)
    assert sorted(tests.TestScore.objects.values_list("raw", flat=True)) == [12, 50]
    assert AuditEvent.objects.get(act="imported test scores").after == {"new": 1, "changed": 1, "same": 0}
    assert "here already" in words(upload(f"{head}ada,2026-09-12,50\n"))
    assert "Choose a CSV file" in words(editor.post(where), 422)
    assert editor.get(url("test_sample", math.pk)).content.startswith(b"Student.number,Score.date,Score.raw")


def test_a_students_tab_shows_scores_over_time_and_an_edit_warns_that_a_resend_overwrites(editor, math, acme):
    setup.set_statuses("ada", math, [Status("Meets", RAW, Decimal(25), None)])
    score(math, "ada", 30)
    mine = score(math, "ada", 40, DAY + dt.timedelta(30))
    ada = person("ada").pk
    where = url("person_tests", ada)
    assert where in editor.get(url("data_record", "people", ada)).content.decode()
    before = queries(editor, where)
    acme.put("assessmentLineItem", "theirs", **exam(title="Theirs"))
    acme.put("assessmentLineItem", "part", **exam("theirs", title="Part"))
    acme.put("assessmentResult", "r-1", **taken("theirs"))
    acme.put("assessmentResult", "r-2", **taken("part"))
    assert queries(editor, where) == before + 2  # whose they are, and by which connection
    page = editor.get(where)
    told = words(page)
    assert "Raw score in Math 7, 2 scores: 30 at first, 40 at last." in page.content.decode()
    assert "Oct 12, 2026 40 Meets The district Edit" in told
    assert "State tests" in told
    assert "Theirs › Part" in told
    assert "style=" not in page.content.decode()
    theirs = tests.TestScore.objects.get(sourced_id="r-1")
    assert "Acme owns this score" in words(editor.get(url("test_score", theirs.pk)))
    editor.post(url("test_score", theirs.pk), {"date": "2026-09-12", "raw": "80", "comment": "recounted"})
    theirs.refresh_from_db()
    assert (theirs.raw, theirs.comment) == (80, "recounted")
    assert "Raw score before: 71.5 after: 80" in words(editor.get(url("test_score", theirs.pk)))
    editor.post(url("test_score", mine.pk), {"act": "delete"})
    assert "Oct 12" not in words(editor.get(where))
    new = url("person_test_new", ada)
    assert "Math 7" in words(editor.get(new))
    wrong = words(editor.post(f"{new}?test={math.pk}", {"date": "2026-09-20", "raw": "51"}), 422)
    assert "from 0 to 50" in wrong
    assert "not in the future" in words(editor.post(f"{new}?test={math.pk}", {"date": "2099-09-20", "raw": "5"}), 422)
    editor.post(f"{new}?test={math.pk}", {"date": "2026-09-20", "raw": "22"})
    assert tests.TestScore.objects.filter(test=math, date="2026-09-20", raw=22).exists()
    assert acts() == ["changed a test score", "deleted a test score", "entered a test score"]


def test_the_spread_of_scores_and_who_has_none_are_told_by_school_and_grade(editor, math):
    setup.set_statuses("ada", math, [Status("High", RAW, Decimal(40), None), Status("Low", RAW, None, None)])
    for name, raw in (("ada", 45), ("bob", 50), ("dee", 12)):
        score(math, name, raw)
    where = url("test_scores", math.pk)
    told = words(editor.get(where))
    assert "3 students have this score; half of them have 45 or more. 1 enrolled student is not tested." in told
    assert "High 2 67 %" in told
    assert "45–50 2" in told
    schools = [person(name).enrollments.get().calendar.school for name in ("ada", "dee")]
    assert f"{schools[0].name} 2 1" in told
    narrowed = words(editor.get(where, {"school": str(schools[1].pk)}))
    assert "1 student has this score; half of them have 12 or more. Nobody who is enrolled is without." in narrowed
    one = queries(editor, where)
    score(math, "cy", 1)
    assert queries(editor, where) == one
    Person.objects.filter(sourced_id="ada").update(given_name="=Ada")
    answer = editor.get(url("test_export", math.pk))
    lines = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
    assert len(lines) == 4
    assert {(each["Student.sourcedId"], each["Score.raw"], each["Status"]) for each in lines} >= {("ada", "45", "High")}
    assert "'=Ada" in next(each["Student.name"] for each in lines if each["Student.sourcedId"] == "ada")
    assert acts() == ["took the scores of a test as CSV"]


def test_what_waits_is_told_by_what_is_missing_and_can_be_removed_or_tried_again(editor, acme):
    acme.put("assessmentLineItem", "child", **exam("top"))
    acme.put("assessmentResult", "r-1", **taken("never"))
    one = queries(editor, url("unmatched"))
    acme.put("assessmentResult", "r-2", **taken("never", student="bob"))
    acme.put("assessmentResult", "r-3", **taken("other"))
    assert queries(editor, url("unmatched")) == one
    page = editor.get(url("unmatched"))
    told = words(page)
    assert "4 things wait for a missing part." in told
    assert "1 test waits for its parent Missing test top From Acme" in told
    assert "2 scores wait for their test Missing test never" in told
    assert "parents first" in told
    gone = next(each.key for each in page.context["groups"] if each.missing == "never")
    assert "2 removed. The vendor can send them again." in words(
        editor.post(url("unmatched"), {"remove": gone}, follow=True)
    )
    assert tests.Unmatched.objects.count() == 2
    assert "still missing" in words(editor.post(url("unmatched"), {"act": "again"}, follow=True))
    event = AuditEvent.objects.get(act="removed unmatched results")
    assert event.before == {"kind": "assessmentResult", "missing": "assessmentLineItem never", "number": 2}


def test_families_see_what_is_marked_for_them_and_teachers_what_is_not_for_the_office_alone(math, monkeypatch):
    moment = dt.datetime.combine(TODAY, dt.time(18), dt.UTC)
    monkeypatch.setattr("gradebook.pages.home.guard.now", lambda: moment)
    monkeypatch.setattr("gradebook.pages.guard.district_day", lambda _now: TODAY)
    setup.set_fields("ada", math, [Field(RAW), Field(PERCENT, hidden=True)])
    setup.set_statuses("ada", math, [Status("Meets", RAW, Decimal(25), None)])
    score(math, "ada", 30)
    scoring.enter_score(
        "ada", math, person("ada"), DAY + dt.timedelta(9), values={RAW: Decimal(40), PERCENT: Decimal(81)}
    )
    ada, section = person("ada"), person("ada").roster_entries.get().section_id
    mother = person("teacher-washington")
    Relationship.objects.create(sourced_id="mother", student=ada, contact=mother, portal=True)
    home, taught = reverse("home_tests", args=[ada.pk]), reverse("teacher_tests", args=[section, ada.pk])
    parent, teacher = signed_in(mother), signed_in(person("teacher-lincoln"))
    assert "no test results to see" in words(parent.get(home))
    assert "Percent" in words(teacher.get(taught))
    math = setup.change_test("ada", math, portal=True)
    page = parent.get(home)
    told = words(page)
    assert "Math 7 Sep 21, 2026 Meets Raw score 40 on a scale of 0–50" in told
    assert "81" not in told
    assert "2 scores: 30 at first, 40 at last" in page.content.decode()
    spanish = words(parent.get(home, headers={"Accept-Language": "es"}))
    assert "21 de sep de 2026 Meets Puntuación directa 40 en una escala de 0–50" in spanish
    assert parent.get(reverse("home_tests", args=[person("bob").pk])).status_code == 404
    assert words(signed_in(ada).get(home)).startswith(" My tests")
    setup.change_test("ada", math, restricted=True)
    assert "Math 7" not in words(parent.get(home))
    assert "Math 7" not in words(teacher.get(taught))
    assert signed_in(mother).get(taught).status_code == 404


def test_charts_stay_in_their_frame_whatever_the_scores():
    days = [DAY, DAY + dt.timedelta(10), DAY + dt.timedelta(40)]
    points = [(day, Decimal(score), str(score)) for day, score in zip(days, (900, 500, 500), strict=True)]
    drawn = charts.trend(points, ["first", "", "last"], Decimal(200), Decimal(800))
    assert drawn
    assert [line.told for line in drawn.lines] == ["900", "550", "200"]
    assert all(drawn.left <= float(dot.x) <= drawn.width and 0 <= float(dot.y) <= drawn.height for dot in drawn.dots)
    assert [dot.told for dot in drawn.dots] == ["900", "500", "500"]
    assert charts.trend(points[:1], ["first"], None, None) is None
    same = charts.trend([(DAY, Decimal(7), "7")] * 2, ["a", "b"], None, None)
    assert same
    assert len({dot.x for dot in same.dots}) == 2
    spread = charts.bars([(Decimal(at), Decimal(at + 1), at * 70) for at in range(10)], 320)
    assert [line.told for line in spread.lines] == ["0", "200", "400", "600", "800"]
    assert spread.bars[0].height == "0.0"
    assert all(float(bar.x) + float(bar.width) <= spread.width for bar in spread.bars)
    assert charts.bars([], 320).bars == []
