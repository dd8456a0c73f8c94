"""Each rule of grade book sync, as a vendor and a teacher meet it."""

import datetime as dt

from connections import services
from gradebook import rules
from gradebook.models import (
    Assignment,
    Category,
    CategoryMapping,
    Change,
    DefaultAlignment,
    GradingTask,
    KeywordRule,
    Receipt,
    Score,
    TaskPeriod,
)
from roster.models import Course, Person, RosterEntry, Section, Term
from tests.gradebook.conftest import MARKER, assignment, partner, ref, score


def refusal(answer) -> str:
    told = answer.json()
    return (told.get("statusInfoSet") or [told])[0]["imsx_description"]


def receipt(sourced_id: str) -> tuple[str, list[str]]:
    found = Receipt.objects.get(sourced_id=sourced_id)
    return found.outcome, [note["rule"] for note in found.notes or ()]


def test_every_rule_names_its_source_and_every_refusal_what_to_do() -> None:
    assert len(rules.RULES) >= 35
    for rule in rules.RULES.values():
        assert rule.source, rule.name
        assert rule.sentence, rule.name
        assert rule.remedy or not rule.refuses or rule is rules.OBJECT_UNKNOWN, rule.name


def test_points_possible_are_whole_and_zero_is_stored(acme) -> None:
    answer = acme.put("lineItem", "quiz-1", **assignment(resultValueMax=20.9))
    assert answer.status_code == 201
    assert "resultValueMax: Points possible are whole: 20.9 was rounded down to 20." in answer["X-OneRoster-Warning"]
    assert acme.body("/lineItems/quiz-1")["resultValueMax"] == 20.0
    assert receipt("quiz-1") == ("changed", ["points.rounded"])
    assert Receipt.objects.get().came["resultValueMax"] == "20.9"
    acme.put("lineItem", "extra", **assignment(resultValueMax=0))
    assert (Assignment.objects.get(sourced_id="extra").points, receipt("extra")) == (0, ("stored", []))
    assert acme.put("lineItem", "below", **assignment(resultValueMax=-1)).status_code == 422


def test_a_due_date_is_a_day_of_the_terms_in_the_districts_time_zone(acme) -> None:
    cases = (
        ("2026-08-03T05:00:00.000Z", 201),  # midnight in Chicago of the first day
        ("2026-08-03T04:59:59.000Z", 422),
        ("2026-08-03", 201),
        ("2026-12-19T05:59:59.000Z", 201),  # a second to midnight of the last day
        ("2026-12-19T06:00:00.000Z", 422),
        ("2026-12-18", 201),
        (None, 422),
    )
    for place, (due, status) in enumerate(cases):
        name = f"quiz-{place}"
        answer = acme.put("lineItem", name, **assignment(dueDate=due))
        assert answer.status_code == status, due
        assert Assignment.objects.filter(sourced_id=name).exists() == (status == 201)
        if status == 422:
            assert "from 2026-08-03 to 2026-12-18" in refusal(answer)
            assert "lineItem.dueDate: " in refusal(answer)
            assert receipt(name) == ("refused", ["due.outside" if due else "due.missing"])


def test_the_category_of_1_2_is_one_of_the_class_or_the_vendors_own(acme) -> None:
    for category, rule in ((None, "category.missing"), (MARKER, "category.marker"), ("nowhere", "category.unknown")):
        sent = assignment(category=category and ref("category", category))
        assert acme.put("lineItem", "quiz-1", **sent).status_code == 422
        assert receipt("quiz-1") == ("refused", [rule])
    Category.objects.get(sourced_id="homework").sections.set([])
    assert acme.put("lineItem", "quiz-1", **assignment()).status_code == 422


