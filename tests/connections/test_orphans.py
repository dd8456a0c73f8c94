import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from connections import catalogue, services
from connections.models import Application, Connection
from connections.services.adding import add_application
from interop.models import AuditEvent


@pytest.fixture
def screen(client, db):
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def fernwood(db):
    entry = catalogue.entry("fernwood-reading")
    return add_application(name=entry.name, purpose="Reading", actor="ada", entry=entry)


def at(name, *args):
    return reverse(f"admin:{name}", args=args)


def text(answer):
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return " ".join(answer.content.decode().split())


@pytest.fixture
def orphan(vendor):
    connection, issued = vendor("Unknown")
    Connection.objects.filter(pk=connection.pk).update(application=None, name="lms-prod-2 (old login)")
    Application.objects.all().delete()
    connection.refresh_from_db()
    return connection, issued


def test_orphans_stand_apart_with_the_beginning_of_their_key(screen, orphan):
    _, issued = orphan
    told = text(screen.get(at("applications")))
    assert "Other OneRoster provisioning credentials" in told
    assert f"<code>{issued.credential.client_id[:12]}…</code>" in told
    assert issued.credential.client_id not in told


def test_orphans_are_found_by_name_and_key_too(screen, orphan):
    _, issued = orphan

    def found(words):
        return [each.line.connection.name for each in screen.get(at("applications"), {"q": words}).context["orphans"]]

    assert found("LMS-prod") == found(issued.credential.client_id) == ["lms-prod-2 (old login)"]
    assert found("fernwood") == []


def test_orphans_are_narrowed_by_state_and_school_as_applications_are(screen, orphan, vendor, lincoln, washington):
    connection, _ = orphan
    services.set_schools(connection, [lincoln.pk], actor="ada")
    ended, _ = vendor("Ended")
    Connection.objects.filter(pk=ended.pk).update(
        application=None, name="old", expires_at=timezone.now() - dt.timedelta(days=1)
    )

    def found(**asked):
        return [each.line.connection.name for each in screen.get(at("applications"), asked).context["orphans"]]

    assert found() == ["lms-prod-2 (old login)", "old"]
    assert found(state="need") == found(state="expired") == found(school=washington.pk) == ["old"]
    assert found(school=lincoln.pk) == found(partner="False") == found()
    assert found(partner="True") == []
    assert "None of these credentials is like that." in text(screen.get(at("applications"), {"state": "healthy"}))


def test_an_orphan_is_adopted_by_the_partner_its_name_means_and_goes_on_working(screen, orphan, ask):
    connection, issued = orphan
    url = at("adopt", connection.pk)
    asked = screen.get(url)
    assert asked.context["form"]["where"].value() == "name"
    Connection.objects.update(name="Fernwod Readng")
    form = screen.get(url).context["form"]
    assert (form["where"].value(), form["entry"].value()) == ("entry", "fernwood-reading")
    assert "Say what it is for" in text(screen.post(url, {"where": "entry", "entry": "fernwood-reading"}))
    answer = screen.post(url, {"where": "entry", "entry": "fernwood-reading", "purpose": "Reading"})
    assert answer["Location"] == at("application", "fernwood-reading")
    connection.refresh_from_db()
    assert connection.application.name == "Fernwood Reading"
    assert ask(issued.credential.client_id, issued.secret).status_code == 200
    assert AuditEvent.objects.get(act="adopted").after == {"application": "Fernwood Reading"}
    assert screen.get(url).status_code == 404


def test_an_orphan_is_adopted_by_an_application_the_district_has_or_a_new_one(screen, orphan, fernwood):
    connection, _ = orphan
    url = at("adopt", connection.pk)
    assert "Choose one, or give a name." in text(screen.post(url, {"where": "application"}))
    assert "An application with this name exists." in text(
        screen.post(url, {"where": "name", "name": "fernwood reading", "purpose": "x"})
    )
    screen.post(url, {"where": "application", "application": fernwood.pk})
    connection.refresh_from_db()
    assert connection.application == fernwood
    Connection.objects.update(application=None)
    screen.post(url, {"where": "name", "name": "Brand New", "purpose": "x"})
    connection.refresh_from_db()
    assert (connection.application.name, connection.application.partner) == ("Brand New", False)
