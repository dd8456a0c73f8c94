"""What programs of tools read without a token: our keys, what we are; and how they register and prove who they are."""

import datetime as dt
from http import HTTPStatus

import orjson
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from connections import guessing
from connections.models import SharingSettings
from connections.oauth2 import RETRY, form_fault, refusal, too_many
from interop.version import installed
from lti import addresses, keys, services, tools
from lti.access import Closed
from lti.models import Tool
from lti.protocol import assertion, registration
from lti.protocol.registration import Unacceptable
from lti.protocol.tokens import Refused
from lti.views import limiting

LARGEST = 65_536
"""Bytes of a document a tool sends."""
REGISTERING = "lti registration"
"""Whose guesses at registration words are: nobody's in particular, so that each address has one limit."""


class Unreadable(Exception):
    """The body is no JSON document of a reasonable size."""


@login_not_required
@require_http_methods(["GET", "HEAD"])
def key_set(_request: HttpRequest) -> HttpResponse:
    """GET /lti/jwks: our public keys; tools keep them for an hour."""
    answer = JsonResponse(keys.key_set(timezone.now()))
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@login_not_required
@require_http_methods(["GET", "HEAD"])
def configuration(_request: HttpRequest) -> HttpResponse:
    """GET /lti/openid-configuration: what tools read before they register."""
    return JsonResponse(registration.configuration(addresses.ours(), installed()))


@csrf_exempt
@login_not_required
@require_http_methods(["POST"])
def register(request: HttpRequest) -> HttpResponse:
    """POST /lti/register: a tool registers itself with the one-time word it was given."""
    return _register(request)


@transaction.atomic
def _register(request: HttpRequest) -> HttpResponse:
    """Answer by the limit on guessing: words that are not good count like wrong secrets."""
    attempt = guessing.Attempt(REGISTERING, str(request.META.get("REMOTE_ADDR", "")))
    if (wait := guessing.wait_for(attempt)) is not None:
        return too_many(wait)
    try:
        told = tools.register(bearer(request), document(request), timezone.now())
    except PermissionError:
        guessing.failed(attempt)
        return unauthorized("The registration token is missing, was used before, or is over.")
    except Unreadable as wrong:
        return refusal(400, "invalid_client_metadata", str(wrong))
    except Unacceptable as wrong:
        return refusal(400, wrong.error, str(wrong))
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


@csrf_exempt
@login_not_required
@sensitive_post_parameters("client_assertion")
@require_http_methods(["POST"])
def token(request: HttpRequest) -> HttpResponse:
    """POST /lti/token: a token for what the tool may do, against a proof it signed itself."""
    answer = _token(request)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Pragma"] = "no-cache"
    return answer


@transaction.atomic
def _token(request: HttpRequest) -> HttpResponse:
    """Answer by the rules and limits of the vendors' token address."""
    if (wrong := _form_fault(request)) is not None:
        return refusal(400, *wrong)
    form, address = request.POST, str(request.META.get("REMOTE_ADDR", ""))
    district = SharingSettings.load()
    if district.stopped:
        return stopped()
    told, now = form.get("client_assertion", ""), timezone.now()
    attempt = guessing.Attempt(_claimed(told), address)
    if (wait := guessing.wait_for(attempt)) is not None:
        return too_many(wait)
    try:
        tool = services.prove(told, district, now)
    except (Refused, Closed) as why:
        guessing.failed(attempt)
        return refusal(401, "invalid_client", str(why))
    return limiting.counted(tool, district, lambda: _issued(tool, form.get("scope", ""), address, district, now))


def _issued(tool: Tool, asked: str, address: str, district: SharingSettings, now: dt.datetime) -> HttpResponse:
    try:
        issued = services.issue(tool, asked, address, district, now)
    except services.NoScope:
        return refusal(400, "invalid_scope", "Nothing of what was asked for is open to this tool.")
    return JsonResponse(dict(assertion.answer(issued.token, issued.scopes, services.LIVES)))


def _form_fault(request: HttpRequest) -> tuple[str, str] | None:
    """Return the standard's word and a sentence for what is wrong with the form; None when nothing is."""
    if (wrong := form_fault(request)) is not None:
        return "invalid_request", wrong
    if request.POST.get("grant_type") != assertion.GRANT:
        return "unsupported_grant_type", f"grant_type must be {assertion.GRANT}."
    if request.POST.get("client_assertion_type") != assertion.KIND:
        return "invalid_request", f"client_assertion_type must be {assertion.KIND}."
    return None


def bearer(request: HttpRequest) -> str:
    """Return the token of the Authorization header; blank without one."""
    kind, _, given = request.headers.get("Authorization", "").strip().partition(" ")
    return given.strip() if kind.lower() == "bearer" else ""


def stopped() -> HttpResponse:
    """Return the answer while the district has stopped everything, or all writes."""
    answer = refusal(503, "temporarily_unavailable", "The district has stopped this for now. Try again later.")
    answer.headers["Retry-After"] = str(RETRY)
    return answer


def unauthorized(said: str) -> HttpResponse:
    """Return the answer to somebody whose token opens nothing (RFC 6750)."""
    answer = refusal(HTTPStatus.UNAUTHORIZED, "invalid_token", said)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="Interop", error="invalid_token"'
    return answer


def document(request: HttpRequest) -> object:
    """Return the JSON of a body. Raises Unreadable."""
    try:
        body = request.body
        if len(body) > LARGEST:
            raise Unreadable("The body is larger than 64 KB.")
        return orjson.loads(body)
    except RequestDataTooBig as error:
        raise Unreadable("The body is larger than 64 KB.") from error
    except orjson.JSONDecodeError as error:
        raise Unreadable("The body is not JSON.") from error


def _claimed(told: str) -> str:
    try:
        return assertion.issuer_of(told)
    except Refused:
        return ""
