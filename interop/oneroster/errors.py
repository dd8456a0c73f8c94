"""How a refusal looks on the wire, in both versions. Descriptions tell the reader what to do."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import orjson

from .resource import V1P1, V1P2

BROKEN, LONGEST_SHOWN = 500, 80
BLANK_FIELDS = "invalid_blank_selection_field"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
CHALLENGE = {V1P1: 'OAuth realm="oneroster", Bearer realm="oneroster"', V1P2: 'Bearer realm="oneroster"'}
"""What a 401 asks for: a token, in 1.1 a signature or a token (RFC 9110 §11.6.1: several challenges, one header)."""
NEEDED = {
    V1P1: "A valid access token or a signature is needed. With a client id, ask the token endpoint for a token; with a "
    "consumer key, sign the request (OAuth 1.0a).",
    V1P2: "A valid access token is needed. Ask the token endpoint for a new one.",
}
"""What to tell a caller who sent neither."""

# 1.1 spells the minor codes with blanks; everything else is alike.
OLD_SPELLING = {
    "unknownobject": "unknown object",
    "invaliddata": "invalid data",
    "unauthorisedrequest": "unauthorized",
    "fullsuccess": "full success",
}


class OneRosterError(Exception):
    """A refusal: HTTP status, minor code (1.2 spelling), and a sentence for whoever reads the answer."""

    def __init__(self, status: int, code_minor: str, description: str, headers: Mapping[str, str] = NO_HEADERS) -> None:
        super().__init__(description)
        self.status = status
        self.code_minor = code_minor
        self.description = description
        self.headers = dict(headers)


def error_body(version: int, error: OneRosterError, request_id: str = "") -> bytes:
    """The JSON of an error: the bare status object in 1.2, the statusInfoSet list in 1.1."""
    info: dict[str, Any] = {
        "imsx_codeMajor": "unsupported" if error.status in (405, 501) else "failure",
        "imsx_severity": "error",
    }
    if version == V1P1:
        info["imsx_codeMinor"] = OLD_SPELLING.get(error.code_minor, error.code_minor)
        if request_id:
            info["imsx_messageRefIdentifier"] = request_id
        info["imsx_description"] = _clean(error.description)
        return orjson.dumps({"statusInfoSet": [info]})
    trace = f" Request id: {request_id}." if request_id and error.status >= BROKEN else ""
    info["imsx_description"] = _clean(error.description) + trace
    field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": error.code_minor}
    info["imsx_CodeMinor"] = {"imsx_codeMinorField": [field]}
    return orjson.dumps(info)


def unknown_object(what: str = "object", sourced_id: str = "") -> OneRosterError:
    """Absent and unseen objects alike."""
    name = f"{what} {_show(sourced_id)}" if sourced_id else what
    return OneRosterError(
        404,
        "unknownobject",
        f"Unknown Object: no {name} is shared with this connection. "
        "Check the sourcedId, and that the district shares its school.",
    )


def unknown_route(path: str = "") -> OneRosterError:
    """An address that is no endpoint."""
    return OneRosterError(
        404,
        "unknownobject",
        f"Unknown Object: there is no endpoint {_show(path)}. The API documentation lists all of them.".replace(
            "endpoint  ", "endpoint "
        ),
    )


def bad_filter(description: str) -> OneRosterError:
    """A filter that cannot be read or names an unknown field."""
    return OneRosterError(400, "invalid_filter_field", description)


def bad_fields(description: str) -> OneRosterError:
    """A `fields` parameter that names an unknown field."""
    return OneRosterError(400, "invalid_selection_field", description)


def blank_fields(version: int) -> OneRosterError:
    """A `fields` parameter with a blank name; 1.1 has a minor code of its own for it (OneRoster 1.1 §3.4)."""
    code = BLANK_FIELDS if version == V1P1 else "invalid_selection_field"
    return OneRosterError(
        400, code, "The parameter 'fields' has a blank name; give names like fields=sourcedId,status."
    )


def bad_parameter(name: str, description: str) -> OneRosterError:
    """Any other query parameter; the description names it."""
    return OneRosterError(400, "invaliddata", f"The parameter {_show(name)} is not usable: {description}")


def bad_data(description: str) -> OneRosterError:
    """A body that is well formed but not acceptable."""
    return OneRosterError(422, "invaliddata", description)


def unauthorised(description: str = NEEDED[V1P2]) -> OneRosterError:
    """No token, an expired or a revoked one; or a signature that opens nothing. What to send instead: CHALLENGE."""
    return OneRosterError(401, "unauthorisedrequest", description)


def forbidden(scopes: Sequence[str] = ()) -> OneRosterError:
    """A good token without the scope of the endpoint."""
    needed = " or ".join(scopes)
    text = f"This endpoint needs the scope {needed}. " if needed else "This connection may not read this. "
    return OneRosterError(
        403,
        "forbidden",
        text + "The district decides what a connection shares, and a token has only the scopes it was asked for.",
    )


def later_version() -> OneRosterError:
    """An endpoint that the version spoken does not have yet."""
    text = "OneRoster 1.1 has no such endpoint; it takes a connection of OneRoster 1.2."
    return OneRosterError(403, "forbidden", text)


def not_understood() -> OneRosterError:
    """A request that no endpoint could be asked for, such as one to a host that is not ours."""
    return OneRosterError(
        400, "invaliddata", "The portal did not understand the request. Check the host and the address you call."
    )


def method_not_allowed(method: str, allowed: Sequence[str]) -> OneRosterError:
    """A method the endpoint does not offer."""
    names = ", ".join(allowed)
    return OneRosterError(
        405, "invaliddata", f"The method {_show(method)} is not offered here; use {names}.", {"Allow": names}
    )


def not_acceptable() -> OneRosterError:
    """An Accept header that leaves no room for JSON."""
    return OneRosterError(406, "invaliddata", "Answers are JSON only: send Accept: application/json.")


def too_many(seconds: int) -> OneRosterError:
    """The caller's share of requests is used up for now."""
    return OneRosterError(
        429, "server_busy", f"Too many requests. Try again in {seconds} seconds.", {"Retry-After": str(seconds)}
    )


def unavailable(seconds: int = 30) -> OneRosterError:
    """The portal cannot answer at the moment."""
    return OneRosterError(
        503,
        "server_busy",
        f"The portal cannot answer now. Try again in {seconds} seconds.",
        {"Retry-After": str(seconds)},
    )


def internal() -> OneRosterError:
    """Something broke on our side."""
    return OneRosterError(
        500, "internal_server_error", "The portal failed to answer. Try again; if it stays, tell the district."
    )


def _show(text: str) -> str:
    """A piece of the request as it may be repeated: short, printable."""
    short = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
    return "".join(char if char.isprintable() else "?" for char in short)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
