"""Deleting for good: looked at first, approved by somebody else after signing in again, certified, and nothing left."""

import datetime as dt
import hashlib
import json

import orjson
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from connections import access, services
from connections.models import AccessLog, Connection
from interop.admin import officers
from interop.admin.roles import Role
from interop.disposals import deciding
from interop.disposals.models import APPROVED_FOR, Disposal
from interop.models import AuditEvent
from roster.disposing import still_named
from roster.models import Body, Enrollment, Person, Record, Relationship, RosterEntry
from tests.roster import factories as make
from tests.roster.conftest import at, lincoln, published  # noqa: F401 - fixtures
from tests.signin import confirm, second_step

STUDENT = "student-canary"
MAIL = "canary@lincoln.example"
LATER = make.TODAY + dt.timedelta(days=1)


@pytest.fixture
def office(db):
    """Kim asks, Lee approves; both are security officers."""
    people = [User.objects.create_user(name, password="x") for name in ("kim", "lee")]
    for each in people:
        officers.give(each, Role.OFFICER)
    return people


@pytest.fixture
def left(lincoln, published):  # noqa: F811
    """A student with a mother who was published and has left; her sister stays."""
    Person.objects.filter(pk=lincoln.student.pk).update(sourced_id=STUDENT, email=MAIL)
    make.PersonFactory(sourced_id=f"{STUDENT}2")
    published.refresh()
    now = at(LATER)
    for model, name in ((Enrollment, "person"), (RosterEntry, "person"), (Relationship, "student")):
        model.objects.filter(**{name: lincoln.student}).update(ended_at=now)
    Person.objects.filter(sourced_id=STUDENT).update(ended_at=now)
    return lincoln.student


def purge(**more):
    call_command("purge_student", STUDENT, **more)


def mentions(word: str) -> int:
    return sum(word in bytes(doc).decode() for doc in Body.objects.values_list("doc", flat=True))


def test_a_student_goes_only_when_vendors_were_told_and_a_second_officer_agreed(
    client, office, left, published, tmp_path, capsys  # noqa: F811
):  # fmt: skip
    with pytest.raises(CommandError, match="still read the record as active"):
        purge(dry_run=True)
    published.refresh(LATER)
    newest = Record.objects.order_by("-pk").values_list("pk", flat=True)[0]
    purge(dry_run=True)
    assert "roster_person" in capsys.readouterr().out
    assert not Disposal.objects.exists()
    with pytest.raises(CommandError, match="must name an active security officer"):
        purge(by="nobody", reason="x")
    with pytest.raises(CommandError, match="--reason"):
        purge(by="kim")
    purge(by="kim", reason="Request 12")
    asked = Disposal.objects.get()
    with pytest.raises(CommandError, match="waits for a second security officer"):
        purge()

    for person in office:
        client.force_login(person)
        second_step(client)
        confirm(client)
        page = client.post("/admin/disposals/", {"disposal": asked.pk, "act": "approve"}, follow=True)
        assert page.status_code == 200
        asked.refresh_from_db()
        assert asked.approved_by == ("" if person.username == "kim" else "lee")

    certificate = tmp_path / "certificate.json"
    purge(certificate=certificate)
    told = json.loads(certificate.read_text())
    assert (told["asked_by"], told["approved_by"], told["deleted"]["roster_person"]["rows"]) == ("kim", "lee", 1)
    assert told["subject"] == "sha256:" + hashlib.sha256(STUDENT.encode()).hexdigest()
    stated = told.pop("sha256")
    assert stated == hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert told["still_named_in"] == {}
    assert STUDENT not in certificate.read_text()
    assert mentions(f'"{STUDENT}"') == mentions(MAIL) == 0
    assert still_named({STUDENT, MAIL}) == {}
    assert Person.objects.filter(sourced_id=f"{STUDENT}2").exists(), "whoever is called alike stays"
    assert client.get(f"/admin/disposals/{asked.pk}/certificate.json").json()["sha256"] == stated
    assert {"asked to delete", "approved a deletion", "deleted for good"} <= set(
        AuditEvent.objects.values_list("act", flat=True)
    )
    assert Record.objects.order_by("-pk").values_list("pk", flat=True)[0] >= newest, "no number is given out twice"
    assert not published.refresh(LATER).changed


def test_whoever_the_feed_still_brings_stays(office, lincoln):  # noqa: F811
    with pytest.raises(CommandError, match="The feed still brings this person"):
        call_command("purge_student", "student", dry_run=True)
    with pytest.raises(CommandError, match="no person nobody"):
        call_command("purge_student", "nobody", dry_run=True)


