"""A vendor's assignments and scores arrive, are aligned and can be read again."""

from gradebook.models import Assignment, Score
from tests.gradebook.conftest import MARKER, assignment, partner, ref, score


def test_an_assignment_and_its_score_come_back_as_they_were_sent(acme) -> None:
    assert acme.put("lineItem", "quiz-1", **assignment()).status_code == 201
    assert acme.put("result", "r-1", **score()).status_code == 201
    told = acme.body("/lineItems/quiz-1")
    assert told["class"]["href"].endswith("/ims/oneroster/rostering/v1p2/classes/algebra-1")
    assert told | {"class": 0, "dateLastModified": 0} == {
        "sourcedId": "quiz-1", "status": "active", "dateLastModified": 0, "title": "Quiz 1",
        "assignDate": "2026-09-01T13:00:00.000Z", "dueDate": "2026-09-11T21:00:00.000Z", "class": 0,
        "school": told["school"], "category": told["category"], "gradingPeriod": told["gradingPeriod"],
        "resultValueMin": 0.0, "resultValueMax": 20.0, "metadata": {"gradingTask": "algebra-q1"},
    }  # fmt: skip
    assert (told["category"]["sourcedId"], told["gradingPeriod"]["sourcedId"]) == ("homework", "q1")
    result = acme.body("/results/r-1")
    assert (result["score"], result["student"]["sourcedId"], result["scoreStatus"]) == (17.5, "ada", "fully graded")
    row = Assignment.objects.get()
    assert (row.aligned_by, row.task.sourced_id, row.uncategorized) == ("vendor", "algebra-q1", False)
    older = partner(version=11)
    assert older.put("lineItem", "quiz-2", **assignment(category=None)).status_code == 201
    assert older.put("result", "r-2", **score(lineItem=ref("lineItem", "quiz-2"))).status_code == 201
    told = older.body("/lineItems/quiz-2")
    assert (told["category"]["sourcedId"], told["gradingPeriod"]["sourcedId"]) == (MARKER, "q1")
    assert older.body(f"/categories/{MARKER}")["title"] == "Uncategorized"
    assert older.ids("/classes/algebra-1/lineItems/quiz-2/results") == ["r-2"]
    assert older.ids("/classes/algebra-1/students/ada/results") == ["r-1", "r-2"]
    assert Score.objects.get(sourced_id="r-2").assignment.uncategorized
