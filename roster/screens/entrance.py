"""Where people of the roster come in: the page that takes an activation code."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from interop.signin.passwords import checked
from roster.models import ActivationCode, Person
from roster.signin import codes

WRONG = gettext_lazy(
    "That did not work. Check the username and the code; each code works once, for 30 days. Your school makes new ones."
)


class ActivationForm(forms.Form):
    """Who, the code, and the password of their choice."""

    username = forms.CharField(max_length=255, widget=forms.TextInput(attrs={"autocomplete": "username"}))
    code = forms.CharField(max_length=40)
    password1 = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    password2 = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def clean_password2(self) -> str:
        """Refuse two passwords that differ."""
        again: str = self.cleaned_data["password2"]
        if again != self.cleaned_data.get("password1", again):
            raise ValidationError(_("The two are not the same."))
        return again


@never_cache
@sensitive_post_parameters("code", "password1", "password2")
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """Ask for username, code and a new password; then let the person in by way of their second step, if they have one.

    The code is looked at before the password: whoever has no code learns nothing, not even the rules.
    """
    form = ActivationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (user := _activated(request, form)):
        if request.user.is_authenticated:
            logout(request)
        record_authentication(request, user, "password", type="activation code")
        answer: HttpResponse = perform_login(request, Login(user=user))
        return answer
    begins = not form.errors or bool(form.non_field_errors())
    return render(request, "account/activate.html", {"form": form, "begins": begins})


@sensitive_variables("form", "password")
def _activated(request: HttpRequest, form: ActivationForm) -> User | None:
    """Return the user who has the password now; None with the reason on the form."""
    given = form.cleaned_data
    with transaction.atomic():
        found = _tried(request, form)
        if found is None:
            return None
        try:
            password = checked(given["password1"], _described(found.person, given["username"]))
        except ValidationError as easy:
            form.add_error("password1", easy)
            return None
        return codes.use(found, password)


@sensitive_variables("form")
def _tried(request: HttpRequest, form: ActivationForm) -> ActivationCode | None:
    username, code = form.cleaned_data["username"], form.cleaned_data["code"]
    found: ActivationCode | None
    try:
        found = get_adapter(request).one_try(
            request, username, lambda: codes.waiting(username, code, now=timezone.now())
        )
    except ValidationError as too_many:
        form.add_error(None, too_many)
        return None
    if found is None:
        form.add_error(None, WRONG)
    return found


def _described(person: Person, username: str) -> User:
    """Return what a password must not resemble."""
    return User(username=username, first_name=person.given_name, last_name=person.family_name, email=person.email)
