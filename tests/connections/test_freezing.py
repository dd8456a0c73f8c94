"""Freezing one connection, stopping the API, allowing some addresses only: all act on the very next request."""

import datetime as dt
import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from connections import services
from connections.grants import grant_for_token
from connections.models import AccessLog, Connection, SharingSettings
from interop.models import AuditEvent
from interop.oneroster.errors import OneRosterError
from interop.oneroster.views import OneRosterView
from tests.connections.calling import V11, caller, district
from tests.connections.signing import header

__all__ = ["caller", "district"]


def pages(caller):
    """Ask for a first page, the next one of the same pull, and a single."""
    return [caller.get(path) for path in ("/users?limit=2", "/users?limit=2&offset=2", "/users/amy")]


def statuses(caller):
    return [answer.status_code for answer in pages(caller)]


def district_wide(**switches):
    settings = SharingSettings.load()
    for name, value in switches.items():
        setattr(settings, name, value)
    settings.save()


def test_a_frozen_connection_is_refused_from_its_next_request_until_it_is_let_go_on(caller):
    assert statuses(caller) == [200, 200, 200]
    services.freeze(caller.connection, actor="eddy", why="Far too much")
    services.freeze(caller.connection, actor="olga")
    answers = pages(caller)
    assert {answer.status_code for answer in answers} == {403}
    assert "paused this connection" in answers[0].json()["imsx_description"]
    given = caller.ask_for_token()
    assert (given.status_code, given.json()["error"]) == (400, "unauthorized_client")
    frozen = caller.now()
    assert (frozen.frozen_by, frozen.frozen_why) == ("eddy", "Far too much")
    services.unfreeze(caller.connection, actor="olga")
    assert statuses(caller) == [200, 200, 200]
    acts = AuditEvent.objects.filter(object_id=str(caller.connection.pk)).order_by("id").values_list("actor", "act")
    assert list(acts)[-2:] == [("eddy", "froze"), ("olga", "let go on")]
    assert AccessLog.objects.filter(status=403, connection=caller.connection.pk).exists()


def test_the_stopped_api_answers_503_to_everybody_and_tells_when_to_come_back(caller):
    assert statuses(caller)[0] == 200
    district_wide(stopped=True)
    answers = pages(caller)
    assert {(answer.status_code, answer["Retry-After"]) for answer in answers} == {(503, "300")}
    assert answers[0].json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "server_busy"
    token = caller.ask_for_token()
    assert (token.status_code, token["Retry-After"], token.json()["error"]) == (503, "300", "temporarily_unavailable")
    district_wide(stopped=False)
    assert statuses(caller) == [200, 200, 200]


def test_while_writes_are_stopped_reading_goes_on(caller, monkeypatch):
    district_wide(writes_stopped=True)
    assert statuses(caller) == [200, 200, 200]
    assert not grant_for_token(caller.token).writes
    monkeypatch.setattr("interop.oneroster.views.check_scope", lambda *_: None)
    request = type("Request", (), {"auth": grant_for_token(caller.token), "_request": None})()
    with pytest.raises(OneRosterError) as refused:
        OneRosterView()._write(request, None)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "300")


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["192.0.2.0/24"], "192.0.2.1", 200),
        (["192.0.2.0/24"], "::ffff:192.0.2.1", 200),
        (["198.51.100.0/24", "192.0.2.1/32"], "192.0.2.1", 200),
        (["2001:db8:1::/48"], "2001:db8:1:2::3", 200),
        (["198.51.100.0/24"], "192.0.2.1", 403),
        (["192.0.2.0/24"], "2001:db8::1", 403),
        (["192.0.2.0/24"], "", 403),
    ],
)
def test_a_connection_may_be_used_from_its_addresses_only(caller, networks, address, status):
    caller.get("/users?limit=2")
    services.change_connection(caller.now(), actor="olga", networks=networks)
    caller.address = address
    answers = pages(caller)
    assert {answer.status_code for answer in answers} == {status}
    if status == 403:
        assert (address or "unknown") in answers[0].json()["imsx_description"]
        assert caller.ask_for_token().status_code == 400


def test_a_signed_request_obeys_the_same(district):
    later = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    application = services.application_named("Old", partner=False, actor="admin")
    choices = {"version": 11, "oauth": 1, "expires_at": later}
    connection = services.create_connection(application, actor="admin", choices=choices)
    issued = services.add_credential(connection, actor="admin")
    url = f"{V11}/users"

    def signed():
        told = header(issued.credential.client_id, issued.secret, f"http://testserver{url}")
        return Client().get(url, headers={"authorization": told}).status_code

    assert signed() == 200
    services.freeze(connection, actor="eddy")
    assert signed() == 403
    services.unfreeze(connection, actor="olga")
    district_wide(stopped=True)
    assert signed() == 503


@pytest.fixture
def people(db):
    made = {}
    for role in ("editor", "security officer"):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.set([Group.objects.get_or_create(name=role)[0]])
        made[role] = Client()
        made[role].force_login(user)
    return made


def test_an_editor_freezes_with_one_click_and_says_why_later_an_officer_lets_it_go_on(caller, people):
    page = reverse("admin:connection_activity", args=[caller.connection.pk])
    editor, officer = people["editor"], people["security officer"]
    said = editor.post(reverse("admin:freeze", args=[caller.connection.pk]), follow=True).content.decode()
    assert "Frozen. The vendor’s next request is refused." in said
    assert caller.get("/users").status_code == 403
    editor.post(reverse("admin:freeze", args=[caller.connection.pk]), {"why": "Calls from nowhere"})
    told = editor.get(page).content.decode()
    assert "Calls from nowhere" in told
    assert "A security officer can let it go on." in told
    assert editor.post(reverse("admin:unfreeze", args=[caller.connection.pk])).status_code == 403
    officer.post(reverse("admin:unfreeze", args=[caller.connection.pk]))
    assert caller.get("/users").status_code == 200


def test_officers_set_limits_and_addresses_and_nonsense_is_named(caller, people):
    page = reverse("admin:connection_limits", args=[caller.connection.pk])
    officer = people["security officer"]
    wrong = officer.post(page, {"bucket": "-1", "refill": "0", "networks": "192.0.2.0/24\nnonsense"}).content.decode()
    assert "“nonsense” is no address." in wrong
    assert wrong.count("aria-invalid") == 3
    assert people["editor"].post(page, {"bucket": "9"}).status_code == 403
    officer.post(page, {"bucket": "9", "networks": "192.0.2.7/24, 192.0.2.0/24 2001:db8::1"})
    changed = caller.now()
    assert (changed.bucket, changed.refill, changed.at_once) == (9, None, None)
    assert changed.networks == ["192.0.2.0/24", "2001:db8::1/128"]
    assert "192.0.2.0/24\n2001:db8::1/128" in officer.get(page).content.decode()


def test_no_limits_of_the_command_really_is_none(district, capsys):
    call_command("create_connection", "--application", "Bench", "--version", "1.2", "--no-limits", "--json")
    made = Connection.objects.get(name="Bench")
    assert (made.bucket, made.at_once) == (0, 0)
    told = json.loads(capsys.readouterr().out)
    given = {name: told[name] for name in ("client_id", "client_secret")}
    token = Client().post("/oauth2/token", {"grant_type": "client_credentials", **given}).json()["access_token"]
    assert not grant_for_token(token).limits.any