def test_an_approval_is_good_for_a_week_and_can_be_declined(client, office, left, published):  # noqa: F811
    published.refresh(LATER)
    purge(by="kim", reason="Request 12")
    asked = Disposal.objects.get()
    with pytest.raises(PermissionError):
        deciding.approve(asked.pk, by="KIM")
    deciding.approve(asked.pk, by="lee")
    Disposal.objects.update(approved_at=dt.datetime.now(dt.UTC) - APPROVED_FOR)
    with pytest.raises(CommandError, match="waits for a second"):
        purge()
    client.force_login(office[0])
    second_step(client)
    assert client.post("/admin/disposals/", {"disposal": asked.pk, "act": "decline"}).status_code == 302
    asked.refresh_from_db()
    assert asked.is_open, "only after signing in again"
    confirm(client)
    client.post("/admin/disposals/", {"disposal": asked.pk, "act": "decline"})
    asked.refresh_from_db()
    assert asked.declined_by == "kim"
    assert "Declined" in client.get("/admin/disposals/").content.decode()
    purge(by="kim", reason="Once more")


def test_people_who_left_long_ago_go_together(office, left, published, tmp_path):  # noqa: F811
    published.refresh(LATER)
    with pytest.raises(CommandError, match="at least 60 days ago"):
        call_command("retention", ended_before=dt.date.today(), dry_run=True)  # noqa: DTZ011
    Person.objects.filter(pk=left.pk).update(ended_at=at() - dt.timedelta(days=400))
    day = make.TODAY - dt.timedelta(days=300)
    told = {"ended_before": min(day, dt.date.today() - dt.timedelta(days=61))}  # noqa: DTZ011
    call_command("retention", **told, by="kim", reason="Rule 4")
    deciding.approve(Disposal.objects.get().pk, by="lee")
    call_command("retention", **told, certificate=tmp_path / "c.json")
    assert not Person.objects.filter(pk=left.pk).exists()
    assert Person.objects.filter(sourced_id="mother").exists()
    with pytest.raises(CommandError, match="Nobody left"):
        call_command("retention", **told, dry_run=True)


def test_a_connection_goes_with_its_keys_and_its_log_stays(office, tmp_path):
    acme = services.application_named("Acme", partner=False, actor="admin")
    found = services.create_connection(acme, actor="admin")
    issued = services.add_credential(found, actor="admin")
    access.record_refused(issued.credential.client_id, 401, request_id="r", address="192.0.2.1")
    with pytest.raises(CommandError, match="is enabled"):
        call_command("purge_connection", found.pk, dry_run=True)
    services.disable(found, actor="admin")
    call_command("purge_connection", found.pk, by="kim", reason="Contract ended")
    deciding.approve(Disposal.objects.get().pk, by="lee")
    certificate = tmp_path / "c.json"
    call_command("purge_connection", found.pk, certificate=certificate)
    assert not Connection.objects.filter(pk=found.pk).exists()
    told = json.loads(certificate.read_text())
    assert told["deleted"]["connections_credential"]["rows"] == 1
    assert told["still_named_in"] == {"connections_accesslog": AccessLog.objects.filter(connection_id=found.pk).count()}


def test_an_incident_report_tells_who_read_what(client, office, left, published, tmp_path):  # noqa: F811
    acme = services.application_named("Acme", partner=False, actor="admin")
    issued = services.add_credential(services.create_connection(acme, actor="admin"), actor="admin")
    told = {
        "grant_type": "client_credentials",
        "client_id": issued.credential.client_id,
        "client_secret": issued.secret,
    }
    token = client.post("/oauth2/token", told).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    base = "/ims/oneroster/rostering/v1p2"
    assert client.get(f"{base}/users/{STUDENT}", headers=bearer).status_code == 200
    assert client.get(f"{base}/users?limit=2", headers=bearer).status_code == 200
    pack = tmp_path / "pack.json"
    today = dt.datetime.now(dt.UTC)
    call_command(
        "incident_report", "--from", str(today - dt.timedelta(hours=1)), "--to", str(today + dt.timedelta(hours=1)),
        "--output", str(pack),
    )  # fmt: skip
    [each] = json.loads(pack.read_text())["connections"]
    assert each["requests"] >= 3
    assert each["addresses"] == ["127.0.0.1"]
    assert each["people_named"] >= 1
    assert each["people_at_most"] >= 2
    assert STUDENT not in pack.read_text()
    with pytest.raises(CommandError, match="--from must be before"):
        call_command("incident_report", "--from", "2026-11-02", "--to", "2026-11-01")
