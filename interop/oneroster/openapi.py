"""OpenAPI 3 documents, made from the same declarations that route and render."""

from typing import Any

from django.conf import settings

from .endpoints import SCOPE_PREFIX, Endpoint
from .errors import BLANK_FIELDS, OLD_SPELLING
from .render import base_url
from .resource import V1P1, V1P2, Field, Resource, Service
from .routes import endpoints

Json = dict[str, Any]

TITLES: dict[str, str] = {"rostering": "Rostering", "resources": "Resources", "gradebook": "Gradebook"}
SCOPES = {
    "roster.readonly": "Read everything in the roster, relationships too, except demographics.",
    "roster-core.readonly": "Read the collections of the roster and their single objects.",
    "roster-demographics.readonly": "Read demographics.",
    "resource.readonly": "Read resources, also those of a class, a course or a user.",
    "resource-core.readonly": "Read resources.",
    "gradebook.readonly": "Read everything in the grade book.",
    "gradebook-core.readonly": "Read the collections of the grade book and their single objects.",
    "gradebook.createput": "Create and replace one's own assignments and scores.",
    "gradebook.createpost": "Create one's own assignments and scores.",
    "gradebook.delete": "Delete one's own assignments and scores.",
    "assessment.readonly": "Read assessments and their results.",
    "assessment.createput": "Create and replace one's own assessments and their results.",
    "assessment.delete": "Delete one's own assessments and their results.",
}
MINOR_CODES = (
    "fullsuccess",
    "invalid_filter_field",
    "invalid_selection_field",
    "invaliddata",
    "unauthorisedrequest",
    "forbidden",
    "server_busy",
    "unknownobject",
    "internal_server_error",
    "deletefailure",
)
REFUSALS = {
    "400": "A parameter is not usable; the description names it.",
    "401": "The access token is missing, wrong or expired.",
    "403": "The token lacks the scope of this endpoint.",
    "404": "There is no such object, or it is not shared with this connection.",
    "422": "The body is not acceptable; the description names each field.",
    "429": "Too many requests; Retry-After says when to go on.",
    "500": "The portal failed; the description holds the request id.",
}
LIMITS: Json = {
    "RateLimit-Policy": {"description": "The limits of this connection.", "schema": {"type": "string"}},
    "RateLimit": {"description": "How many more requests may come at once.", "schema": {"type": "string"}},
}
ALSO_REFUSED: dict[int, dict[str, str]] = {
    V1P1: {"401": "The access token or the signature is missing, wrong or expired."},
    V1P2: {},
}
"""What the answers mean otherwise in a version: requests of 1.1 may be signed instead (OAuth 1.0a)."""
PARAMETERS: dict[str, Json] = {
    "limit": {
        "description": "How many records to answer: any number from 0, or -1 for everything.",
        "schema": {"type": "integer", "format": "int64", "minimum": -1, "default": 100},
    },
    "offset": {
        "description": "How many records to pass over first.",
        "schema": {"type": "integer", "format": "int64", "minimum": 0, "default": 0},
    },
    "sort": {
        "description": "The field to sort by; parts are named with dots, like course.sourcedId.",
        "schema": {"type": "string"},
    },
    "orderBy": {
        "description": "The direction of sort.",
        "schema": {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
    },
    "filter": {
        "description": (
            "Comparisons like status='active' joined by AND or OR; AND binds tighter. Predicates: = != > >= < <= and ~"
            " (contains, whatever the case). A quote inside a value is doubled."
        ),
        "schema": {"type": "string"},
    },
    "fields": {
        "description": "Only these fields, separated by commas.",
        "schema": {"type": "array", "items": {"type": "string"}},
        "style": "form",
        "explode": False,
    },
}


def described(service: Service, version: int) -> list[Endpoint]:
    """The operations of one service in one version (1.1 has all services under one address)."""
    return [each for each in endpoints() if each.exists_in(version) and (version == V1P1 or each.service == service)]


def title(service: Service, version: int) -> str:
    """The name of a service for people."""
    return f"OneRoster 1.{version % 10}" + (f" {TITLES[service]}" if version > V1P1 else "")


def document(service: Service, version: int) -> Json:
    """The OpenAPI document of one service in one version."""
    served = described(service, version)
    resources = _reachable(served, version)
    schemas = {name: schema for each in resources for name, schema in _schemas(each, version).items()}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": title(service, version),
            "version": f"1.{version % 10}",
            "description": "What this district's portal offers to the applications it is connected with.",
        },
        "servers": [{"url": base_url(service, version), "description": "This portal"}],
        "tags": [{"name": each} for each in sorted({endpoint.resource for endpoint in served})],
        "paths": _paths(served, version),
        "components": {
            "schemas": {**schemas, "Reference": _REFERENCE, "Error": _error_schema(version)},
            "parameters": {name: {"name": name, "in": "query", **rest} for name, rest in PARAMETERS.items()},
            "responses": {code: _refusal(text) for code, text in (REFUSALS | ALSO_REFUSED[version]).items()},
            "securitySchemes": {"OAuth2CC": _security(served, version)},
        },
    }


