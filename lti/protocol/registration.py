"""LTI Dynamic Registration 1.0: what we say about ourselves, what a tool asks for, and what it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti.protocol import assertion, custom, names
from lti.protocol.keys import ALGORITHM
from lti.protocol.login import is_sound
from lti.protocol.tokens import ALGORITHMS

LONGEST_NAME, MOST_URLS, MOST_CLAIMS = 200, 20, 50
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email")
SHARED = {"name": "name", "given_name": "name", "family_name": "name", "email": "email"}
"""What of a person a claim tells, by the switch that opens it."""


class Unacceptable(Exception):
    """A tool cannot be registered as it asks; `error` is the standard's word (RFC 7591)."""

    def __init__(self, description: str, error: str = "invalid_client_metadata") -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True)
class Addresses:
    """Our own addresses."""

    issuer: str
    authorization: str
    token: str
    key_set: str
    registration: str


@dataclass(frozen=True)
class Wish:
    """What a tool says about itself and asks for."""

    name: str
    login_url: str
    launch_url: str
    content_url: str
    redirect_urls: Sequence[str]
    key_set_url: str
    scopes: Sequence[str]
    claims: Sequence[str]
    messages: Sequence[str]
    custom: Mapping[str, str]
    policy_url: str = ""
    terms_url: str = ""

    @property
    def shared(self) -> set[str]:
        """Return what of a person it would like to know: name, email."""
        return {SHARED[claim] for claim in self.claims if claim in SHARED}


def configuration(ours: Addresses, version: str) -> dict[str, Any]:
    """Return what tools read about us first."""
    return {
        "issuer": ours.issuer,
        "authorization_endpoint": ours.authorization,
        "token_endpoint": ours.token,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "jwks_uri": ours.key_set,
        "registration_endpoint": ours.registration,
        "scopes_supported": ["openid", *names.SCOPES],
        "response_types_supported": ["id_token"],
        "response_modes_supported": ["form_post"],
        "grant_types_supported": ["implicit", assertion.GRANT],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": list(CLAIMS),
        names.PLATFORM_CONFIGURATION: {
            "product_family_code": names.FAMILY,
            "version": version,
            "messages_supported": [{"type": each} for each in names.MESSAGES],
            "variables": list(custom.VARIABLES),
        },
    }


def read(told: Any, *, loopback: bool) -> Wish:
    """Return what a tool asks for. Raises Unacceptable."""
    if not isinstance(told, Mapping):
        raise Unacceptable("The body must be a JSON object.")
    lti = told.get(names.TOOL_CONFIGURATION)
    if not isinstance(lti, Mapping):
        raise Unacceptable("The LTI tool configuration is missing.")
    if told.get("token_endpoint_auth_method", "private_key_jwt") != "private_key_jwt":
        raise Unacceptable("Tools sign in by private_key_jwt.")
    name = told.get("client_name")
    if not isinstance(name, str) or not name.strip():
        raise Unacceptable("client_name is missing.")
    redirects = _urls(told.get("redirect_uris"), "redirect_uris", loopback=loopback)
    if not redirects:
        raise Unacceptable("redirect_uris is missing.", "invalid_redirect_uri")
    messages = [each for each in _list(lti.get("messages")) if isinstance(each, Mapping)]
    chooses = next((each for each in messages if each.get("type") == names.CONTENT_REQUEST), {})
    launch = _url(lti, "target_link_uri", loopback=loopback)
    scopes = told.get("scope", "")
    return Wish(
        name=name.replace("\0", "").strip()[:LONGEST_NAME],
        login_url=_url(told, "initiate_login_uri", loopback=loopback),
        launch_url=launch,
        content_url=_url(chooses, "target_link_uri", loopback=loopback) if chooses.get("target_link_uri") else "",
        redirect_urls=redirects,
        key_set_url=_url(told, "jwks_uri", loopback=loopback),
        scopes=[each for each in names.SCOPES if isinstance(scopes, str) and each in scopes.split()],
        claims=[each for each in _list(lti.get("claims"))[:MOST_CLAIMS] if isinstance(each, str)],
        messages=[str(each.get("type"))[:LONGEST_NAME] for each in messages],
        custom=custom.read(lti.get("custom_parameters")),
        policy_url=_page(told.get("policy_uri")),
        terms_url=_page(told.get("tos_uri")),
    )


def answer(told: Mapping[str, Any], wish: Wish, *, client_id: str, deployment_id: str) -> dict[str, Any]:
    """Return the registration as it was taken down: what the tool said, with its ids and what it may have at most."""
    lti = {**told[names.TOOL_CONFIGURATION], "deployment_id": deployment_id, "version": names.VERSION}
    return {
        **{
            name: told[name]
            for name in ("client_name", "initiate_login_uri", "redirect_uris", "jwks_uri")
            if name in told
        },
        "client_id": client_id,
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", assertion.GRANT],
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(wish.scopes),
        names.TOOL_CONFIGURATION: lti,
    }


def _url(told: Mapping[str, Any], name: str, *, loopback: bool) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not is_sound(value, loopback=loopback):
        raise Unacceptable(f"{name} must be an https address without a name, password or fragment.")
    return value


def _urls(told: Any, name: str, *, loopback: bool) -> list[str]:
    listed = _list(told)
    if len(listed) > MOST_URLS or not all(
        isinstance(each, str) and is_sound(each, loopback=loopback) for each in listed
    ):
        raise Unacceptable(f"{name} must be at most {MOST_URLS} https addresses.", "invalid_redirect_uri")
    return list(listed)


def _page(told: Any) -> str:
    """Return the address of a page to read; blank when it is none."""
    return told if isinstance(told, str) and is_sound(told, loopback=False) else ""


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []
