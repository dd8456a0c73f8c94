"""Signing in: password, second step, and everything that must not work."""

import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from interop.admin.roles import Role
from interop.models import AuditEvent
from interop.signin import passwords, sessions
from interop.signin.recent import recently_signed_in, sign_in_again
from tests.interop.conftest import PASSWORD, SEED, code, sign_in, with_app, words
from tests.signin import confirm

ADMIN = "/admin/applications/"
WRONG = "That did not work. Check the username and password."


def is_signed_in(client):
    return SESSION_KEY in client.session


def test_a_stranger_is_sent_to_the_one_sign_in_page(client, db):
    answer = client.get(ADMIN, follow=True)
    assert answer.redirect_chain[-1][0] == "/account/sign-in/?next=%2Fadmin%2Fapplications%2F"
    assert answer.status_code == 200


def test_a_password_alone_opens_the_portal_of_this_machine_after_offering_a_second_step(client, person):
    person(role=Role.VIEWER)
    answer = sign_in(client)
    assert answer["Location"] == "/account/set-up/?next=%2F"
    page = client.get(answer["Location"])
    assert "Later" in words(page)
    assert client.get(ADMIN).status_code == 200


@pytest.mark.usefixtures("outside")
def test_elsewhere_a_password_alone_opens_nothing(client, person):
    person(role=Role.VIEWER)
    sign_in(client)
    answer = client.get(ADMIN)
    assert answer["Location"] == "/account/set-up/?next=%2Fadmin%2Fapplications%2F"
    assert "Later" not in words(client.get(answer["Location"]))


@pytest.mark.usefixtures("outside")
def test_setting_up_an_app_opens_the_portal(client, person, monkeypatch):
    person(role=Role.VIEWER)
    sign_in(client)
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    session = client.session
    session["mfa.totp.secret"] = SEED
    session.save()
    monkeypatch.setattr("django.db.transaction.on_commit", lambda done: done())  # the test's own never commits
    answer = client.post(reverse("mfa_activate_totp"), {"code": code()})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert "Shown once" in words(client.get(answer["Location"]))
    assert "not shown again" in words(client.get(answer["Location"]))
    assert client.get(ADMIN).status_code == 200
    assert Authenticator.objects.filter(type="totp").exists()


def test_the_seed_of_an_app_is_encrypted_where_it_is_kept(person):
    kept = with_app(person()).instance
    assert SEED not in str(Authenticator.objects.get(pk=kept.pk).data)


@pytest.mark.usefixtures("outside")
def test_whoever_has_an_app_is_asked_for_its_code(client, person):
    with_app(person(role=Role.OFFICER))
    answer = sign_in(client)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    refused = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "That code does not fit" in words(refused)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert client.get(ADMIN).status_code == 200


def test_a_code_works_once(client, person):
    with_app(person())
    shown = code()
    for tried, comes_in in ((client, True), (Client(), False)):
        sign_in(tried)
        tried.post(reverse("mfa_authenticate"), {"code": shown})
        assert is_signed_in(tried) is comes_in


def test_a_new_password_keeps_the_second_step(client, person):
    user = person(role=Role.VIEWER)
    with_app(user)
    user.set_password("another one of four words")
    user.save()
    answer = sign_in(client, password="another one of four words")
    assert answer["Location"] == reverse("mfa_authenticate")


@pytest.mark.parametrize(("username", "password"), [("dana", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)])
def test_a_refusal_does_not_say_which_part_was_wrong(client, person, username, password):
    person()
    person("gone", is_active=False)
    answer = sign_in(client, username, password)
    assert answer.status_code == 200
    assert WRONG in words(answer)
    assert not is_signed_in(client)


def test_guessing_is_slowed_and_the_owner_is_not_locked_out(client, person):
    person()
    said = [words(sign_in(client, password=f"guess {number}", REMOTE_ADDR="192.0.2.1")) for number in range(6)]
    assert [WRONG in each for each in said] == [True] * 5 + [False]
    assert "Too many tries" in said[-1]
    sign_in(client, REMOTE_ADDR="192.0.2.1")
    assert not is_signed_in(client)
    sign_in(client, REMOTE_ADDR="198.51.100.7")
    assert is_signed_in(client)