def _paths(served: list[Endpoint], version: int) -> Json:
    found: Json = {}
    for each in served:
        found.setdefault(each.path, {})[each.method.lower()] = _operation(each, version)
    return found


def queries(endpoint: Endpoint) -> tuple[str, ...]:
    """The query parameters of an endpoint."""
    return {"list": tuple(PARAMETERS), "single": ("fields",)}.get(endpoint.kind, ())


def _operation(endpoint: Endpoint, version: int) -> Json:
    resource = endpoint.declaration
    query = queries(endpoint)
    writes = endpoint.method != "GET"
    path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": "A sourcedId, percent-encoded.",
            "schema": {"type": "string"},
        }
        for name in endpoint.parameters
    ]
    return {
        "operationId": endpoint.operation,
        "summary": _summary(endpoint, version),
        "tags": [endpoint.resource],
        "parameters": [*path, *({"$ref": f"#/components/parameters/{name}"} for name in query)],
        "security": [{"OAuth2CC": [scope]} for scope in endpoint.scopes_in(version)],
        **_request(endpoint, resource),
        "responses": {
            **_answers(endpoint, resource),
            **{
                code: {"$ref": f"#/components/responses/{code}"}
                for code in REFUSALS
                if (code != "404" or endpoint.parameters) and (code != "422" or writes)
            },
        },
    }


def _summary(endpoint: Endpoint, version: int) -> str:
    resource = endpoint.declaration
    words = {"single": "One", "put": "Create or replace one", "delete": "Delete one"}
    if endpoint.kind in words:
        return f"{words[endpoint.kind]} {resource.single}."
    where = " and ".join(f"{path} is {value}" for path, value in endpoint.where_in(version))
    role = f" as {endpoint.role}" if endpoint.role else ""
    parents = " in ".join(f"one {parent}" for parent in reversed(endpoint.parents))
    return (
        ("Create " if endpoint.kind == "post" else "The ")
        + resource.collection
        + (f" of {parents}{role}" if parents else "")
        + (f" whose {where}" if where else "")
        + "."
    )


def _request(endpoint: Endpoint, resource: Resource) -> Json:
    """The body of a PUT or POST; of what answers have, a client may leave out what the portal sets."""
    if endpoint.kind not in ("put", "post"):
        return {}
    return {"requestBody": {"required": True, "content": _content(endpoint, resource)}}


def _answers(endpoint: Endpoint, resource: Resource) -> Json:
    told = {"X-OneRoster-Warning": {"description": "What was changed on the way.", "schema": {"type": "string"}}}
    if endpoint.kind == "delete":
        return {"204": {"description": "Deleted."}}
    if endpoint.kind == "put":
        return {
            "201": {"description": "Created.", "headers": told},
            "200": {"description": "Replaced.", "headers": told},
        }
    if endpoint.kind == "post":
        pairs = {"type": "array", "items": _PAIR}
        schema = {"type": "object", "properties": {"sourcedIdPairs": pairs}, "required": ["sourcedIdPairs"]}
        content = {"application/json": {"schema": schema}}
        return {"201": {"description": "Created.", "headers": told, "content": content}}
    return {"200": _answer(endpoint, resource)}


def _content(endpoint: Endpoint, resource: Resource) -> Json:
    ref: Json = {"$ref": f"#/components/schemas/{_name(resource)}"}
    is_list = endpoint.kind in ("list", "post")
    key = resource.collection if is_list else resource.single
    return {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {key: {"type": "array", "items": ref} if is_list else ref},
                "required": [key],
                "additionalProperties": False,
            }
        }
    }


def _answer(endpoint: Endpoint, resource: Resource) -> Json:
    is_list = endpoint.kind == "list"
    total = {"description": "How many records match in all.", "schema": {"type": "integer"}}
    link = {"description": "Addresses of the next, previous, first and last page.", "schema": {"type": "string"}}
    return {
        "description": "The records asked for." if is_list else "The object asked for.",
        "headers": {"X-Total-Count": total, **({"Link": link} if is_list else {}), **LIMITS},
        "content": _content(endpoint, resource),
    }


