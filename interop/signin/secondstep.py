"""The second step of signing in: who needs one, whether this session had it, and the page that leads to it."""

from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest
from django.urls import reverse

from interop.admin.roles import roles_of
from interop.settings.checks import is_loopback

METHOD = "mfa"


def may_wait() -> bool:
    """Return whether the second step may be put off: only on a portal that this machine alone can reach."""
    return is_loopback(urlsplit(settings.PUBLIC_URL).hostname or "")


def done(request: HttpRequest) -> bool:
    """Return whether this session came in with a second step, here or, as its token says, at the identity provider."""
    return any(each["method"] == METHOD for each in get_authentication_records(request, request.user))


def note(request: HttpRequest, kind: str) -> None:
    """Remember that this session has its second step: it set one up just now, or the identity provider vouches."""
    record_authentication(request, request.user, METHOD, type=kind)


def is_missing(request: HttpRequest) -> bool:
    """Return whether a person of the data office must take or set up the second step before anything else."""
    return bool(roles_of(request.user)) and not may_wait() and not done(request)


def is_worth_offering(request: HttpRequest) -> bool:
    """Return whether a person of the data office has no second step yet."""
    return bool(roles_of(request.user)) and not done(request) and not is_mfa_enabled(request.user)


def way(back: str) -> str:
    """Return the address of the page that sets a second step up and then leads to `back`."""
    return f"{reverse('account_second_step')}?{urlencode({REDIRECT_FIELD_NAME: back})}"