def test_behind_a_proxy_the_address_is_what_the_proxy_says(client, person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    person()
    for number in range(5):
        sign_in(client, password=f"guess {number}", headers={"x-forwarded-for": f"10.0.0.{number}, 192.0.2.1"})
    sign_in(client, headers={"x-forwarded-for": "198.51.100.7, 192.0.2.1"})
    assert not is_signed_in(client)
    sign_in(client, headers={"x-forwarded-for": "192.0.2.1, 198.51.100.7"})
    assert is_signed_in(client)
    assert AuditEvent.objects.filter(after__address="192.0.2.1").count() == 5


def test_one_address_cannot_try_many_accounts(client, db):
    for number in range(20):
        assert WRONG in words(sign_in(client, f"person{number}", "x", REMOTE_ADDR="192.0.2.1"))
    assert "Too many tries" in words(sign_in(client, "person20", "x", REMOTE_ADDR="192.0.2.1"))


def test_codes_cannot_be_guessed_either(client, person):
    with_app(person())
    sign_in(client)
    said = [words(client.post(reverse("mfa_authenticate"), {"code": f"00000{each}"})) for each in range(6)]
    assert "Too many tries" in said[-1]
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "\\\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(client, person, where):
    person()
    answer = client.post(reverse("account_login"), {"login": "dana", "password": PASSWORD, "next": where})
    assert answer["Location"] == "/"


def test_nobody_signs_up(client, db):
    for path in ("/account/signup/", "/account/sign-up/", "/account/email/"):
        assert client.get(path).status_code == 404


def test_signing_in_makes_a_new_session(client, person):
    person()
    client.get(reverse("account_login"))
    session = client.session
    session["mine"] = 1
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 15 characters"),
        ("passwordpassword", "first passwords people try"),
        ("aaaaaaaaaaaaaaaaaaa", "first passwords people try"),
        ("1234567890password", "first passwords people try"),
        ("dana.whitfield.1", "too similar to the username"),
    ],
)
def test_an_easy_password_is_refused_with_advice(password, says):
    with pytest.raises(ValidationError) as refused:
        passwords.checked(password, User(username="dana.whitfield"))
    assert says in " ".join(refused.value.messages)


def test_a_made_password_is_long_and_never_the_same():
    made = {passwords.new_password() for _each in range(50)}
    assert len(made) == 50
    assert all(passwords.checked(each, User(username="dana")) for each in made)


# sessions


def test_disabling_somebody_ends_their_sessions_for_good(client, person):
    user = person(role=Role.VIEWER)
    elsewhere = Client()
    for each in (client, elsewhere):
        each.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(ADMIN).status_code == 302
    assert sessions.end_all(user.pk) == 1  # the other one: a request of somebody disabled ends its session itself
    User.objects.filter(pk=user.pk).update(is_active=True)
    for each in (client, elsewhere):
        assert each.get(ADMIN).status_code == 302


def test_ending_sessions_leaves_those_of_others(person):
    dana, olga, other = person(), person("olga"), Client()
    for user, client in ((dana, Client()), (olga, other)):
        client.force_login(user)
    assert sessions.end_all(dana.pk) == 1
    assert is_signed_in(other)


def test_losing_a_role_closes_the_admin_at_once(client, person):
    user = person(role=Role.VIEWER)
    client.force_login(user)
    assert client.get(ADMIN).status_code == 200
    user.groups.clear()
    assert client.get(ADMIN).status_code == 403


@pytest.mark.parametrize(("clock", "seconds"), [(sessions.SEEN, 3601), (sessions.BEGAN, 12 * 3600 + 1)])
def test_a_session_ends_when_idle_or_old(client, person, clock, seconds):
    client.force_login(person(role=Role.VIEWER))
    assert client.get(ADMIN).status_code == 200
    session = client.session
    session[clock] -= seconds
    session.save()
    assert client.get(ADMIN).status_code == 302
    assert not is_signed_in(client)


