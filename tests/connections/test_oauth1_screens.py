"""A connection of OAuth 1 from the page that makes it to the vendor's first signed call."""

import html
import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from connections import services
from connections.models import Connection, SharingSettings
from interop.admin.roles import Role
from interop.models import AuditEvent
from tests.connections.signing import SHA1, SHA256, header

USERS = "/ims/oneroster/v1p1/users"


@pytest.fixture
def editor(db):
    user = User.objects.create_user("eddy", is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=Role.EDITOR)[0]])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def shown(editor, lincoln):
    """The page that shows the credentials of a connection just generated, and what of it is to be copied."""
    SharingSettings(allow_oauth1=True).save()
    app = services.application_named("Acme", partner=False, actor="ada")
    page = editor.get(reverse("admin:generate", args=[app.slug]))
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    told = {"version": 11, "oauth": 1, "name": "Acme", "purpose": "Reading"}
    answer = editor.post(reverse("admin:generate", args=[app.slug]), dict(fields) | told)
    assert answer.status_code == 200, answer
    return answer, {value.key: value.text for value in answer.context["values"]}


def call(values, how=SHA256):
    signed = header(values["consumer-key"], values["consumer-secret"], f"http://testserver{USERS}", how=how)
    return Client().get(USERS, headers={"authorization": signed}).status_code


def test_the_page_shows_key_secret_and_address_and_they_work(shown, settings):
    page, values = shown
    assert list(values) == ["consumer-key", "consumer-secret", "base-url"]
    assert values["base-url"] == f"{settings.PUBLIC_URL}/ims/oneroster/v1p1"
    assert values["consumer-secret"] in page.content.decode()
    assert "Token URL" not in page.content.decode()
    assert Connection.objects.get().expires_at is not None
    assert call(values) == 200


def test_hmac_sha1_is_a_box_of_the_connection_and_in_the_trail(shown, editor):
    _, values = shown
    connection = Connection.objects.get()
    page = editor.get(reverse("admin:connection", args=[connection.pk])).content.decode()
    assert "Accept HMAC-SHA1" in page
    assert values["consumer-secret"] not in page
    assert call(values, SHA1) == 401
    form = {"revision": connection.revision, "name": "Acme", "purpose": "Reading", "enabled": "on",
            "share_guardians": "on", "share_relatives": "on", "allow_sha1": "on"}  # fmt: skip
    assert editor.post(reverse("admin:connection", args=[connection.pk]), form).status_code == 302
    assert call(values, SHA1) == call(values) == 200
    event = AuditEvent.objects.get(act="changed", object_type="connections.Connection")
    assert (event.actor, event.before, event.after) == ("eddy", {"allow_sha1": False}, {"allow_sha1": True})


def test_a_connection_of_oauth_2_has_no_such_box(editor, acme):
    assert "HMAC-SHA1" not in editor.get(reverse("admin:connection", args=[acme[0].pk])).content.decode()


def test_the_one_time_link_tells_how_to_sign(shown, editor):
    _, values = shown
    connection = Connection.objects.get()
    sent = {"client_id": values["consumer-key"], "secret": values["consumer-secret"]}
    page = editor.post(reverse("admin:one_time_link", args=[connection.pk]), sent)
    link = html.unescape(re.search(r'id="one-time-link">([^<]+)<', page.content.decode())[1])
    told = Client().post("/" + link.split("/", 3)[3]).content.decode()
    for words in (values["consumer-secret"], "Sign every call by OAuth 1.0a", "The method is HMAC-SHA256;",
                  "A signature holds"):  # fmt: skip
        assert words in told
    assert "grant_type" not in told
    assert "fingerprint" not in told
