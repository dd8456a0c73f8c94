"""Every answer validates against the standard's own OpenAPI files, which this project may not carry.

The folder ONEROSTER_OPENAPI_DIR names holds them; the goldens beside this file hold the same facts everywhere.
"""

import json
import os
import re
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest

from roster.endpoints import ENDPOINTS

FILES = {
    "rostering": "onerosterv1p2rostersservice_openapi3_v1p0.json",
    "resources": "onerosterv1p2resourcesservice_openapi3_v1p0.json",
}
FOLDER = os.environ.get("ONEROSTER_OPENAPI_DIR", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="ONEROSTER_OPENAPI_DIR names no folder with the official files")


def official(service: str) -> dict:
    return json.loads((Path(FOLDER) / FILES[service]).read_text(encoding="utf-8"))


def operation(document: dict, operation_id: str) -> dict:
    for path in document["paths"].values():
        for method in path.values():
            if isinstance(method, dict) and method.get("operationId") == operation_id:
                return method
    raise LookupError(operation_id)


def problems(document: dict, status: str, operation_id: str, answer: dict) -> list[str]:
    schema = operation(document, operation_id)["responses"][status]["content"]["application/json"]["schema"]
    validator = jsonschema.Draft4Validator({**document, **schema})
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(answer)]


def examples(vendor) -> dict[str, str]:
    """One id to put into each kind of path parameter, such that relationship lists are not empty."""
    base = "/rostering/v1p2"
    entry = vendor.body(f"{base}/enrollments?limit=1&filter=role='student' AND status='active'")["enrollments"][0]
    taught = vendor.body(
        f"{base}/enrollments?limit=1&filter=role='teacher' AND class.sourcedId='{entry['class']['sourcedId']}'"
    )["enrollments"][0]
    section = vendor.body(f"{base}/classes/{quoted(entry['class']['sourcedId'])}")["class"]
    return {
        "class": section["sourcedId"],
        "school": section["school"]["sourcedId"],
        "course": section["course"]["sourcedId"],
        "term": section["terms"][0]["sourcedId"],
        "student": entry["user"]["sourcedId"],
        "user": entry["user"]["sourcedId"],
        "teacher": taught["user"]["sourcedId"],
    }


def quoted(sourced_id: str) -> str:
    return quote(sourced_id, safe="")


def parameter_value(name: str, ids: dict[str, str]) -> str:
    key = re.sub(r"(SourcedId|_id|Id)$", "", name)
    return quoted(ids[key])


def test_every_operation_of_the_official_files_is_served() -> None:
    ours = {endpoint.operation for endpoint in ENDPOINTS if endpoint.exists_in(12)}
    theirs = {
        method["operationId"]
        for service in FILES
        for path in official(service)["paths"].values()
        for method in path.values()
        if isinstance(method, dict)
    }
    assert ours == theirs


def test_every_answer_validates_without_extra_properties_or_nulls(vendor) -> None:
    ids = examples(vendor)
    documents = {service: official(service) for service in FILES}
    failures: list[str] = []
    checked = 0
    for endpoint in ENDPOINTS:
        if not endpoint.exists_in(12):
            continue
        base = f"/{endpoint.service}/v1p2"
        if endpoint.kind == "single":
            many = vendor.body(f"{base}{endpoint.path.split('/{')[0]}?limit=3")
            for item in next(iter(many.values())):
                path = re.sub(r"{\w+}", lambda _, item=item: quoted(item["sourcedId"]), endpoint.path)
                failures += problems(documents[endpoint.service], "200", endpoint.operation, vendor.body(base + path))
                checked += 1
            continue
        path = re.sub(r"{(\w+)}", lambda match: parameter_value(match[1], ids), endpoint.path)
        failures += [
            f"{endpoint.operation} {problem}"
            for problem in problems(
                documents[endpoint.service], "200", endpoint.operation, vendor.body(f"{base}{path}?limit=-1")
            )
        ]
        checked += 1
    assert not failures, "\n".join(failures[:20])
    assert checked >= 46


@pytest.mark.parametrize(
    ("path", "status", "operation_id"),
    [
        ("/rostering/v1p2/users/nobody", "404", "getUser"),
        ("/rostering/v1p2/users?filter=shoe='x'", "400", "getAllUsers"),
        ("/rostering/v1p2/users?fields=shoe", "400", "getAllUsers"),
        ("/rostering/v1p2/users?limit=x", "400", "getAllUsers"),
    ],
)
def test_errors_validate_too(vendor, path: str, status: str, operation_id: str) -> None:
    response = vendor.get(path)
    assert str(response.status_code) == status
    assert problems(official("rostering"), status, operation_id, response.json()) == []
