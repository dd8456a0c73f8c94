"""Single sign-on with a real identity provider in a process of its own: discovery, code flow, PKCE, signed tokens."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from interop.admin.roles import Role
from interop.models import AuditEvent
from roster.models import Account, SignIn
from tests.interop.conftest import words
from tests.live import free_port
from tests.roster import factories as make

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Start the provider; it believes whoever says who they are."""
    url = f"http://{HOST}:{(port := free_port())}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", HOST]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _ready(process, url)
    finally:
        process.terminate()
        process.wait(30)


def _ready(process: "subprocess.Popen[bytes]", url: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{url}/.well-known/openid-configuration", timeout=5).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return url
    pytest.fail("The identity provider did not start: .venv/bin/python -m oidc_provider_mock says why.")


@pytest.fixture(autouse=True)
def provider(settings, issuer: str) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": HOST,
                    "name": "Northmere",
                    "client_id": "portal",
                    "secret": "s",
                    "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
                }
            ]
        }
    }


def come(issuer: str, subject: str, client: Client | None = None, **claims: object) -> tuple[Client, object]:
    """Walk from the sign-in page by way of the provider, where this subject signs in, back to the portal."""
    browser = client or Client()
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=30).raise_for_status()
    away = browser.get(reverse("openid_connect_login", args=[HOST]))
    assert away["Location"].startswith(f"{issuer}/oauth2/authorize?")
    assert "code_challenge_method=S256" in away["Location"]
    agreed = requests.post(away["Location"], data={"sub": subject}, allow_redirects=False, timeout=30)
    back = agreed.headers["Location"]
    assert back.startswith(f"http://testserver/account/single-sign-on/{HOST}/login/callback/?")
    return browser, browser.get(back.removeprefix("http://testserver"))


def is_inside(client: Client) -> bool:
    return SESSION_KEY in client.session


def account(username: str, **more: object) -> Account:
    person = make.EnrollmentFactory(person__email=more.pop("email", "")).person
    return Account.objects.create(person=person, username=username, **more)


def test_a_known_member_of_the_office_comes_in_and_is_known_again_by_subject(issuer, person):
    dana = person("dana", Role.VIEWER)
    browser, answer = come(issuer, "sub-1", preferred_username="Dana")
    assert answer.status_code == 302
    assert browser.session[SESSION_KEY] == str(dana.pk)
    assert browser.get("/admin/applications/").status_code == 200
    again, _ = come(issuer, "sub-1", preferred_username="somebody.else")
    assert again.session[SESSION_KEY] == str(dana.pk)


def test_somebody_unknown_is_turned_away_and_no_user_is_made(issuer, db):
    browser, answer = come(issuer, "sub-2", preferred_username="stranger")
    assert answer.status_code == 403
    assert "You are not known here" in words(answer)
    assert not is_inside(browser)
    assert not User.objects.exists()


def test_somebody_switched_off_is_turned_away(issuer, person):
    person("gone", is_active=False)
    browser, answer = come(issuer, "sub-3", preferred_username="gone")
    assert (answer.status_code, is_inside(browser)) == (403, False)


def test_an_account_of_the_roster_makes_the_user_at_the_first_sign_on(issuer, db):
    student = account("s100001")
    browser, _ = come(issuer, "sub-4", preferred_username="S100001")
    tie = SignIn.objects.get(person=student.person)
    assert browser.session[SESSION_KEY] == str(tie.user.pk)
    assert (tie.user.is_staff, tie.user.has_usable_password()) == (False, False)
    assert browser.get("/")["Location"] == "/home/"
    assert "My classes" in words(browser.get("/home/"))
    come(issuer, "sub-4", preferred_username="S100001")
    assert User.objects.count() == 1
    assert "s100001" not in str(list(AuditEvent.objects.values())).lower()


def test_a_disabled_account_of_the_roster_is_turned_away_before_and_after(issuer, db):
    student = account("s100002", enabled=False)
    assert come(issuer, "sub-5", preferred_username="s100002")[1].status_code == 403
    assert not User.objects.exists()
    Account.objects.filter(pk=student.pk).update(enabled=True)
    running, _ = come(issuer, "sub-5", preferred_username="s100002")
    Account.objects.filter(pk=student.pk).update(enabled=False)
    assert running.get("/home/").status_code == 302
    assert come(issuer, "sub-5", preferred_username="s100002")[1].status_code == 403


def test_by_email_a_verified_address_of_one_person_of_the_roster_counts(issuer, db, settings):
    settings.OIDC_MATCH = "email"
    student = account("s100003", email="amy@lincoln.example")
    claims = {"email": "Amy@lincoln.example", "preferred_username": "s100003"}
    assert come(issuer, "sub-6", **claims, email_verified=False)[1].status_code == 403
    browser, _ = come(issuer, "sub-6", **claims, email_verified=True)
    assert browser.session[SESSION_KEY] == str(SignIn.objects.get(person=student.person).user.pk)
    account("twin", email="amy@lincoln.example")
    assert come(issuer, "sub-7", **claims, email_verified=True)[1].status_code == 403


def test_the_name_of_a_user_made_for_the_roster_opens_nothing_elsewhere(issuer, db):
    student = account("s100004")
    come(issuer, "sub-8", preferred_username="s100004")
    made = SignIn.objects.get(person=student.person).user
    _, answer = come(issuer, "sub-9", preferred_username=made.get_username())
    assert answer.status_code == 403


def test_an_answer_that_nobody_asked_for_lets_nobody_in(issuer, person):
    person("dana", Role.VIEWER)
    stranger = Client()
    answer = stranger.get(reverse("openid_connect_callback", args=[HOST]), {"code": "made-up", "state": "made-up"})
    assert not is_inside(stranger)
    assert "did not confirm who you are" in words(answer)
