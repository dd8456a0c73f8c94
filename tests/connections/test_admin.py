import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import reverse

from connections import services
from connections.access import record_read
from connections.grants import Refused, grant_for_token
from connections.models import AccessLog, Application, Connection, Credential
from interop.admin.roles import Role
from interop.models import AuditEvent


@pytest.fixture
def screen(client, db):
    client.force_login(User.objects.create_superuser("ada"))
    return client


def page(name, *args):
    return reverse(f"admin:{name}", args=args)


def test_the_toolkit_s_own_tables_have_no_screens():
    assert not [model for model in admin.site._registry if model._meta.app_label == "oauth2_provider"]


def test_generating_asks_first_and_shows_the_secret_once(screen, acme, ask):
    connection, _ = acme
    url = page("connections_connection_credentials", connection.pk)
    assert url in screen.get(page("connections_connection_change", connection.pk)).content.decode()
    assert screen.get(url).status_code == 200
    assert connection.credentials.count() == 1
    answer = screen.post(url)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    secret = re.search(r"orp_sk_\w{49}", answer.content.decode())[0]
    client_id = re.search(r"orp_id_\w{22}", answer.content.decode())[0]
    assert ask(client_id, secret).status_code == 200
    assert secret not in screen.get(url).content.decode()
    third = screen.post(url, follow=True)
    assert "Two credentials are in use" in third.content.decode()
    assert connection.credentials.count() == 2


def test_no_page_shows_a_secret_a_token_or_their_hashes(screen, acme, ask):
    connection, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    record_read(grant_for_token(token), "getAllUsers", status=200, request_id="r")
    models = ("connections_application", "connections_connection", "connections_credential", "connections_accesslog")
    pages = [page(f"{name}_changelist") for name in (*models, "interop_auditevent")] + [
        page("connections_connection_change", connection.pk),
        page("connections_connection_history", connection.pk),
        page("connections_connection_delete", connection.pk),
        page("connections_credential_change", issued.credential.pk),
        page("connections_credential_delete", issued.credential.pk),
        page("connections_application_change", connection.application_id),
        *(page("interop_auditevent_change", event.pk) for event in AuditEvent.objects.all()),
    ]
    digest = bytes(Credential.objects.get().secret_sha256).hex()
    for url in pages:
        answer = screen.get(url)
        text = answer.content.decode()
        assert answer.status_code == 200, url
        assert not [word for word in (issued.secret, token, digest) if word in text], url
        assert "orp_sk_" not in text


def test_disabling_and_enabling_from_the_list_acts_at_once_and_is_audited(screen, acme, ask):
    connection, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    url = page("connections_connection_changelist")
    screen.post(url, {"action": "disable", "_selected_action": [connection.pk]})
    with pytest.raises(Refused):
        grant_for_token(token)
    screen.post(url, {"action": "enable", "_selected_action": [connection.pk]})
    assert grant_for_token(token)
    events = AuditEvent.objects.filter(act="changed").order_by("id")
    assert [(event.actor, event.before, event.after) for event in events] == [
        ("ada", {"enabled": True}, {"enabled": False}),
        ("ada", {"enabled": False}, {"enabled": True}),
    ]


def form_of(connection, **changes):
    fields = {
        "application": connection.application_id,
        "name": "Acme",
        "version": 12,
        "oauth": 2,
        "enabled": "on",
        "all_schools": "on",
        "share_guardians": "on",
        "share_relatives": "on",
        "credentials-TOTAL_FORMS": 0,
        "credentials-INITIAL_FORMS": 0,
    } | changes
    return {name: value for name, value in fields.items() if value is not None}


def test_a_change_in_the_form_acts_at_once_and_is_audited_as_one(screen, acme, ask, lincoln):
    connection, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    url = page("connections_connection_change", connection.pk)
    answer = screen.post(url, form_of(connection, all_schools=None, schools=[lincoln.pk], share_guardians=None))
    assert answer.status_code == 302, answer.content.decode()
    grant = grant_for_token(token)
    assert (grant.schools, grant.guardians) == ({lincoln.pk}, False)
    event = AuditEvent.objects.get(act="changed")
    assert event.after == {"all_schools": False, "share_guardians": False, "schools": ["lincoln"]}


def test_a_connection_made_in_the_form_remembers_who_made_it(screen, acme):
    url = page("connections_connection_add")
    assert screen.post(url, form_of(acme[0], name="Second")).status_code == 302
    assert Connection.objects.get(name="Second").created_by == "ada"
    assert AuditEvent.objects.get(actor="ada").act == "created"


def test_grade_book_for_a_stranger_is_refused_in_the_form(screen, acme):
    url = page("connections_connection_change", acme[0].pk)
    answer = screen.post(url, form_of(acme[0], share_gradebook="on"))
    assert "Grade book can be shared with partners only." in answer.content.decode()


def test_a_second_application_of_the_same_name_is_refused(screen, acme):
    answer = screen.post(page("connections_application_add"), {"name": "ACME", "slug": "acme-2"})
    assert "There is already an application of this name." in answer.content.decode()
    assert Application.objects.count() == 1


def test_removing_a_credential_ends_its_tokens_and_its_form_changes_nothing(screen, acme, ask):
    _, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    change = page("connections_credential_change", issued.credential.pk)
    assert screen.post(change, {"client_id": "other"}).status_code == 403
    assert screen.post(page("connections_credential_delete", issued.credential.pk), {"post": "yes"}).status_code == 302
    with pytest.raises(Refused):
        grant_for_token(token)
    assert AuditEvent.objects.get(act="removed credentials").before == {"client_id": issued.credential.client_id}


def test_a_connection_is_deleted_with_everything_and_the_trail_stays(screen, acme, ask):
    connection, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    record_read(grant_for_token(token), "getAllUsers", status=200, request_id="r")
    assert screen.post(page("connections_connection_delete", connection.pk), {"post": "yes"}).status_code == 302
    assert not Connection.objects.exists()
    assert AuditEvent.objects.get(act="deleted").object_name == "Acme (1.2)"
    log = screen.get(page("connections_accesslog_changelist")).content.decode()
    assert "getAllUsers" in log
    assert f"deleted connection {connection.pk}" in log
    row = AccessLog.objects.get()
    assert "getAllUsers" in screen.get(page("connections_accesslog_change", row.pk)).content.decode()


def test_an_admin_who_may_not_change_connections_cannot_generate(client, acme):
    user = User.objects.create_user("bob", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=Role.VIEWER)[0])
    client.force_login(user)
    answer = client.post(page("connections_connection_credentials", acme[0].pk))
    assert answer.status_code == 403
    assert acme[0].credentials.count() < services.LIVE_AT_MOST
