"""The way of a launch: how it begins, what a tool must ask for then, and how errors are told to it (OpenID Connect)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 2000
"""Characters of a value a tool sends with its request; some put everything they know into their state."""
FIXED = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}


class Unanswerable(Exception):
    """The request is not told to the tool, because it is not known to come from it: only a page says what is wrong."""


class Wrong(Exception):
    """The tool asked for something else than a launch; `error` is what its redirect address is told."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True)
class Asked:
    """What the tool's request says; its state and nonce go back to it as they are."""

    client_id: str
    redirect_url: str
    login_hint: str
    message_hint: str
    state: str
    nonce: str


def beginning(
    *, issuer: str, client_id: str, deployment_id: str, target: str, login_hint: str, message_hint: str, framed: bool
) -> dict[str, str]:
    """Return the fields of the form that begins a launch at the tool's login address."""
    told = {
        "iss": issuer,
        "client_id": client_id,
        "lti_deployment_id": deployment_id,
        "target_link_uri": target,
        "login_hint": login_hint,
        "lti_message_hint": message_hint,
    }
    return told | ({"lti_storage_target": "_parent"} if framed else {})


def asked(told: Mapping[str, list[str]]) -> Asked:
    """Return what a request to the authorization address says. Raises Unanswerable.

    Extra parameters are passed over, as OpenID Connect demands; one that counts must not come twice.
    """
    found = {}
    for name in ("client_id", "redirect_uri", "login_hint", "lti_message_hint", "state", "nonce"):
        values = told.get(name, [])
        if len(values) > 1:
            raise Unanswerable(f"The tool sent {name} more than once.")
        found[name] = values[0] if values else ""
        if len(found[name]) > LONGEST or "\0" in found[name]:
            raise Unanswerable(f"The tool sent a {name} that cannot be right.")
    for name in ("client_id", "redirect_uri"):
        if not found[name]:
            raise Unanswerable(f"The tool did not send its {name}.")
    return Asked(
        found["client_id"], found["redirect_uri"], found["login_hint"], found["lti_message_hint"], found["state"],
        found["nonce"],
    )  # fmt: skip


def check_redirect(wanted: str, registered: Collection[str]) -> None:
    """The address is, sign by sign, one of those registered (OWASP ASVS 10.4.1). Raises Unanswerable."""
    if wanted not in registered:
        raise Unanswerable("The tool wants the answer at an address that is not registered for it.")


def check(told: Mapping[str, list[str]], request: Asked) -> None:
    """The tool asks for a launch and for nothing else. Raises Wrong."""
    for name, wanted in FIXED.items():
        given = told.get(name, [])
        words = given[0].split() if len(given) == 1 and name == "scope" else given
        if wanted not in words or len(given) > 1:
            raise Wrong("invalid_request", f"{name} must be {wanted}.")
    for name, value in (("nonce", request.nonce), ("login_hint", request.login_hint)):
        if not value:
            raise Wrong("invalid_request", f"{name} is missing.")
    if not request.message_hint:
        raise Wrong("invalid_request", "lti_message_hint is missing.")


def origin(url: str) -> str:
    """Return scheme, host and port of an address, as browsers compare them; blank for what is no web address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"https", "http"} or not host:
        return ""
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != usual else "")


def is_sound(url: str, *, loopback: bool) -> bool:
    """Return whether an address may be a tool's: https, without a name, password or fragment in it.

    With `loopback` http is good for this machine too: tools under development run there.
    """
    found = origin(url)
    if not found or len(url) > LONGEST or any(sign <= " " or sign in "\\\"<>;,'" for sign in url):
        return False
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None or parts.fragment:
        return False
    here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return parts.scheme == "https" or (loopback and here)
