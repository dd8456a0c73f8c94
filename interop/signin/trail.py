"""What of signing in stands in the audit trail: who came in, who could not, and changes of second steps."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.signals import user_logged_in as session_began
from django.http import HttpRequest

from interop import audit
from interop.signin import secondstep, sessions

NOBODY = "unknown account"
STRANGER = "not signed in"


def connect() -> None:
    """Listen to what allauth and Django tell."""
    session_began.connect(_begin)
    user_logged_in.connect(_came_in)
    password_changed.connect(_new_password)
    authenticator_added.connect(_added)
    authenticator_removed.connect(_removed)
    authenticator_reset.connect(_reset)
    authentication_failed.connect(_second_step_failed)


def failed(request: HttpRequest, username: str) -> None:
    """Note a refused sign-in. A name that is no account's is not kept: it may be a password in the wrong box."""
    user = get_user_model().objects.filter(username__iexact=username).first() if username else None
    target = user or get_user_model()(pk=0, username=NOBODY)
    audit.record(STRANGER, "sign-in refused", target, after={"address": _address(request)})


def _begin(request: HttpRequest, **_more: Any) -> None:
    sessions.begin(request)


def _came_in(request: HttpRequest, user: AbstractUser, **_more: Any) -> None:
    ways = [each.get("type") or each["method"] for each in get_authentication_records(request, user)]
    audit.record(user.get_username(), "signed in", user, after={"by": ways, "address": _address(request)})


def _second_step_failed(request: HttpRequest, user: AbstractUser, **_more: Any) -> None:
    audit.record(STRANGER, "sign-in refused", user, after={"address": _address(request)})


def _new_password(user: AbstractUser, **_more: Any) -> None:
    audit.record(user.get_username(), "changed own password", user)


def _added(request: HttpRequest, user: AbstractUser, authenticator: Authenticator, **_more: Any) -> None:
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        secondstep.note(request, authenticator.type)
    _noted(user, "added a second step", after=authenticator)


def _removed(user: AbstractUser, authenticator: Authenticator, **_more: Any) -> None:
    _noted(user, "removed a second step", before=authenticator)


def _reset(user: AbstractUser, authenticator: Authenticator, **_more: Any) -> None:
    _noted(user, "renewed a second step", after=authenticator)


def _noted(
    user: AbstractUser, act: str, *, before: Authenticator | None = None, after: Authenticator | None = None
) -> None:
    facts = [{"kind": each.type} if each else {} for each in (before, after)]
    audit.record(user.get_username(), act, user, before=facts[0], after=facts[1])


def _address(request: HttpRequest) -> str:
    return str(get_adapter(request).get_client_ip(request))