def test_no_browser_keeps_a_page_about_signing_in(client, person):
    person()
    sign_in(client)
    for name in ("account_login", "mfa_index", "mfa_activate_totp"):
        assert client.get(reverse(name))["Cache-Control"] == "no-store", name


def test_a_request_keeps_a_session_awake(client, person):
    client.force_login(person(role=Role.VIEWER))
    session = client.session
    session[sessions.SEEN] -= 3000
    session.save()
    before = session[sessions.SEEN]
    client.get(ADMIN)
    assert client.session[sessions.SEEN] > before


def test_staying_signed_in_begins_the_hour_anew_and_never_the_twelve(client, person):
    assert client.post(reverse("account_stay")).status_code == 403
    client.force_login(person())
    session = client.session
    session[sessions.BEGAN] -= 12 * 3600 - 100
    session[sessions.SEEN] -= 3550
    session.save()
    assert client.get(reverse("account_stay")).status_code == 405
    told = client.post(reverse("account_stay")).json()
    assert told["left"] == told["last"]
    assert 95 <= told["last"] <= 100
    session = client.session
    session[sessions.BEGAN] = int(time.time())
    session.save()
    assert 3595 <= client.post(reverse("account_stay")).json()["left"] <= 3600


# confirming


@pytest.fixture
def asked(client, rf):
    """Returns a request as the signed-in person of the client."""

    def make():
        request = rf.get(ADMIN)
        request.session = client.session
        request.user = User.objects.get(pk=client.session[SESSION_KEY])
        return request

    return make


def test_confirming_lasts_five_minutes(client, person, asked, monkeypatch):
    person(role=Role.OFFICER)
    sign_in(client)
    assert not recently_signed_in(asked())
    page = sign_in_again(asked(), back=ADMIN).url
    assert page == "/account/confirm/?next=%2Fadmin%2Fapplications%2F"
    assert "That is not your password" in words(client.post(page, {"password": "wrong"}))
    assert not recently_signed_in(asked())
    assert client.post(page, {"password": PASSWORD})["Location"] == ADMIN
    assert recently_signed_in(asked())
    then = time.time() + 301
    monkeypatch.setattr("interop.signin.recent.time.time", lambda: then)
    assert not recently_signed_in(asked())


def test_the_tests_own_shortcut_counts_as_confirmed(client, person, asked):
    client.force_login(person())
    assert not recently_signed_in(asked())
    confirm(client)
    assert recently_signed_in(asked())


# the trail


def test_the_trail_tells_who_came_in_and_who_could_not(client, person):
    person(role=Role.VIEWER)
    sign_in(client, password="wrong")
    sign_in(client, "my secret in the wrong box")
    sign_in(client)
    events = list(AuditEvent.objects.order_by("id").values_list("actor", "act", "object_name", "after"))
    assert events == [
        ("not signed in", "sign-in refused", "dana", {"address": "127.0.0.1"}),
        ("not signed in", "sign-in refused", "unknown account", {"address": "127.0.0.1"}),
        ("dana", "signed in", "dana", {"by": ["password"], "address": "127.0.0.1"}),
    ]


def test_the_trail_tells_of_second_steps(client, person):
    with_app(person())
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code()})
    client.post(reverse("mfa_deactivate_totp"))
    told = list(AuditEvent.objects.order_by("id").values_list("act", "before", "after"))
    assert told[-1] == ("removed a second step", {"kind": "totp"}, {})
    assert told[-2] == ("signed in", {}, {"by": ["password", "totp"], "address": "127.0.0.1"})
    assert told[0][0] == "sign-in refused"


@pytest.mark.usefixtures("outside")
def test_an_admin_cannot_take_the_last_second_step_away(client, person):
    with_app(person(role=Role.VIEWER))
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    page = client.post(reverse("mfa_deactivate_totp"))
    assert "Set up another way first" in words(page)
    assert Authenticator.objects.filter(type="totp").exists()
