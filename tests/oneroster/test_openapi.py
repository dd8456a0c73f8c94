"""The documents for developers say what the declarations say."""

from datetime import UTC, date, datetime

import jsonschema
import orjson
import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve

from interop.oneroster import docs, openapi
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.errors import error_body, unknown_object
from interop.oneroster.openapi import document
from interop.oneroster.render import encode
from interop.oneroster.routes import Route
from roster.endpoints import ENDPOINTS
from roster.wire import ENROLLMENT, USER

NAMES = [
    "/ims/oneroster/rostering/v1p2/discovery/onerosterv1p2rostersservice_openapi3_v1p0.json",
    "/ims/oneroster/rostering/v1p2/discovery/imsorv1p2_rostering_openapi3_v1p0.json",
    "/ims/oneroster/resources/v1p2/discovery/onerosterv1p2resourcesservice_openapi3_v1p0.json",
    "/ims/oneroster/resources/v1p2/discovery/imsorv1p2_resources_openapi3_v1p0.json",
]


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://portal.example.org"


def schema(service, name, version=12):
    whole = document(service, version)
    return {"$ref": f"#/components/schemas/{name}", "components": whole["components"]}


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


@pytest.mark.parametrize("service", ["rostering", "resources"])
def test_every_operation_is_described_once_with_its_scopes(service):
    whole = document(service, 12)
    described = {
        (
            path,
            operation["operationId"],
            frozenset(scope for each in operation["security"] for scope in each["OAuth2CC"]),
        )
        for path, methods in whole["paths"].items()
        for operation in methods.values()
    }
    assert described == {
        (each.path, each.operation, frozenset(each.scopes_in(12))) for each in ENDPOINTS if each.service == service
    }


@pytest.mark.parametrize(("service", "version"), [("rostering", 12), ("resources", 12), ("rostering", 11)])
def test_every_pointer_inside_a_document_leads_somewhere(service, version):
    whole = document(service, version)
    for pointer in set(references(whole)):
        found = whole
        for part in pointer.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_addresses_are_those_of_this_portal():
    whole = document("resources", 12)
    assert whole["servers"][0]["url"] == "https://portal.example.org/ims/oneroster/resources/v1p2"
    flow = whole["components"]["securitySchemes"]["OAuth2CC"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "https://portal.example.org/oauth2/token"
    assert set(flow["scopes"]) == {
        "https://purl.imsglobal.org/spec/or/v1p2/scope/resource.readonly",
        "https://purl.imsglobal.org/spec/or/v1p2/scope/resource-core.readonly",
    }


def test_rendered_records_and_errors_obey_the_schemas():
    head = {"sourcedId": "x", "status": "active", "dateLastModified": datetime(2026, 9, 1, tzinfo=UTC)}
    user = {
        **head,
        "enabledUser": True,
        "givenName": "Ada",
        "familyName": "",
        "roles": [{"roleType": "primary", "role": "student", "org": "lincoln", "beginDate": date(2026, 8, 31)}],
        "metadata": {"anything": 1},
    }
    enrollment = {**head, "user": "u", "class": "c", "school": "s", "role": "ext:coach", "primary": False}
    jsonschema.validate(orjson.loads(encode(USER, 12, user).doc), schema("rostering", "User"))
    jsonschema.validate(orjson.loads(encode(ENROLLMENT, 12, enrollment).doc), schema("rostering", "Enrollment"))
    for version in (11, 12):
        body = orjson.loads(error_body(version, unknown_object("user", "u"), "r"))
        jsonschema.validate(body, schema("rostering", "Error", version))


def test_a_made_up_field_disobeys_the_schema():
    record = {"sourcedId": "x", "status": "active", "dateLastModified": "2026-09-01T00:00:00.000Z", "shoeSize": 9}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, schema("rostering", "Demographics"))


@pytest.mark.parametrize("address", NAMES)
@pytest.mark.parametrize("end", ["", "/"])
def test_discovery_answers_under_both_names_without_a_token(address, end):
    match = resolve(address + end, urlconf=docs)
    response = match.func(RequestFactory().get(address + end), **match.kwargs)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert orjson.loads(response.content)["servers"][0]["url"] in "https://portal.example.org" + address


@pytest.mark.parametrize("slug", ["oneroster-1.2-rostering", "oneroster-1.2-resources", "oneroster-1.1"])
def test_every_listed_document_is_beside_the_page(slug):
    match = resolve(f"/api/docs/{slug}.json", urlconf=docs)
    response = match.func(RequestFactory().get("/"), **match.kwargs)
    assert orjson.loads(response.content)["openapi"] == "3.0.3"


def test_a_document_of_nothing_is_not_there():
    for service in ("gradebook", "rostering"):
        with pytest.raises(Http404):
            docs.discovery(RequestFactory().get("/"), service=service, name="shoes")
    with pytest.raises(Http404):
        docs.openapi_document(RequestFactory().get("/"), slug="oneroster-1.3")


def test_a_service_is_listed_as_soon_as_it_is_declared_and_routed(monkeypatch):
    categories = Endpoint("getAllCategories", "/categories", "org", "list", ("gradebook.readonly",), "gradebook")
    everything = (*ENDPOINTS, categories)
    monkeypatch.setattr(docs, "endpoints", lambda: everything)
    monkeypatch.setattr(openapi, "endpoints", lambda: everything)
    assert [each.slug for each in docs.listed()] == [
        "oneroster-1.2-rostering", "oneroster-1.2-resources", "oneroster-1.1",
    ]  # fmt: skip

    def routed(request):
        version = 11 if "/v1p1/" in request.path_info else 12
        return [Route(each, {}, version) for each in everything]

    monkeypatch.setattr(docs, "routes", routed)
    slugs = [f"oneroster-1.2-{service}" for service in ("rostering", "resources", "gradebook")]
    assert [each.slug for each in docs.listed()] == [*slugs, "oneroster-1.1"]
    page = docs.api_docs(RequestFactory().get("/api/docs/")).content.decode()
    assert 'id="getAllCategories"' in page
    assert 'id="oneroster-1.1-getAllUsers"' in page


def test_the_page_lists_every_operation_and_holds_no_inline_script_or_style():
    response = docs.api_docs(RequestFactory().get("/api/docs/"))
    page = response.content.decode()
    for endpoint in ENDPOINTS:
        assert f'id="{endpoint.operation}"' in page
    assert "<script>" not in page
    assert "style=" not in page
    assert "<style" not in page
    assert "http://" not in page.replace("https://purl.imsglobal.org", "")
