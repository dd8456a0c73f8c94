"""Giving roles: the stock page of people, and the commands for whoever runs the portal's computer."""

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from interop.admin import officers
from interop.admin.roles import Role, role_of, roles_of
from interop.models import AuditEvent
from tests.interop.conftest import PASSWORD, sign_in, with_app, words

LIST = "admin:auth_user_changelist"
CHANGE = "admin:auth_user_change"


@pytest.fixture
def as_officer(client, officer):
    client.force_login(officer)
    return client


def form_of(user, **changes):
    fields = {
        "username": user.username,
        "first_name": "",
        "last_name": "",
        "email": user.email,
        "is_active": "on",
        "role": role_of(user) or "",
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_the_list_shows_roles_in_words(as_officer, person):
    person("vera", Role.VIEWER)
    assert "Security officer" in words(as_officer.get(reverse(LIST)))
    assert "Viewer" in words(as_officer.get(reverse(LIST)))


@pytest.mark.parametrize("others", [1, 3])
def test_the_list_asks_as_often_for_many_as_for_one(as_officer, person, others, django_assert_num_queries):
    for number in range(others):
        with_app(person(f"v{number}", Role.VIEWER))
    with django_assert_num_queries(12):
        as_officer.get(reverse(LIST))


def test_a_role_given_acts_at_once_and_is_audited(as_officer, person):
    user = person("vera", Role.VIEWER)
    answer = as_officer.post(reverse(CHANGE, args=[user.pk]), form_of(user, role=Role.EDITOR.value))
    assert answer.status_code == 302, words(answer)
    assert roles_of(fresh(user)) == {Role.EDITOR}
    event = AuditEvent.objects.get(act="changed")
    assert (event.actor, event.before, event.after) == ("olga", {"role": "viewer"}, {"role": "editor"})


def test_somebody_new_gets_a_role(as_officer):
    page = reverse("admin:auth_user_add")
    typed = {"username": "vera", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert as_officer.post(page, {**typed, "role": Role.VIEWER.value}).status_code == 302
    assert roles_of(User.objects.get(username="vera")) == {Role.VIEWER}
    assert sign_in(Client(), "vera").status_code == 302
    easy = {**typed, "username": "eva", "password1": "x" * 20, "password2": "x" * 20}
    assert "first passwords people try" in words(as_officer.post(page, easy))


def test_no_role_closes_the_admin(as_officer, person):
    user = person("vera", Role.VIEWER)
    as_officer.post(reverse(CHANGE, args=[user.pk]), form_of(user, role=""))
    assert roles_of(fresh(user)) == frozenset()


def test_switching_somebody_off_ends_their_sessions(as_officer, person):
    user, theirs = person("vera", Role.VIEWER), Client()
    theirs.force_login(user)
    as_officer.post(reverse(CHANGE, args=[user.pk]), form_of(user, is_active=None))
    assert not fresh(user).is_active
    assert theirs.get("/admin/applications/").status_code == 302


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"is_active": None}])
def test_the_last_officer_stays(as_officer, officer, person, change):
    answer = as_officer.post(reverse(CHANGE, args=[officer.pk]), form_of(officer, **change))
    assert "This is the last security officer. Make another one first." in words(answer)
    assert officers.is_last(fresh(officer))
    person("otto", Role.OFFICER)
    assert as_officer.post(reverse(CHANGE, args=[officer.pk]), form_of(officer, **change)).status_code == 302
    assert Role.OFFICER not in roles_of(fresh(officer))


def test_nobody_is_deleted(as_officer, person):
    assert as_officer.post(reverse("admin:auth_user_delete", args=[person().pk]), {"post": "yes"}).status_code == 403


def test_an_officer_cannot_change_somebody_with_every_right(as_officer):
    root = User.objects.create_superuser("root")
    assert as_officer.post(reverse(CHANGE, args=[root.pk]), form_of(root, is_active=None)).status_code == 403
    page = reverse("admin:auth_user_password_change", args=[root.pk])
    assert as_officer.post(page, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 403


def test_a_new_password_for_somebody_ends_their_sessions_and_keeps_their_second_step(as_officer, person):
    user, theirs = person("vera", Role.VIEWER), Client()
    with_app(user)
    theirs.force_login(user)
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    new = "walnut harbor stencil mosaic"
    assert as_officer.post(page, {"password1": new, "password2": new, "set-password": ""}).status_code == 302
    assert theirs.get("/admin/applications/").status_code == 302
    assert AuditEvent.objects.get(act="set a new password").object_name == "vera"
    assert sign_in(Client(), "vera", new)["Location"] == reverse("mfa_authenticate")


def run(*words):
    said = StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def shown_password(said):
    return re.search(r"Password: (\S+)", said)[1]


def test_create_admin_makes_somebody_who_can_sign_in(db):
    said = run("create_admin", "dana", "--role", "security-officer")
    assert roles_of(User.objects.get(username="dana")) == {Role.OFFICER}
    assert sign_in(Client(), "dana", shown_password(said)).status_code == 302
    assert AuditEvent.objects.get(act="created").after["role"] == "security officer"


def test_create_admin_for_single_sign_on_makes_no_password(db):
    said = run("create_admin", "dana", "--role", "viewer", "--single-sign-on")
    assert "Password" not in said
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("name", ["DANA", "da na"])
def test_create_admin_refuses_with_one_line(person, name):
    person()
    with pytest.raises(CommandError, match=r"already somebody|valid username"):
        run("create_admin", name, "--role", "viewer")
    assert User.objects.count() == 1


def test_lost_admin_opens_a_way_back_in_and_is_audited(person):
    user, old = person("dana", Role.OFFICER), Client()
    with_app(user)
    old.force_login(user)
    said = run("lost_admin", "Dana")
    assert not Authenticator.objects.exists()
    assert old.get("/admin/applications/").status_code == 302
    assert sign_in(Client(), "dana", shown_password(said))["Location"].startswith("/account/set-up/")
    event = AuditEvent.objects.get(act="let back in")
    assert (event.actor, event.before["second_steps"]) == ("lost_admin", ["totp"])
    assert shown_password(said) not in str(event.after)


def test_lost_admin_says_when_there_is_nobody(db):
    with pytest.raises(CommandError, match="nobody called dana"):
        run("lost_admin", "dana")
