"""Where django-allauth asks the portal: nobody signs up, guessing is slow, secrets of second steps are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from interop import crypto
from interop.admin.roles import roles_of
from interop.signin import secondstep, trail
from interop.signin.recent import just_signed_in

VOUCHED = "second_step_elsewhere"
WRONG = _("That did not work. Check the username and password.")
WAIT = _("Too many tries. Wait five minutes, then try again.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by the data office; signing in leads on by way of the second step."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "too_many_login_attempts": WAIT,
        "incorrect_password": _("That is not your password."),
        "rate_limited": WAIT,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs up."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say what went wrong; that something went well, the pages themselves tell."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **kwargs)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Lead on to what was asked for, past the page that sets up a second step when there is none."""
        if request.__dict__.get(VOUCHED):
            secondstep.note(request, "single sign-on")
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        if isinstance(answer, HttpResponseRedirect) and secondstep.is_worth_offering(request):
            return HttpResponseRedirect(secondstep.way(answer.url))
        return answer

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose credentials these are; a disabled account looks like a wrong password."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write the failure into the audit trail, without saying which part was wrong."""
        trail.failed(request, credentials.get("username") or credentials.get("email") or "")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again before second steps are changed, except of somebody who has just signed in."""
        return bool(super().is_reauthentication_required(app=app, **kwargs)) and not just_signed_in(context.request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures for an account and an address together, so that no stranger can lock the owner out."""
        return f"{self.get_client_ip(request)} {super()._get_login_attempts_cache_key(request, **credentials)}"


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second steps: their secrets are encrypted, and the last one of an admin stays."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code does not fit. Take the one the app shows now."),
        "cannot_delete_authenticator": _("Set up another way first: your role needs a second step."),
    }

    def encrypt(self, text: str) -> str:
        """Return the text under the newest key."""
        return crypto.seal(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was encrypted under any of the keys."""
        return crypto.unseal(encrypted_text.encode())

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Return whether a second step remains, where one is needed."""
        if secondstep.may_wait() or not roles_of(authenticator.user):
            return True
        real = Authenticator.objects.filter(user=authenticator.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
        return bool(real.exclude(pk=authenticator.pk).exists())


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on lets in whom the data office knows, and nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Nobody signs up."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join a person's first sign-on to the account of the same username or verified e-mail.

        Raises ImmediateHttpResponse with a page that says what to do for somebody unknown. A sign-on is known again by
        its issuer and subject, never by a name somebody else may take over.
        """
        user = sociallogin.user if sociallogin.is_existing else _known(sociallogin)
        if user is None or not user.is_active:
            trail.failed(request, "")
            raise ImmediateHttpResponse(render(request, "account/unknown_person.html", status=403))
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)
        claims = sociallogin.account.extra_data.get("id_token") or {}
        if "mfa" in claims.get("amr", ()):  # RFC 8176: more than one factor was used there
            request.__dict__[VOUCHED] = True


def _known(sociallogin: Any) -> User | None:
    """Return the one account that the provider's claims name; None for nobody, or when several could be meant."""
    if settings.OIDC_MATCH == "email":
        names = [each.email for each in sociallogin.email_addresses if each.verified]
        found = User.objects.filter(email__iexact=names[0]) if names else User.objects.none()
    else:
        name = sociallogin.user.username
        found = User.objects.filter(username__iexact=name) if name else User.objects.none()
    matches = list(found[:2])
    return matches[0] if len(matches) == 1 else None
