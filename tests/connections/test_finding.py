"""The search in the header finds applications and connections."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections import services
from connections.models import Application, Connection, Credential
from interop.admin.roles import Role


@pytest.fixture
def viewer(client, db):
    user = User.objects.create_user("vera", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=Role.VIEWER)[0])
    client.force_login(user)
    return client


def found(client, words):
    """What is shown under each heading, and the words looked for instead."""
    answer = client.get(reverse("admin:find"), {"q": words})
    assert answer.status_code == 200
    groups = {group.key: [hit.title for hit in group.hits] for group in answer.context["groups"]}
    return groups, answer.context["instead"]


def test_a_viewer_finds_applications_and_connections_with_their_state(viewer, vendor):
    vendor("Fernwood Reading")
    acme, issued = vendor("Acme")
    services.change_connection(acme, actor="ada", name="Harrison High")
    Credential.objects.filter(pk=issued.credential.pk).update(client_id="northmere_lms2")
    orphan, _ = vendor("Old")
    Connection.objects.filter(pk=orphan.pk).update(application=None, name="lms-prod-2")
    assert found(viewer, " reading  FERN ") == (
        {"applications": ["Fernwood Reading"], "connections": ["Fernwood Reading"]}, "",
    )  # fmt: skip
    assert found(viewer, "acme high")[0] == {"connections": ["Harrison High"]}
    assert found(viewer, "northmere")[0] == found(viewer, "northmere_lms2")[0] == {"connections": ["Harrison High"]}
    assert found(viewer, "NORTHMERE")[0] == found(viewer, "nor")[0] == {}
    told = viewer.get(reverse("admin:find"), {"q": "lms-prod"}).content.decode()
    assert "Other OneRoster provisioning credentials · OneRoster 1.2, OAuth 2" in told
    assert "Never connected" in told
    assert reverse("admin:connection", args=[orphan.pk]) in told


def test_a_word_nobody_is_called_by_is_taken_for_the_nearest(viewer, vendor):
    vendor("Fernwood Reading")
    assert found(viewer, "Fernwod Readng") == (
        {"applications": ["Fernwood Reading"], "connections": ["Fernwood Reading"]}, "fernwood reading",
    )  # fmt: skip
    assert found(viewer, "zzz") == ({}, "")
    assert "Nothing matches." in viewer.get(reverse("admin:find"), {"q": "zzz"}).content.decode()


def test_many_are_found_by_the_same_queries_and_the_first_shown(viewer, vendor):
    def queries(words):
        with CaptureQueriesContext(database) as captured:
            assert viewer.get(reverse("admin:find"), {"q": words}).status_code == 200
        return len(captured)

    vendor("Vendor 0")
    few = queries("vendor"), queries("vandor")
    Application.objects.bulk_create(Application(name=f"Vendor {n}", slug=f"v{n}") for n in range(1, 500))
    Connection.objects.bulk_create(
        Connection(application=each, name=f"{each.name} {n}", created_by="ada")
        for each in Application.objects.all()
        for n in range(6)
    )
    assert (queries("vendor"), queries("vandor")) == few
    told = " ".join(viewer.get(reverse("admin:find"), {"q": "vendor"}).content.decode().split())
    assert "The first 20 of 500." in told
    assert "The first 20 of 3001." in told
    assert f'href="{reverse("admin:applications")}?q=vendor"' in told
