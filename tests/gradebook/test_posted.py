"""Final grades through the API: a grading task of a class is a lineItem, a posted grade a result of it."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from gradebook.models import Assignment, GradingScale, GradingTask, PostedGrade, Receipt, SectionScale, TaskPeriod
from gradebook.plans import books
from gradebook.teaching import posting
from gradebook.teaching.access import Teacher
from interop.dates import district_day
from interop.oneroster.openapi import document
from roster.models import Person, Section
from tests.gradebook.conftest import Partner, assignment, partner, ref, score
from tests.gradebook.test_contracts import FILE, FOLDER, problems

GRADE = "ext_infiniteCampus_scoreGrade"
OPEN = "ext_infiniteCampus_isGradingWindowOpen"


@pytest.fixture
def task(acme: Partner) -> str:
    """The id of Algebra's grade of the first quarter, its window open today, with a scale."""
    today = district_day(timezone.now())
    scale, section = GradingScale.objects.create(title="Letters"), Section.objects.get(sourced_id="algebra-1")
    for at, (letter, minimum) in enumerate((("A", 90), ("B", 80), ("F", 0))):
        scale.ranges.create(sequence=at, score=letter, minimum=minimum)
    period = TaskPeriod.objects.get(sourced_id="algebra-q1")
    period.opens, period.closes = today, today + dt.timedelta(2)
    period.save()
    period.options.create(scale=scale)
    SectionScale.objects.create(
        sourced_id="scale-1", scale=scale, section=section, modified=timezone.now() - dt.timedelta(1)
    )
    return f"algebra-q1@{section.pk}"


def window(first: int | None, last: int = 0) -> None:
    """Move the window, in days from today."""
    today = district_day(timezone.now())
    days = (None, None) if first is None else (today + dt.timedelta(first), today + dt.timedelta(last))
    TaskPeriod.objects.filter(sourced_id="algebra-q1").update(opens=days[0], closes=days[1])


def final(task: str, **fields):
    """A result of a grading task."""
    return score(lineItem=ref("lineItem", task), **fields)


def refused(answer) -> str:
    assert answer.status_code == 422, answer.content
    return answer.json()["imsx_description"]


def test_grading_tasks_are_line_items_with_the_state_of_their_window(acme, task) -> None:
    told = acme.body(f"/lineItems/{task.replace('@', '%40')}")
    assert (told["title"], told["class"]["sourcedId"], told["gradingPeriod"]["sourcedId"]) == (
        "Quarter Grade", "algebra-1", "q1",
    )  # fmt: skip
    assert (told["resultValueMin"], told["resultValueMax"], told["scoreScale"]["sourcedId"]) == (0, 100, "scale-1")
    assert told["metadata"] == {
        "gradingTask": "algebra-q1", OPEN: True, "ext_infiniteCampus_isOneTime": False,
        "ext_infiniteCampus_isStandard": False,
    }  # fmt: skip
    assert acme.ids(f"/lineItems?filter=sourcedId='{task}'", tasks=True) == [task]
    assert len(acme.ids("/classes/algebra-1/lineItems", tasks=True)) == 2
    since = timezone.now() - dt.timedelta(3)
    TaskPeriod.objects.update(modified=since)
    window(-5, -1)  # it closed last night: a delta since yesterday noon tells it once more
    yesterday = dt.datetime.combine(district_day(timezone.now()) - dt.timedelta(1), dt.time(12), dt.UTC)
    [late] = [
        each for each in acme.body(f"/lineItems?filter=dateLastModified>'{yesterday.isoformat()}'")
        if each["sourcedId"] == task
    ]  # fmt: skip
    assert late["metadata"][OPEN] is False
    older, lincoln, away = partner(version=11), partner(schools=["lincoln"]), partner(schools=["washington"])
    assert older.body(f"/lineItems/{task}")["category"]["sourcedId"] == "11111111-1111-1111-1111-111111111111"
    assert len(lincoln.ids("/lineItems", tasks=True)) == 4
    assert away.get(f"/lineItems/{task}").status_code == 404
    GradingTask.objects.update(external_lms_exclude=True)
    assert acme.get(f"/lineItems/{task}").status_code == 404


def test_a_percentage_finds_its_score_a_score_stays_alone_and_both_stay_as_given(acme, task) -> None:
    assert acme.put("result", "final-1", **final(task, score=84.5, comment="Well done")).status_code == 201
    told = acme.body("/results/final-1")
    assert (told["score"], told["textScore"], told["comment"]) == (84.5, "B", "Well done")
    assert told["metadata"] == {
        GRADE: "B", "ext_infiniteCampus_isAssignmentResult": False, "ext_infiniteCampus_schoolSourcedId": "lincoln",
    }  # fmt: skip
    assert acme.put("result", "final-1", **final(task, score=84.5, comment="Well done")).status_code == 200
    assert acme.body("/results/final-1")["dateLastModified"] == told["dateLastModified"], "a replay changes nothing"
    alone = final(task, score=None, metadata={GRADE: "A"})
    assert acme.put("result", "final-1", **alone).status_code == 200
    row = PostedGrade.objects.get()
    assert (row.percent, row.score, row.posted_by, row.owner.name) == (None, "A", "Acme", "Acme")
    assert acme.put("result", "final-1", **final(task, score=12, metadata={GRADE: "A"})).status_code == 200
    row.refresh_from_db()
    assert (row.percent, row.score) == (Decimal(12), "A")
    assert "not a score of the grading scale, which has A, B, F" in refused(
        acme.put("result", "final-1", **final(task, score=None, metadata={GRADE: "Z"}))
    )
    assert "neither a percentage nor a score" in refused(acme.put("result", "final-1", **final(task, score=None)))
    row.refresh_from_db()
    assert (row.percent, row.score) == (Decimal(12), "A")