def test_older_vendors_may_name_any_category_and_a_teacher_aligns(district) -> None:
    vendor = partner(version=11)
    for name, category in (("a", None), ("b", MARKER), ("c", "nowhere"), ("d", "homework")):
        sent = assignment(category=category and ref("category", category), gradingPeriod=None)
        assert vendor.put("lineItem", name, **sent).status_code == 201
    assert [each.category_id is None for each in Assignment.objects.order_by("sourced_id")] == [True, True, True, False]
    assert receipt("c")[1] == ["category.passed", "category.none"]
    assert {each["category"]["sourcedId"] for each in vendor.body("/lineItems")} == {MARKER, "homework"}


def test_a_vendors_own_category_counts_once_a_teacher_has_mapped_it(acme) -> None:
    assert acme.put("category", "own", title="Projects", weight=10).status_code == 201
    assert acme.put("lineItem", "p-1", **assignment(category=ref("category", "own"))).status_code == 201
    first = Assignment.objects.get()
    assert (first.uncategorized, first.vendor_category.title) == (True, "Projects")
    assert acme.body("/lineItems/p-1")["category"]["sourcedId"] == "own"
    theirs, ours = Category.objects.get(sourced_id="own"), Category.objects.get(sourced_id="tests")
    CategoryMapping.objects.create(vendor_category=theirs, category=ours, made_by="teacher")
    for name in ("p-1", "p-2"):
        acme.put("lineItem", name, **assignment(category=ref("category", "own")))
        row = Assignment.objects.get(sourced_id=name)
        assert (row.category, row.task.sourced_id, row.aligned_by) == (ours, "algebra-q1", "mapping")
    assert acme.send("DELETE", "/categories/own").status_code == 422
    for name in ("p-1", "p-2"):
        assert acme.send("DELETE", f"/lineItems/{name}").status_code == 204
    assert acme.send("DELETE", "/categories/own").status_code == 204


def test_the_grading_task_is_the_one_named_else_that_of_the_period(acme) -> None:
    quarter, semester = GradingTask.objects.get(course__sourced_id="algebra"), Term.objects.get(sourced_id="fall")
    course = Course.objects.get(sourced_id="algebra")
    final = GradingTask.objects.create(course=course, title="Semester Grade")
    now = TaskPeriod.objects.first().modified
    TaskPeriod.objects.create(task=final, term=semester, sourced_id="algebra-final", modified=now)
    cases = {
        "due": ({}, "algebra-q1"),
        "period": ({"gradingPeriod": ref("academicSession", "q2")}, "algebra-q2"),
        "session": ({"academicSession": ref("academicSession", "fall")}, "algebra-final"),
        "named": ({"metadata": {"gradingTask": "algebra-q2"}}, "algebra-q2"),
        "gap": ({"dueDate": "2026-10-17"}, "algebra-final"),  # between the quarters only the semester holds the day
    }
    for name, (fields, task) in cases.items():
        acme.put("lineItem", name, **assignment(**fields))
        assert Assignment.objects.get(sourced_id=name).task.sourced_id == task, name
    habits = GradingTask.objects.create(course=course, title="Work habits", kind="standard")
    TaskPeriod.objects.create(task=habits, term=quarter.periods.first().term, sourced_id="habits", modified=now)
    answer = acme.put("lineItem", "two", **assignment())
    assert "Several grading tasks are possible: Quarter Grade, Work habits" in answer["X-OneRoster-Warning"]
    assert Assignment.objects.get(sourced_id="two").uncategorized
    assert receipt("two") == ("stored", ["task.several"])
    tasks = acme.body("/classes/algebra-1/categories")[0]["metadata"]["gradingTasks"]
    assert {"sourcedId": "algebra-q1", "title": "Quarter Grade", "gradingPeriod": "q1"} in tasks
    assert len(tasks) == 4


