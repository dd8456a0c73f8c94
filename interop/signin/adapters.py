"""Where django-allauth asks the portal: nobody signs up, guessing is slow, secrets of second steps are encrypted."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

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
from interop.signin import roster, secondstep, trail
from interop.signin.recent import just_signed_in

Found = TypeVar("Found")
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

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Turn away whom the roster does not let in, whichever way they proved who they are."""
        if not roster.stays_open(user):
            return cast("HttpResponse", self.respond_user_inactive(request, user))
        return cast("HttpResponse | None", super().pre_login(request, user, **kwargs))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Lead on to what was asked for, past the page that sets up a second step when there is none."""
        if request.__dict__.get(VOUCHED):
            secondstep.note(request, "single sign-on")
        roster.tie_of_the_office(user)
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        if isinstance(answer, HttpResponseRedirect) and secondstep.is_worth_offering(request):
            return HttpResponseRedirect(secondstep.way(answer.url))
        return answer

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose credentials these are; a disabled account looks like a wrong password.

        People of the roster type the username they have there at the moment.
        """
        if credentials.get("username"):
            credentials["username"] = roster.user_name(credentials["username"])
        user: User | None = super().authenticate(request, **credentials)
        if user is None or (user.is_active and roster.stays_open(user)):
            return user
        self.authentication_failed(request, **credentials)
        return None

    def one_try(self, request: HttpRequest, username: str, find: Callable[[], Found | None]) -> Found | None:
        """Return what `find` finds; finding nothing counts as a failed sign-in to this account.

        Raises ValidationError, without looking, when there were too many.
        """
        self.pre_authenticate(request, username=username)
        found = find()
        if found is None:
            self.authentication_failed(request)
        else:
            self._rollback_login_failed_rl_usage()
        return found

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

    def _get_user_identifier(self, user: User) -> str:
        """Name the person in authenticator apps and passkeys by what they type at the door."""
        return roster.typed_name(user)

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
        """Join a person's first sign-on to the account of the same username or verified e-mail, here or in the roster.

        Raises ImmediateHttpResponse with a page that says what to do for somebody unknown. A sign-on is known again by
        its issuer and subject, never by a name somebody else may take over.
        """
        user = sociallogin.user if sociallogin.is_existing else _known(sociallogin)
        if user is None or not user.is_active or not roster.stays_open(user):
            trail.failed(request, "")
            raise ImmediateHttpResponse(render(request, "account/unknown_person.html", status=403))
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)
        claims = sociallogin.account.extra_data.get("id_token") or {}
        if "mfa" in claims.get("amr", ()):  # RFC 8176: more than one factor was used there
            request.__dict__[VOUCHED] = True


def _known(sociallogin: Any) -> User | None:
    """Return the one person that the provider's claims name; None for nobody, or when several could be meant.

    Members of the data office come first. The names of users made for people of the roster are nobody's elsewhere.
    """
    users = User.objects.exclude(is_staff=False, **{f"{roster.TIE}__isnull": False})
    if settings.OIDC_MATCH == "email":
        email = next((each.email for each in sociallogin.email_addresses if each.verified), "")
        claim, found = {"email": email}, users.filter(email__iexact=email)
    else:
        claim = {"username": sociallogin.user.username or ""}
        found = users.filter(username__iexact=claim["username"])
    if not any(claim.values()):
        return None
    matches = list(found[:2])
    if matches:
        return matches[0] if len(matches) == 1 else None
    return roster.known_elsewhere(**claim)