def _reachable(served: list[Endpoint], version: int) -> list[Resource]:
    return list({each.resource: each.declaration for each in served if each.exists_in(version)}.values())


def _name(resource: Resource) -> str:
    return resource.object[0].upper() + resource.object[1:]


def _schemas(resource: Resource, version: int) -> Json:
    """The object's schema, and those of the objects inside it."""
    name = _name(resource)
    found: Json = {}
    found[name] = _object(resource.fields_in(version), version, name, found)
    return found


def _object(fields: tuple[Field, ...], version: int, owner: str, found: Json) -> Json:
    fields = tuple(field for field in fields if field.exists_in(version))
    required = [field.name for field in fields if field.required_in(version)]
    return {
        "type": "object",
        "properties": {field.name: _field(field, version, owner, found) for field in fields},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _field(field: Field, version: int, owner: str, found: Json) -> Json:
    schema = _value(field, version, owner, found)
    return {"type": "array", "items": schema} if field.many else schema


def _value(field: Field, version: int, owner: str, found: Json) -> Json:
    if field.kind == "object":
        name = owner + field.name[0].upper() + field.name[1:]
        found[name] = _object(field.parts, version, name, found)
        return {"$ref": f"#/components/schemas/{name}"}
    if field.kind == "enum":
        return _enum(field)
    simple: dict[str, Json] = {
        "string": {"type": "string"},
        "boolean": {"type": "string", "enum": ["true", "false"]},
        "date": {"type": "string", "format": "date"},
        "datetime": {"type": "string", "format": "date-time"},
        "float": {"type": "number"},
        "ref": {"$ref": "#/components/schemas/Reference"},
        "metadata": {"type": "object", "additionalProperties": True},
    }
    return simple[field.kind]


def _enum(field: Field) -> Json:
    listed: Json = {"type": "string", "enum": list(field.values)}
    if not field.extensible:
        return listed
    return {"anyOf": [listed, {"type": "string", "pattern": r"^ext:[a-zA-Z0-9.\-_]+$"}]}


_PAIR: Json = {
    "type": "object",
    "properties": {"suppliedSourcedId": {"type": "string"}, "allocatedSourcedId": {"type": "string"}},
    "required": ["suppliedSourcedId", "allocatedSourcedId"],
    "additionalProperties": False,
}
_REFERENCE: Json = {
    "type": "object",
    "description": "A pointer to another object.",
    "properties": {
        "href": {"type": "string", "format": "uri"},
        "sourcedId": {"type": "string"},
        "type": {"type": "string"},
    },
    "required": ["href", "sourcedId", "type"],
    "additionalProperties": False,
}


def _error_schema(version: int) -> Json:
    codes = list(MINOR_CODES)
    if version == V1P1:
        codes = [OLD_SPELLING.get(code, code) for code in (*codes, BLANK_FIELDS)]
    info: Json = {
        "imsx_codeMajor": {"type": "string", "enum": ["success", "processing", "failure", "unsupported"]},
        "imsx_severity": {"type": "string", "enum": ["status", "warning", "error"]},
        "imsx_description": {"type": "string"},
    }
    needed = ["imsx_codeMajor", "imsx_severity"]
    if version == V1P1:
        info |= {"imsx_codeMinor": {"type": "string", "enum": codes}, "imsx_messageRefIdentifier": {"type": "string"}}
        one = {"type": "object", "properties": info, "required": [*needed, "imsx_codeMinor"]}
        return {"type": "object", "properties": {"statusInfoSet": {"type": "array", "items": one}}}
    pair = {
        "imsx_codeMinorFieldName": {"type": "string", "default": "TargetEndSystem"},
        "imsx_codeMinorFieldValue": {"type": "string", "enum": codes},
    }
    field = {"type": "object", "properties": pair, "required": list(pair), "additionalProperties": False}
    minor = {"type": "array", "minItems": 1, "items": field}
    info["imsx_CodeMinor"] = {
        "type": "object",
        "properties": {"imsx_codeMinorField": minor},
        "required": ["imsx_codeMinorField"],
        "additionalProperties": False,
    }
    return {"type": "object", "properties": info, "required": needed, "additionalProperties": False}


def _refusal(text: str) -> Json:
    return {"description": text, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _security(served: list[Endpoint], version: int) -> Json:
    names = sorted({scope for endpoint in served for scope in endpoint.scopes})
    return {
        "type": "oauth2",
        "description": "Client credentials: the key and secret of a connection, sent as Basic header or form fields.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": f"{settings.PUBLIC_URL.rstrip('/')}/oauth2/token",
                "scopes": {SCOPE_PREFIX[version] + name: SCOPES[name] for name in names},
            }
        },
    }
