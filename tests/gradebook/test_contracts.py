"""Grade book answers against the standard's own OpenAPI file, which this project may not carry, and our own goldens.

The folder ONEROSTER_OPENAPI_DIR names holds the file; the goldens beside this file hold the same facts everywhere.
"""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from gradebook.endpoints import ENDPOINTS
from interop.oneroster.openapi import document
from tests.gradebook.conftest import Partner, assignment, partner, ref, score

FOLDER = os.environ.get("ONEROSTER_OPENAPI_DIR", "")
FILE = "onerosterv1p2gradebookservice_openapi3_v1p0.json"
GOLDENS = Path(__file__).parent / "goldens"
needs_file = pytest.mark.skipif(not FOLDER, reason="ONEROSTER_OPENAPI_DIR names no folder with the official files")
OBJECTIVES = [{"source": "case", "learningObjectiveIds": ["7d6f2c1e"]}]
SCORED = [{"source": "case", "learningObjectiveResults": [{"learningObjectiveId": "7d6f2c1e", "score": 3.0}]}]
VALUES = [{"itemValueLHS": "90", "itemValueRHS": "A"}]


@pytest.fixture
def told(district, settings) -> dict[int, Partner]:
    """Partners of both versions; every kind of object is there with all it can have."""
    settings.PUBLIC_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["testserver"]
    acme = partner()
    scale = {"title": "Letters", "type": "letter", "class": ref("class", "algebra-1"), "scoreScaleValue": VALUES}
    full = {"metadata": {"lms": "7"}}
    answers = [
        acme.put("category", "own", title="Own", weight=12.5, **full),
        acme.put("scoreScale", "letters", course=ref("course", "algebra"), **scale, **full),
        acme.put(
            "lineItem", "quiz-1",
            **assignment(
                description="Chapter 1", scoreScale=ref("scoreScale", "letters"), learningObjectiveSet=OBJECTIVES,
                academicSession=ref("academicSession", "fall"), gradingPeriod=ref("academicSession", "q1"), **full,
            ),
        ),
        acme.put(
            "result", "r-1",
            **score(
                textScore="B+", comment="Good", late="true", inProgress="false", learningObjectiveSet=SCORED,
                scoreScale=ref("scoreScale", "letters"), **full,
            ),
        ),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {201}
    return {12: acme, 11: partner(version=11)}


SINGLES = {
    "category": "/categories/own", "lineItem": "/lineItems/quiz-1", "result": "/results/r-1",
    "scoreScale": "/scoreScales/letters",
}  # fmt: skip


def undated(record: dict) -> dict:
    return record | {"dateLastModified": "…"}


def test_every_kind_of_object_is_as_its_golden_says(told) -> None:
    for version, partner_of in told.items():
        for kind, path in SINGLES.items():
            if (version, kind) != (11, "scoreScale"):
                golden = json.loads((GOLDENS / f"{kind}-1.{version % 10}.json").read_text(encoding="utf-8"))
                assert {kind: undated(partner_of.body(path))} == golden, kind
                declared = next(each.declaration for each in ENDPOINTS if each.resource == kind)
                assert {field.name for field in declared.fields_in(version)} == set(golden[kind]), kind
    for version, wanted in ((12, 15), (11, 10)):  # and as our own document describes it
        whole, asked = document("gradebook", version), addresses(version, ("list", "single"))
        assert [found for each, path in asked if (found := problems(whole, each, told[version].get(path)))] == []
        assert len(asked) == wanted


def addresses(version: int, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    values = {
        "{class}": "algebra-1", "{school}": "lincoln", "{lineItem}": "quiz-1", "{student}": "ada",
        "{academicSession}": "q1",
    }  # fmt: skip
    found = []
    for each in ENDPOINTS:
        if each.kind in kinds and each.exists_in(version):
            path = SINGLES[each.resource] if each.kind == "single" else each.path
            for name, value in values.items():
                path = path.replace(name, value)
            found.append((each.operation, path))
    return found


@needs_file
def test_every_answer_validates_against_the_official_file(told) -> None:
    whole = json.loads((Path(FOLDER) / FILE).read_text(encoding="utf-8"))
    acme = told[12]
    found = [problems(whole, operation, acme.get(path)) for operation, path in addresses(12, ("list", "single"))]
    for operation, path in addresses(12, ("post",)):
        key = "lineItems" if operation.startswith("postLineItems") else "results"
        item = assignment() if key == "lineItems" else score(student=ref("user", "bob"))
        found.append(problems(whole, operation, acme.send("POST", path, {key: [{"sourcedId": "t", **item}]}), 201))
    for path, status in (("/lineItems/none", 404), ("/lineItems?filter=shoe='9'", 400)):
        operation = "getLineItem" if status == 404 else "getAllLineItems"
        found.append(problems(whole, operation, acme.get(path), status))
    found.append(problems(whole, "putLineItem", acme.put("lineItem", "x", **assignment(dueDate=None)), 422))
    assert [each for each in found if each] == []
    assert len(found) == 15 + 4 + 3


@needs_file
def test_every_operation_of_the_official_file_but_assessments_is_served() -> None:
    whole = json.loads((Path(FOLDER) / FILE).read_text(encoding="utf-8"))
    theirs = {
        (method.upper(), operation["operationId"])
        for path, methods in whole["paths"].items()
        for method, operation in methods.items()
        if "ssessment" not in path
    }
    assert {(each.method, each.operation) for each in ENDPOINTS if each.exists_in(12)} == theirs
    assert len(theirs) == 27


def problems(whole: dict, operation: str, answer, status: int = 200) -> list[str]:
    """What is wrong with an answer by a document."""
    found = next(
        each for path in whole["paths"].values() for each in path.values()
        if isinstance(each, dict) and each.get("operationId") == operation
    )  # fmt: skip
    assert answer.status_code == status, (operation, answer.status_code, answer.content[:300])
    schema = found["responses"][str(status)]["content"]["application/json"]["schema"]
    body = json.loads(b"".join(answer.streaming_content) if answer.streaming else answer.content)
    if status == 200:
        assert next(iter(body.values())), f"{operation} tells nothing"
    validator = jsonschema.Draft4Validator({**whole, **schema})
    return [f"{operation} {list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(body)]
