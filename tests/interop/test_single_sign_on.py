"""Single sign-on: the provider's answer is made by hand here, what the portal does with it is real."""

import pytest
from allauth.core.context import request_context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import override_settings
from django.urls import reverse

from interop.admin.roles import Role
from interop.models import AuditEvent
from interop.signin import secondstep
from tests.interop.conftest import words

PROVIDER = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "login.example.org",
                "name": "Northmere",
                "client_id": "portal",
                "secret": "s",
                "settings": {"server_url": "https://login.example.org"},
            }
        ]
    }
}


@pytest.fixture(autouse=True)
def provider(settings):
    settings.SOCIALACCOUNT_PROVIDERS = PROVIDER


@pytest.fixture
def come(client, rf, db):
    """Comes back from the identity provider with these claims; returns the answer and the request."""

    def arrive(subject="1", *, username="", email="", verified=True, amr=()):
        request = rf.get(reverse("openid_connect_callback", args=["login.example.org"]))
        request.session, request.user = client.session, AnonymousUser()
        request._messages = FallbackStorage(request)
        claims = {"sub": subject, "preferred_username": username, "email": email, "email_verified": verified}
        with request_context(request):
            found = get_adapter().get_provider(request, "login.example.org")
            login = found.sociallogin_from_response(request, {"id_token": {**claims, "amr": list(amr)}})
            login.state = {}
            answer = complete_login(request, login)
        return answer, request

    return arrive


def test_a_person_of_the_same_username_comes_in(come, person):
    user = person("dana", Role.VIEWER)
    answer, request = come(username="Dana")
    assert answer.status_code == 302
    assert request.session[SESSION_KEY] == str(user.pk)
    assert AuditEvent.objects.get(act="signed in").after["by"] == ["socialaccount"]


def test_nobody_unknown_comes_in_and_no_account_is_made(come):
    answer, request = come(username="stranger")
    assert answer.status_code == 403
    assert "You are not known here" in words(answer)
    assert SESSION_KEY not in request.session
    assert not User.objects.exists()


def test_a_disabled_person_stays_outside_also_when_known_before(come, person):
    user = person("dana")
    assert come(username="dana")[0].status_code == 302
    User.objects.filter(pk=user.pk).update(is_active=False)
    answer, request = come(username="dana")
    assert answer.status_code == 403
    assert SESSION_KEY not in request.session


def test_whoever_is_known_is_known_by_subject_not_by_a_name_others_may_take(come, person):
    dana, olga = person("dana"), person("olga")
    come("1", username="dana")
    assert come("1", username="olga")[1].session[SESSION_KEY] == str(dana.pk)
    assert SocialAccount.objects.get().provider == "login.example.org"
    assert olga.socialaccount_set.count() == 0


@override_settings(OIDC_MATCH="email")
@pytest.mark.parametrize(("verified", "status"), [(True, 302), (False, 403)])
def test_by_email_only_a_verified_address_counts(come, person, verified, status):
    person("dana", email="dana@example.org")
    assert come(email="Dana@example.org", username="dana", verified=verified)[0].status_code == status


@override_settings(OIDC_MATCH="email")
def test_an_address_of_two_people_names_nobody(come, person):
    for name in ("dana", "olga"):
        person(name, email="office@example.org")
    assert come(email="office@example.org")[0].status_code == 403


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(("amr", "missing"), [((), True), (("pwd",), True), (("pwd", "mfa"), False)])
def test_the_second_step_is_needed_unless_the_provider_says_it_took_one(come, person, amr, missing):
    person("dana", Role.VIEWER)
    _, request = come(username="dana", amr=amr)
    assert secondstep.is_missing(request) is missing


def test_the_sign_in_page_offers_it_first(client, db):
    page = client.get(reverse("account_login"), {"next": "/admin/audit/"})
    assert "Continue with Northmere account" in words(page)
    assert "/account/single-sign-on/login.example.org/login/?next=%2Fadmin%2Faudit%2F" in page.content.decode()


def test_leaving_or_failing_there_says_so(client, db):
    assert "before it was done" in words(client.get(reverse("socialaccount_login_cancelled")))
    assert "did not confirm who you are" in words(client.get(reverse("socialaccount_login_error")))