def test_rules_and_defaults_align_what_arrives_without_a_category(district) -> None:
    vendor, teacher = partner(version=11), Person.objects.get(sourced_id="teacher-lincoln")
    homework, tests = (Category.objects.get(sourced_id=name) for name in ("homework", "tests"))
    KeywordRule.objects.create(teacher=teacher, text="HW ", category=homework)
    task = GradingTask.objects.get(course__sourced_id="algebra")
    DefaultAlignment.objects.create(section=Section.objects.get(sourced_id="algebra-1"), category=tests, task=task)
    for name, title in (("hw", "hw 3: fractions"), ("other", "Chapter 3")):
        vendor.put("lineItem", name, **assignment(title=title, category=None, dueDate="2026-11-02"))
    told = {each.sourced_id: (each.category, each.aligned_by) for each in Assignment.objects.all()}
    assert told == {"hw": (homework, "rule"), "other": (tests, "default")}
    assert {each.task.sourced_id for each in Assignment.objects.all()} == {"algebra-q2"}
    vendor.put("lineItem", "hw", **assignment(title="hw 3: fractions", category=None, dueDate="2026-09-02"))
    assert Assignment.objects.get(sourced_id="hw").task.sourced_id == "algebra-q1"


def test_a_resend_overwrites_all_but_what_is_the_teachers(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    acme.put("result", "r-1", **score())
    tests = Category.objects.get(sourced_id="tests")
    Assignment.objects.update(
        title="Edited", points=5, multiplier=2, active=False, portal=False, category=tests, aligned_by="teacher"
    )
    Score.objects.update(score=1, late=True, comment="mine", dropped=True)
    assert acme.put("lineItem", "quiz-1", **assignment()).status_code == 200
    assert acme.put("result", "r-1", **score()).status_code == 200
    row, graded = Assignment.objects.get(), Score.objects.get()
    assert (row.title, row.points, row.multiplier, row.active, row.portal) == ("Quiz 1", 20, 2, False, False)
    assert (row.category, row.aligned_by) == (tests, "teacher")
    assert (graded.score, graded.late, graded.comment, graded.dropped) == (17.5, False, "", True)
    before = {each.kind: (each.actor, each.before) for each in Change.objects.all()}
    assert before["assignment"] == ("Acme", {"title": "Edited", "points": 5})
    assert before["score"][1] == {"score": "1.000000", "late": True, "comment": "mine"}


STATUSES = (
    (12, {"scoreStatus": "exempt"}, {"exempt"}, "exempt"),
    (12, {"scoreStatus": "submitted", "score": None}, {"turned_in"}, "submitted"),
    (12, {"scoreStatus": "partially graded"}, {"incomplete"}, "partially graded"),
    (12, {"scoreStatus": "not submitted", "score": None}, set(), "not submitted"),
    (12, {"scoreStatus": "fully graded", "late": "true", "missing": "false"}, {"late"}, "fully graded"),
    (12, {"scoreStatus": "ext:late"}, {"late"}, "ext:late"),
    (12, {"scoreStatus": "missing", "score": None}, {"missing"}, "not submitted"),
    (12, {"scoreStatus": "withdrawn"}, set(), "fully graded"),
    (11, {"scoreStatus": "not submitted", "score": None}, {"missing"}, "not submitted"),
    (11, {"scoreStatus": "submitted", "score": None}, {"turned_in"}, "submitted"),
)


def test_score_statuses_become_flags_and_an_absent_score_never_zero(district) -> None:
    vendors = {version: partner(version=version) for version in (11, 12)}
    for place, (version, sent, flags, status) in enumerate(STATUSES):
        vendor, item, name = vendors[version], f"quiz-{place}", f"r-{place}"
        vendor.put("lineItem", item, **assignment())
        answer = vendor.put("result", name, **score(lineItem=ref("lineItem", item), **sent))
        assert answer.status_code == 201, sent
        row = Score.objects.get(sourced_id=name)
        assert {flag for flag in Score.FLAGS if getattr(row, flag)} == flags, sent
        assert row.score == (None if "score" in sent else 17.5)
        told = vendor.body(f"/results/{name}")
        assert (told["scoreStatus"], "score" in told) == (status, "score" not in sent)
        unknown = "withdrawn sets no flag" in answer.get("X-OneRoster-Warning", "")
        assert unknown == (sent["scoreStatus"] == "withdrawn")


def test_what_is_not_graded_is_kept_returned_and_told(acme) -> None:
    objectives = [{"source": "case", "learningObjectiveIds": ["7d6f"]}]
    acme.put("lineItem", "quiz-1", **assignment(learningObjectiveSet=objectives, metadata={"lms": {"id": 7}}))
    told = acme.body("/lineItems/quiz-1")
    assert (told["learningObjectiveSet"], told["metadata"]["lms"]) == (objectives, {"id": 7})
    results = [{"source": "case", "learningObjectiveResults": [{"learningObjectiveId": "7d6f", "score": 3.0}]}]
    acme.put("result", "r-1", **score(score=None, textScore="B+", learningObjectiveSet=results))
    told = acme.body("/results/r-1")
    assert (told["textScore"], told["learningObjectiveSet"]) == ("B+", results)
    assert receipt("r-1") == ("stored", ["text.not_graded", "objectives.not_graded"])
    assert acme.put("result", "r-2", **score(student=ref("user", "bob"), score=300)).status_code == 201
    assert acme.body("/results/r-2")["score"] == 300.0
    answer = acme.put("result", "r-2", **score(student=ref("user", "bob"), scoreDate="2026-09-12T09:00:00Z", mood="x"))
    assert answer.status_code == 200
    assert acme.body("/results/r-2")["scoreDate"] == "2026-09-12"
    assert receipt("r-2") == ("changed", ["date.cut", "fields.ignored"])


def test_a_score_goes_to_a_student_of_the_class_in_a_line_item_that_is_there(acme) -> None:
    refused = acme.put("result", "r-1", **score())
    assert (refused.status_code, "Put the line item first" in refusal(refused)) == (422, True)
    acme.put("lineItem", "quiz-1", **assignment())
    for student, rule in (("cy", "student.elsewhere"), ("nobody", "student.unknown")):
        assert acme.put("result", "r-1", **score(student=ref("user", student))).status_code == 422
        assert receipt("r-1") == ("refused", [rule])
    RosterEntry.objects.filter(person__sourced_id="bob").update(end_date=dt.date(2026, 9, 1))
    assert acme.put("result", "r-2", **score(student=ref("user", "bob"))).status_code == 422
    assert acme.put("result", "r-1", **score()).status_code == 201
    second = acme.put("result", "r-9", **score())
    assert (second.status_code, "has the result r-1" in refusal(second)) == (422, True)
    wrong = acme.put("result", "r-1", **{**score(), "class": ref("class", "algebra-2")})
    assert wrong.status_code == 422


def test_only_the_application_that_made_it_may_change_it_by_whichever_connection(acme) -> None:
    acme.put("lineItem", "quiz-1", **assignment())
    acme.put("result", "r-1", **score())
    older, lincoln, other = partner(version=11), partner(schools=["lincoln"]), partner("Bolt")
    away = partner(schools=["washington"])
    assert older.put("lineItem", "quiz-1", **assignment(title="By 1.1")).status_code == 200
    assert lincoln.put("result", "r-1", **score(score=3)).status_code == 200
    for path, sent in (("lineItem", assignment()), ("result", score())):
        name = {"lineItem": "quiz-1", "result": "r-1"}[path]
        assert other.put(path, name, **sent).status_code == 403
        assert other.send("DELETE", f"/{path}s/{name}").status_code == 403
        assert other.get(f"/{path}s/{name}").status_code == 404
        assert other.ids(f"/{path}s") == []
        assert away.get(f"/{path}s/{name}").status_code == 404
        assert away.send("DELETE", f"/{path}s/{name}").status_code == 404
    assert away.put("lineItem", "bio", **assignment()).status_code == 422
    mine = Assignment.objects.create(
        sourced_id="mine", section=Section.objects.get(sourced_id="algebra-1"), title="By hand",
        assigned_at=PUBLISHED, due_at=PUBLISHED, due_on=PUBLISHED.date(), points=10, modified=PUBLISHED,
    )  # fmt: skip
    assert other.body("/lineItems/mine")["title"] == "By hand"
    assert other.put("lineItem", "mine", **assignment()).status_code == 403
    assert other.put("result", "r-8", **score(lineItem=ref("lineItem", mine.sourced_id))).status_code == 403


PUBLISHED = dt.datetime(2026, 10, 1, 18, 0, tzinfo=dt.UTC)


def test_only_partners_with_grade_book_shared_and_only_the_active_year(acme) -> None:
    assert acme.get("/lineItems", **{"x-vendor-authorization": "a:b"}).status_code == 200
    Section.objects.get(sourced_id="algebra-1").calendar.school_year.__class__.objects.update(active=False)
    assert acme.put("lineItem", "quiz-1", **assignment()).status_code == 422
    services.change_connection(acme.connection, actor="admin", share_gradebook=False)
    for method in ("GET", "PUT"):
        answer = acme.send(method, "/lineItems/quiz-1", {"lineItem": {}} if method == "PUT" else None)
        assert (answer.status_code, answer.json()["imsx_codeMajor"]) == (403, "failure")


def test_a_body_that_cannot_be_read_is_refused_field_by_field(acme) -> None:
    sent = assignment(resultValueMax="many", dueDate="soon", title=None, **{"class": "algebra-1"})
    told = refusal(acme.put("lineItem", "quiz-1", **sent))
    for field in ("resultValueMax: use a number", "dueDate: use a date", "title: it is missing", "class: send a ref"):
        assert f"lineItem.{field}" in told
    assert receipt("quiz-1") == ("refused", ["unreadable"])
    for body in ("{", "[]", '{"lineItems": []}', '{"lineItem": []}', '{"lineItem": {"sourcedId": "other"}}'):
        assert acme.send("PUT", "/lineItems/quiz-1", body).status_code == 422
    numbers = assignment(resultValueMax="20", resultValueMin="0")
    assert acme.put("lineItem", "quiz-1", **numbers).status_code == 201
    assert acme.body("/lineItems/quiz-1")["resultValueMax"] == 20.0


def test_scales_belong_to_a_class_and_are_kept_as_sent(acme) -> None:
    values = [{"itemValueLHS": "90-100", "itemValueRHS": "A"}, {"itemValueLHS": "0", "itemValueRHS": "F"}]
    scale = {"title": "Letters", "type": "letter", "class": ref("class", "algebra-1"), "scoreScaleValue": values}
    assert acme.put("scoreScale", "s-1", **scale).status_code == 201
    assert acme.put("scoreScale", "s-1", **scale).status_code == 200
    told = acme.body("/scoreScales/s-1")
    assert (told["scoreScaleValue"], told["class"]["sourcedId"], told["course"]["sourcedId"]) == (
        values, "algebra-1", "algebra",
    )  # fmt: skip
    assert acme.ids("/classes/algebra-1/scoreScales") == acme.ids("/schools/lincoln/scoreScales") == ["s-1"]
    assert acme.ids("/schools/washington/scoreScales") == []
    assert acme.put("lineItem", "quiz-1", **assignment(scoreScale=ref("scoreScale", "s-1"))).status_code == 201
    assert acme.body("/lineItems/quiz-1")["scoreScale"]["sourcedId"] == "s-1"
    assert acme.put("lineItem", "quiz-1", **assignment(scoreScale=ref("scoreScale", "no"))).status_code == 422
    assert acme.send("DELETE", "/scoreScales/s-1").status_code == 204
    assert "scoreScale" not in acme.body("/lineItems/quiz-1")
