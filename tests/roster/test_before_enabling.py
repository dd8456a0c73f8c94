"""Before a vendor is let in, the screens show what Readiness found, and ask when it keeps records back."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from connections import services
from connections.models import Connection
from interop.admin.roles import Role
from roster import models

ASKED = "What Readiness found"


@pytest.fixture
def editor(db: None) -> Client:
    somebody = User.objects.create_user("eddy", is_staff=True)
    somebody.groups.set([Group.objects.get_or_create(name=Role.EDITOR)[0]])
    client = Client()
    client.force_login(somebody)
    return client


@pytest.fixture
def reading(lincoln) -> Connection:
    application = services.application_named("Acme", partner=False, actor="admin")
    return services.create_connection(
        application, actor="admin", name="Reading", choices={"purpose": "Reading", "enabled": False}
    )


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().partition("<main")[2]))


def test_generating_shows_the_findings_with_links_and_asks_when_they_block(reading, editor):
    page, asked = "/admin/applications/acme/generate/", {"version": 12, "oauth": 2, "name": "Maths", "purpose": "Maths"}
    told = text(editor.get(page))
    assert f"{ASKED} 1 Staff without an email address" in told
    assert "I have seen what Readiness found" not in told
    models.Course.objects.update(active=False)
    first = editor.get(page).content.decode()
    assert 'href="/admin/readiness/section.inactive_course/">Active sections of inactive courses</a>' in first
    assert first.index("inactive courses") < first.index("without an email")
    told = text(editor.post(page, asked))
    assert "Nothing is made yet. Look at what Readiness found" in told
    assert not Connection.objects.filter(name="Maths").exists()
    assert "Connection made." in text(editor.post(page, {**asked, "seen_readiness": "on"}))
    assert Connection.objects.filter(name="Maths").exists()


def test_enabling_is_asked_about_on_both_pages_when_findings_block(reading, editor):
    page, tile = f"/admin/applications/connections/{reading.pk}/", "/admin/applications/acme/"
    here = editor.get(page).content.decode()
    assert f'href="/admin/explain/?connection={reading.pk}"' in here
    assert f'href="/admin/readiness/?connection={reading.pk}"' in here
    assert "1 Staff without an email address" in text(editor.get(page))
    form = {
        "revision": reading.revision,
        "name": "Renamed",
        "purpose": "Reading",
        "enabled": "on",
        "which_schools": "all",
    }
    models.Course.objects.update(active=False)
    for address, sent in ((page, form), (tile, {"connection": reading.pk})):
        answer = editor.post(address, sent)
        assert "? Nothing is changed yet. Readiness found" in text(answer)
        assert f'href="/admin/readiness/section.inactive_course/?connection={reading.pk}"' in answer.content.decode()
        assert not Connection.objects.get(pk=reading.pk).enabled
        again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode()))
        assert again.items() >= {name: str(value) for name, value in sent.items()}.items()
        assert editor.post(address, again).status_code == 302
        made = Connection.objects.get(pk=reading.pk)
        assert (made.enabled, made.name) == (True, "Renamed")
        services.disable(made, actor="admin")


def test_enabling_is_not_asked_about_without_findings_that_block(reading, editor):
    assert editor.post("/admin/applications/acme/", {"connection": reading.pk}).status_code == 302
    assert Connection.objects.get(pk=reading.pk).enabled


def test_without_an_active_year_that_is_what_is_told(reading, editor):
    models.SchoolYear.objects.update(active=False)
    assert "No school year is active Make the right one active first" in text(
        editor.get(f"/admin/applications/connections/{reading.pk}/")
    )
