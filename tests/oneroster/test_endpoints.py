"""The tables of operations and objects, against the facts of the standard."""

import json
import os
from pathlib import Path

import pytest

from interop.oneroster.resource import REGISTRY
from roster.endpoints import ENDPOINTS, PARENTS, RESOURCES, ROSTERING

FILES = {
    "rostering": "onerosterv1p2rostersservice_openapi3_v1p0.json",
    "resources": "onerosterv1p2resourcesservice_openapi3_v1p0.json",
}


def test_all_operations_of_1_2_are_there_once():
    assert (len(ROSTERING), len(RESOURCES)) == (41, 5)
    assert len({each.operation for each in ENDPOINTS}) == len({each.path for each in ENDPOINTS}) == 46
    assert sum(each.cert for each in ROSTERING) == 22


def test_1_1_lacks_only_the_resources_of_a_user():
    assert [each.operation for each in ENDPOINTS if not each.exists_in(11)] == ["getResourcesForUser"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.operation)
def test_every_row_makes_sense_in_every_version_it_exists_in(endpoint):
    for version in (11, 12):
        if not endpoint.exists_in(version):
            continue
        if endpoint.where:
            assert endpoint.where_in(version), "a fixed condition must hold in every version"
        for path in endpoint.links:
            assert endpoint.declaration.field(path, version)
        assert all(
            scope.startswith(f"https://purl.imsglobal.org/spec/or/v1p{version % 10}/scope/")
            for scope in endpoint.scopes_in(version)
        )
    assert set(endpoint.parents) <= set(PARENTS)
    assert bool(endpoint.source) == bool(endpoint.parents)
    if endpoint.source == "links":
        assert len(endpoint.links) == len(endpoint.parents)


def test_only_demographics_open_with_the_demographics_scope():
    opened = {each.operation for each in ENDPOINTS if "roster-demographics.readonly" in each.scopes}
    assert opened == {"getAllDemographics", "getDemographics"}


def test_every_reference_points_at_a_declared_object():
    def targets(fields):
        for field in fields:
            if field.kind == "ref":
                yield field.target
            yield from targets(field.parts)

    for resource in list(REGISTRY.values()):
        assert set(targets(resource.fields)) <= set(REGISTRY)


def test_dotted_paths_lead_through_references_objects_and_metadata_only():
    user = REGISTRY["user"]
    assert user.field("roles.org.sourcedId", 12).many
    assert user.field("metadata.interop.size", 12).kind == "string"
    assert user.field("userProfiles.credentials.username", 12)
    assert user.field("roles", 11) is None
    assert user.field("role", 12) is None
    assert user.field("givenName.x", 12) is None
    assert user.field("primaryOrg.name", 12) is None


official = pytest.mark.skipif(
    not os.environ.get("ONEROSTER_OPENAPI_DIR"), reason="the official files may not travel with the project"
)


def published(service):
    return json.loads((Path(os.environ["ONEROSTER_OPENAPI_DIR"]) / FILES[service]).read_text())


@official
@pytest.mark.parametrize("service", FILES)
def test_operations_and_scopes_are_those_of_the_official_document(service):
    theirs = {
        operation["operationId"]: (
            path.count("{"),
            [part for part in path.split("/") if part and "{" not in part],
            set(operation["security"][0]["OAuth2CC"]),
        )
        for path, methods in published(service)["paths"].items()
        for operation in methods.values()
    }
    ours = {
        each.operation: (
            each.path.count("{"),
            [part for part in each.path.split("/") if part and "{" not in part],
            set(each.scopes_in(12)),
        )
        for each in ENDPOINTS
        if each.service == service
    }
    assert ours == theirs


@official
@pytest.mark.parametrize("name", sorted(name for name, each in REGISTRY.items() if each.service in FILES))
def test_fields_are_those_of_the_official_document(name):
    resource = REGISTRY[name]
    schemas = published(resource.service)["components"]["schemas"]
    single = next(
        schema
        for key, schema in schemas.items()
        if key.startswith("Single") and resource.single in schema["properties"]
    )
    theirs = schemas[single["properties"][resource.single]["$ref"].rpartition("/")[2]]
    assert {field.name for field in resource.fields_in(12)} == set(theirs["properties"])
    assert {field.name for field in resource.fields_in(12) if field.required_in(12)} == set(theirs["required"])
    for field in resource.fields_in(12):
        schema = theirs["properties"][field.name]
        assert (schema.get("type") == "array") == field.many, field.name
        schema = schema.get("items", schema)
        schema = (schema.get("anyOf") or [schema])[0]
        if field.kind == "enum":
            assert set(field.values) == set(schema["enum"]), field.name
