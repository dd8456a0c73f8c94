"""Answers about assessments against the standard's own OpenAPI file, where its folder is named, and our goldens."""

import json
from pathlib import Path

import pytest

from assessments.endpoints import ENDPOINTS
from interop.oneroster.openapi import document
from tests.assessments.conftest import exam, examiner, taken
from tests.gradebook.conftest import ref
from tests.gradebook.test_contracts import FILE, FOLDER, OBJECTIVES, SCORED, VALUES, needs_file, problems, undated

GOLDENS = Path(__file__).parent / "goldens"
SINGLES = {"assessmentLineItem": "/assessmentLineItems/math", "assessmentResult": "/assessmentResults/r-1"}
OPERATIONS = {each.operation: (each.method, each.path) for each in ENDPOINTS}


@pytest.fixture
def acme(district, settings):
    """A partner whose objects have all they can have."""
    settings.PUBLIC_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["testserver"]
    acme = examiner(share_gradebook=True)
    full = {"metadata": {"form": "B"}}
    named = {"scoreScale": ref("scoreScale", "letters")}
    scale = {"title": "Letters", "type": "letter", "class": ref("class", "algebra-1"), "scoreScaleValue": VALUES}
    answers = [
        acme.put("scoreScale", "letters", **scale),
        acme.put("assessmentLineItem", "state", **exam()),
        acme.put(
            "assessmentLineItem", "math",
            **exam(
                "state", description="Grade 7", learningObjectiveSet=OBJECTIVES, **{"class": ref("class", "algebra-1")},
                **named, **full,
            ),
        ),
        acme.put(
            "assessmentResult", "r-1",
            **taken(
                score=95, scorePercentile=88.5, textScore="A", comment="calm", late="true", missing="false",
                incomplete="false", inProgress="false", learningObjectiveSet=SCORED, **named, **full,
            ),
        ),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [201] * 4
    return acme


def test_both_objects_are_as_their_goldens_say_and_leave_no_field_out(acme) -> None:
    for kind, path in SINGLES.items():
        golden = json.loads((GOLDENS / f"{kind}.json").read_text(encoding="utf-8"))
        assert {kind: undated(acme.body(path))} == golden, kind
        declared = next(each.declaration for each in ENDPOINTS if each.resource == kind)
        assert {field.name for field in declared.fields_in(12)} == set(golden[kind]), kind


@needs_file
def test_every_operation_is_served_and_every_answer_validates_against_the_official_file(acme) -> None:
    whole = json.loads((Path(FOLDER) / FILE).read_text(encoding="utf-8"))
    theirs = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in whole["paths"].items()
        for method, operation in methods.items()
        if "ssessment" in path
    }
    assert theirs == OPERATIONS
    cases = [
        *((operation, path.replace("{sourcedId}", SINGLES[_kind(path)].rpartition("/")[2]), 200)
          for operation, (method, path) in OPERATIONS.items() if method == "GET"),
        ("getAssessmentLineItem", "/assessmentLineItems/none", 404),
        ("getAllAssessmentResults", "/assessmentResults?filter=shoe='9'", 400),
    ]  # fmt: skip
    found = [problems(whole, operation, acme.get(path), status) for operation, path, status in cases]
    late = acme.put("assessmentResult", "r-2", **taken("never"))
    assert [each for each in [*found, problems(whole, "putAssessmentResult", late, 422)] if each] == []


def _kind(path: str) -> str:
    return next(kind for kind in SINGLES if kind in path)


def test_the_documentation_describes_assessments_and_1_1_has_none() -> None:
    told = document("gradebook", 12)
    assert {
        name: told["paths"][path][method.lower()]["operationId"] for name, (method, path) in OPERATIONS.items()
    } == {name: name for name in OPERATIONS}
    assert not [path for path in document("rostering", 11)["paths"] if "ssessment" in path]
