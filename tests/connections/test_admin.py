import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from connections import services
from connections.grants import grant_for_token
from connections.models import AccessLog, Application, Connection, Credential
from interop.models import AuditEvent
from tests.connections.logged import record_read


@pytest.fixture
def screen(client, db):
    client.force_login(User.objects.create_superuser("ada"))
    return client


def page(name, *args):
    return reverse(f"admin:{name}", args=args)


def test_the_toolkit_s_own_tables_have_no_screens():
    assert not [model for model in admin.site._registry if model._meta.app_label == "oauth2_provider"]


def test_no_page_shows_a_secret_a_token_or_their_hashes(screen, acme, ask):
    connection, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    record_read(grant_for_token(token), "getAllUsers", status=200, request_id="r")
    models = ("connections_application", "connections_connection", "connections_credential", "connections_accesslog")
    pages = [page(f"{name}_changelist") for name in (*models, "interop_auditevent")] + [
        page("connections_connection_change", connection.pk),
        page("connections_connection_history", connection.pk),
        page("connections_credential_change", issued.credential.pk),
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


def test_every_stock_page_is_for_reading_alone(screen, acme):
    connection, issued = acme
    before = Connection.objects.values().get()
    names = {"application": connection.application_id, "connection": connection.pk, "credential": issued.credential.pk}
    for name, pk in names.items():
        kind = f"connections_{name}"
        assert screen.get(page(f"{kind}_change", pk)).status_code == 200
        refused = [
            screen.get(page(f"{kind}_add")),
            screen.post(page(f"{kind}_add"), {"name": "Second"}),
            screen.post(page(f"{kind}_change", pk), {"name": "Other", "share_demographics": "on"}),
            screen.post(page(f"{kind}_delete", pk), {"post": "yes"}),
        ]
        assert [answer.status_code for answer in refused] == [403] * 4, name
        screen.post(page(f"{kind}_changelist"), {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
    assert Connection.objects.values().get() == before
    assert (Application.objects.count(), Credential.objects.count()) == (1, 1)


def test_a_connection_s_record_leads_to_the_screen_where_it_is_worked_on(screen, acme):
    text = screen.get(page("connections_connection_change", acme[0].pk)).content.decode()
    assert page("connection", acme[0].pk) in text


def test_the_access_log_outlives_the_connection(screen, acme, ask):
    connection, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    record_read(grant_for_token(token), "getAllUsers", status=200, request_id="r")
    number = connection.pk
    services.delete_connection(connection, actor="ada")
    log = screen.get(page("connections_accesslog_changelist")).content.decode()
    assert "getAllUsers" in log
    assert f"deleted connection {number}" in log
    row = AccessLog.objects.get(operation="getAllUsers")
    assert "getAllUsers" in screen.get(page("connections_accesslog_change", row.pk)).content.decode()
