"""Public pages for developers: the OpenAPI documents and `/api/docs/`. They hold no data of the district.

What they list follows from the declared endpoints: a service or version is there as soon as the router knows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, re_path
from django.urls.resolvers import URLPattern
from django.views.decorators.http import require_safe

from .endpoints import Endpoint
from .openapi import PARAMETERS, Json, described, document, queries, title
from .render import base_url
from .resource import V1P1, V1P2, Field, Resource, Service
from .routes import endpoints, routes

# Both names of a discovery document: the standard's own, and the one its conformance guide uses.
OFFICIAL: dict[Service, str] = {"rostering": "rosters", "resources": "resources", "gradebook": "gradebook"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Listed:
    """One OpenAPI document: a service of 1.2, or all of 1.1."""

    service: Service
    version: int

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return "oneroster-1.1" if self.version == V1P1 else f"oneroster-1.2-{self.service}"

    @property
    def base(self) -> str:
        """The path below which its operations are."""
        return base_url(self.service, self.version).removeprefix(settings.PUBLIC_URL.rstrip("/"))

    @property
    def served(self) -> list[Endpoint]:
        """Its operations, in the order they are declared."""
        return [each for each in described(self.service, self.version) if self._is_routed(each)]

    def _is_routed(self, endpoint: Endpoint) -> bool:
        request = HttpRequest()
        request.path_info = self.base + endpoint.path
        return any((route.endpoint, route.version) == (endpoint, self.version) for route in routes(request))


def listed() -> list[Listed]:
    """Return every document that has operations, 1.2 first."""
    services = [name for name in OFFICIAL if any(each.service == name for each in endpoints())]
    every = [*(Listed(name, V1P2) for name in services), Listed("rostering", V1P1)]
    return [each for each in every if each.served]


@require_safe
def discovery(_request: HttpRequest, service: Service, name: str) -> HttpResponse:
    """Answer the document of one service of 1.2, under either of the names the standard knows; else 404."""
    if name not in (OFFICIAL[service] + "service", service) or Listed(service, V1P2) not in listed():
        raise Http404
    return _document(Listed(service, V1P2))


@require_safe
def openapi_document(_request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the document of this name; else 404."""
    for each in listed():
        if each.slug == slug:
            return _document(each)
    raise Http404


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Answer a page of every operation with its parameters and fields, and a way to try it."""
    services = [
        {
            "title": title(each.service, each.version),
            "slug": each.slug,
            "base": each.base,
            "groups": [_group(resource, each) for resource in _resources(each)],
        }
        for each in listed()
    ]
    facts = {"services": services, "parameters": PARAMETERS, "public_url": settings.PUBLIC_URL.rstrip("/")}
    response = render(request, "api/docs.html", facts)
    response["Content-Security-Policy"] = POLICY
    return response


def _document(which: Listed) -> HttpResponse:
    body: Json = document(which.service, which.version)
    response = HttpResponse(orjson.dumps(body, option=orjson.OPT_INDENT_2), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=300"
    return response


def _resources(which: Listed) -> Iterator[Resource]:
    return iter({each.resource: each.declaration for each in which.served}.values())


def _group(resource: Resource, which: Listed) -> dict[str, object]:
    paths = document(which.service, which.version)["paths"]
    mine = [each for each in which.served if each.resource == resource.object]
    return {
        "name": resource.object,
        "operations": [_operation(each, which, paths[each.path][each.method.lower()]["summary"]) for each in mine],
        "fields": [_field(each, which.version) for each in resource.fields_in(which.version)],
    }


def _operation(endpoint: Endpoint, which: Listed, summary: str) -> dict[str, object]:
    return {
        "name": endpoint.operation,
        "id": endpoint.operation if which.version == V1P2 else f"{which.slug}-{endpoint.operation}",
        "method": endpoint.method,
        "path": endpoint.path,
        "summary": summary,
        "query": queries(endpoint),
        "parameters": endpoint.parameters,
        "scopes": endpoint.scopes_in(which.version),
    }


def _field(field: Field, version: int) -> dict[str, str]:
    kind = f"reference to {field.target}" if field.kind == "ref" else field.kind
    values = ", ".join(field.values) + (" or ext:…" if field.extensible else "")
    parts = ", ".join(part.name for part in field.parts if part.exists_in(version))
    return {
        "name": field.name,
        "kind": f"list of {kind}" if field.many else kind,
        "holds": values or parts,
        "required": "required" if field.required_in(version) else "",
    }


_DOCUMENT = r"^ims/oneroster/(?P<service>rostering|resources|gradebook)/v1p2/discovery/"
urlpatterns: list[URLPattern] = [
    re_path(_DOCUMENT + r"onerosterv1p2(?P<name>\w+)_openapi3_v1p0\.json/?$", discovery, name="discovery"),
    re_path(_DOCUMENT + r"imsorv1p2_(?P<name>\w+)_openapi3_v1p0\.json/?$", discovery, name="discovery_short"),
    re_path(r"^api/docs/(?P<slug>[\w.-]+)\.json/?$", openapi_document, name="openapi"),
    path("api/docs/", api_docs, name="api_docs"),
    path("api/docs", api_docs),
]