def test_grades_are_posted_within_the_window_by_one_owner_for_students_of_the_class(acme, task) -> None:
    body = final(task, score=91)
    window(None)
    assert "No grading window is set for Quarter Grade" in refused(acme.put("result", "final-1", **body))
    window(-3, -1)
    assert "is closed; grades are posted from" in refused(acme.put("result", "final-1", **body))
    assert Receipt.objects.get(sourced_id="final-1").outcome == "refused"
    window(0)
    assert "not enrolled" in refused(acme.put("result", "final-1", **final(task, student=ref("user", "cy"))))
    assert "no line item" in refused(acme.put("result", "final-1", **final("algebra-q1@999999")))
    assert partner(schools=["washington"]).put("result", "final-1", **body).status_code == 422
    assert not PostedGrade.objects.exists()
    assert acme.put("result", "final-1", **body).status_code == 201
    other = partner("Bolt")
    assert (other.get("/results/final-1").status_code, other.ids("/results")) == (404, [])
    assert other.put("result", "final-1", **body).status_code == 403
    assert "has the result final-1 in" in refused(other.put("result", "final-2", **body))
    assert "another line item" in refused(acme.put("result", "final-1", **final(task, student=ref("user", "bob"))))
    assert acme.put("lineItem", task, **assignment()).status_code == 403, "a grading task is the district's"
    assert acme.send("DELETE", f"/lineItems/{task}").status_code == 403
    acme.put("lineItem", "quiz-1", **assignment())
    assert "another line item" in refused(acme.put("result", "final-1", **score(student=ref("user", "bob"))))
    assert acme.put("result", "r-1", **score()).status_code == 201
    assert "another line item" in refused(acme.put("result", "r-1", **final(task, student=ref("user", "bob"))))
    window(-3, -1)
    assert "is closed" in refused(acme.send("DELETE", "/results/final-1"))
    window(0)
    assert acme.send("DELETE", "/results/final-1").status_code == 204
    assert acme.get("/results/final-1").status_code == 404
    deleted = acme.body("/results?filter=dateLastModified>'2020-01-01' AND status='tobedeleted'")
    assert [each["sourcedId"] for each in deleted] == ["final-1"]
    refusing = partner("Off", share_gradebook=False)
    assert refusing.put("result", "x", **body).status_code == 403


def test_what_a_teacher_posts_is_the_districts_and_stays(acme, task) -> None:
    acme.put("result", "final-1", **final(task, score=91))
    section, ada = Section.objects.get(sourced_id="algebra-1"), Person.objects.get(sourced_id="ada")
    book = books([section.pk])[section.pk]
    teacher = Teacher(Person.objects.get(sourced_id="teacher-lincoln"), district_day(timezone.now()))
    [period] = [each for each in book.periods.values() if each.term_title == "Quarter 1"]
    posting.post(teacher, section, period, {ada.pk: posting.Grade(Decimal(79), "C", "")})
    for sourced_id in ("final-1", "final-2"):
        told = refused(acme.put("result", sourced_id, **final(task, score=95)))
        assert "The district has posted the grade of ada itself" in told
    [seen] = partner("Bolt").body(f"/classes/algebra-1/lineItems/{task}/results")
    assert (seen["score"], seen["metadata"][GRADE]) == (79, "C")


def test_lists_of_final_grades_are_all_or_none_and_every_answer_is_as_the_documents_say(acme, task) -> None:
    lines = [{"sourcedId": f"t-{who}", **final(task, student=ref("user", who), score=88)} for who in ("ada", "bob")]
    path = f"/lineItems/{task}/results"
    wrong = [lines[0], {**lines[1], "student": ref("user", "cy")}]
    assert acme.send("POST", path, {"results": wrong}).status_code == 422
    assert not PostedGrade.objects.exists()
    first = acme.send("POST", path, {"results": lines}).json()["sourcedIdPairs"]
    assert [pair["suppliedSourcedId"] for pair in first] == ["t-ada", "t-bob"]
    lines[0]["score"] = 70
    again = acme.send("POST", "/classes/algebra-1/academicSessions/q1/results", {"results": lines})
    assert again.json()["sourcedIdPairs"] == first, "each student keeps the result there is"
    assert sorted(PostedGrade.objects.values_list("percent", "score")) == [(70, "F"), (88, "B")]
    assert len(acme.ids(f"/results?filter=lineItem.sourcedId='{task}'")) == 2
    assert acme.ids("/results?filter=lineItem.sourcedId='quiz-9'") == []
    older = partner(version=11)
    asked = [
        ("getLineItem", f"/lineItems/{task}"), ("getAllLineItems", "/lineItems"), ("getAllResults", "/results"),
        ("getResult", f"/results/{first[0]['allocatedSourcedId']}"),
        ("getResultsForLineItemForClass", f"/classes/algebra-1{path}"),
        ("getResultsForStudentForClass", "/classes/algebra-1/students/ada/results"),
    ]  # fmt: skip
    wholes = [(document("gradebook", 12), acme), (document("gradebook", 11), older)]
    if FOLDER:
        wholes.append((json.loads((Path(FOLDER) / FILE).read_text(encoding="utf-8")), acme))
    found = [problems(whole, name, who.get(where)) for whole, who in wholes for name, where in asked]
    assert [each for each in found if each] == []
    assert Assignment.objects.count() == 0
