"""Three ways to stop, and the end of one secret: asked first, done by POST, felt on the very next request."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from connections import services
from connections.grants import Refused, grant_for_token
from connections.models import Connection
from interop.admin.roles import Role
from interop.models import AuditEvent

WAYS = ("disable_connection", "remove_credentials", "delete_connection")


@pytest.fixture
def screen(client, db):
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def token(acme, ask):
    return ask(acme[1].credential.client_id, acme[1].secret).json()["access_token"]


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_asks_first_and_then_the_held_token_opens_nothing(screen, acme, token, ask, way):
    connection, issued = acme
    asked = screen.get(url(way, connection.pk)).content.decode()
    assert "To come back" in asked
    assert grant_for_token(token)
    answer = screen.post(url(way, connection.pk), follow=True)
    assert "next request is refused" in answer.content.decode()
    with pytest.raises(Refused):
        grant_for_token(token)
    assert ask(issued.credential.client_id, issued.secret).status_code == 401


def test_a_disabled_connection_comes_back_with_the_same_key_and_secret(screen, acme, ask):
    connection, issued = acme
    screen.post(url("disable_connection", connection.pk))
    services.enable(connection, actor="ada")
    assert ask(issued.credential.client_id, issued.secret).status_code == 200


def test_removing_credentials_keeps_the_settings_and_lets_new_ones_be_made(screen, vendor, lincoln, ask):
    connection, first = vendor("Acme", share_guardians=False)
    services.set_schools(connection, [lincoln.pk], actor="ada")
    second = services.add_credential(connection, actor="ada")
    before = services.facts(Connection.objects.get())
    screen.post(url("remove_credentials", connection.pk))
    assert [ask(each.credential.client_id, each.secret).status_code for each in (first, second)] == [401, 401]
    assert services.facts(Connection.objects.get()) == before
    new = services.add_credential(connection, actor="ada")
    assert ask(new.credential.client_id, new.secret).status_code == 200


def test_deleting_a_connection_leaves_the_application_and_its_others(screen, acme):
    connection, _ = acme
    other = services.create_connection(connection.application, actor="ada", name="Second")
    answer = screen.post(url("delete_connection", connection.pk))
    assert answer["Location"] == url("application", connection.application.slug)
    assert list(Connection.objects.all()) == [other]


def test_deleting_a_connection_of_no_known_vendor_leads_to_the_applications(screen, acme):
    Connection.objects.update(application=None)
    assert screen.post(url("delete_connection", acme[0].pk))["Location"] == url("applications")


def test_ending_one_secret_leaves_the_other(screen, acme, ask):
    connection, old = acme
    new = services.add_credential(connection, actor="ada")
    page = url("end_secret", connection.pk, old.credential.pk)
    assert "The other secret keeps working" in screen.get(page).content.decode()
    answer = screen.post(page, follow=True)
    assert f"Secret …{old.credential.secret_tail} ended" in answer.content.decode()
    assert ask(old.credential.client_id, old.secret).status_code == 401
    assert ask(new.credential.client_id, new.secret).status_code == 200


def test_a_secret_of_another_connection_is_not_found(screen, acme, vendor):
    _, other = vendor("Other")
    assert screen.post(url("end_secret", acme[0].pk, other.credential.pk)).status_code == 404


def test_every_way_is_in_the_audit_trail(screen, acme):
    connection, issued = acme
    for way in WAYS:
        screen.post(url(way, connection.pk))
    told = AuditEvent.objects.filter(actor="ada").order_by("id").values_list("act", "before", "after")
    acts = list(told)
    assert [act for act, _, _ in acts] == ["changed", "revoked credentials", "deleted"]
    assert acts[0][1:] == ({"enabled": True}, {"enabled": False})
    assert acts[1][1] == {"client_id": issued.credential.client_id}
    assert acts[2][1]["name"] == "Acme"


def test_an_editor_disables_every_connection_but_ends_only_secrets_of_their_own(client, acme):
    eddy = User.objects.create_user("eddy", is_staff=True)
    eddy.groups.add(Group.objects.get_or_create(name=Role.EDITOR)[0])
    client.force_login(eddy)
    connection, issued = acme
    closed = [("remove_credentials", connection.pk), ("delete_connection", connection.pk)]
    closed.append(("end_secret", connection.pk, issued.credential.pk))
    for name, *args in closed:
        assert client.get(url(name, *args)).status_code == 403
        assert client.post(url(name, *args)).status_code == 403
    assert client.post(url("disable_connection", connection.pk)).status_code == 302
    assert not Connection.objects.get().enabled
    Connection.objects.update(created_by="eddy")
    assert client.post(url("remove_credentials", connection.pk)).status_code == 302
    assert not connection.credentials.live().exists()
