"""Public pages for developers: the discovery documents and `/api/docs/`. They hold no data of the district."""

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, re_path
from django.urls.resolvers import URLPattern
from django.views.decorators.http import require_safe

from .endpoints import Endpoint
from .openapi import PARAMETERS, TITLES, document
from .resource import Field, Service
from .routes import endpoints

# Both names of a discovery document: the standard's own, and the one its conformance guide uses.
OFFICIAL = {"rostering": "rosters", "resources": "resources"}
SERVED: dict[str, Service] = {"rostering": "rostering", "resources": "resources"}
VERSION = 12


@require_safe
def discovery(_request: HttpRequest, service: str, name: str) -> HttpResponse:
    """The OpenAPI document of one service, under either of its names."""
    if service not in SERVED or name not in (OFFICIAL[service] + "service", service):
        raise Http404
    response = HttpResponse(
        orjson.dumps(document(SERVED[service], VERSION), option=orjson.OPT_INDENT_2), content_type="application/json"
    )
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters and fields, and a way to try it."""
    services = [
        {
            "name": service,
            "title": f"OneRoster 1.2 {TITLES[service]}",
            "document": f"/ims/oneroster/{service}/v1p2/discovery/onerosterv1p2{official}service_openapi3_v1p0.json",
            "base": f"/ims/oneroster/{service}/v1p2",
            "operations": [_described(each) for each in endpoints() if each.service == service],
        }
        for service, official in OFFICIAL.items()
    ]
    return render(request, "api/docs.html", {"services": services, "parameters": PARAMETERS})


def _described(endpoint: Endpoint) -> dict[str, object]:
    return {
        "operation": endpoint.operation,
        "path": endpoint.path,
        "is_list": endpoint.kind == "list",
        "parameters": endpoint.parameters,
        "scopes": endpoint.scopes_in(VERSION),
        "fields": [_field(each) for each in endpoint.declaration.fields_in(VERSION)],
    }


def _field(field: Field) -> dict[str, str]:
    kind = f"reference to {field.target}" if field.kind == "ref" else field.kind
    return {
        "name": field.name,
        "kind": f"list of {kind}" if field.many else kind,
        "parts": ", ".join(part.name for part in field.parts if part.exists_in(VERSION)),
        "required": "required" if field.required_in(VERSION) else "",
    }


_DOCUMENT = r"^ims/oneroster/(?P<service>rostering|resources)/v1p2/discovery/"
urlpatterns: list[URLPattern] = [
    re_path(_DOCUMENT + r"onerosterv1p2(?P<name>\w+)_openapi3_v1p0\.json/?$", discovery, name="discovery"),
    re_path(_DOCUMENT + r"imsorv1p2_(?P<name>\w+)_openapi3_v1p0\.json/?$", discovery, name="discovery_short"),
    path("api/docs/", api_docs, name="api_docs"),
    path("api/docs", api_docs),
]
