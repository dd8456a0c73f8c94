"""The two forms of ids in OneRoster 1.1: what a change is told to do, what it does, and the way to 1.2."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connections import services
from interop.admin.roles import Role
from interop.jobs import running
from interop.jobs.models import JobRun, State
from interop.models import AuditEvent
from roster import models, refreshing
from roster.renaming import renaming
from tests.flows.conftest import EVERYTHING, account
from tests.flows.vendor import Vendor, refresh
from tests.roster import factories as make

TWO, THREE = make.TODAY.replace(day=2), make.TODAY.replace(day=3)
PREFIXED = {"t77": "teacher", "g77": "guardian", "s78": "student"}
PLAIN = {"kim": "teacher", "kim-guardian": "guardian", "ann": "student"}


def active(vendor: Vendor, path: str = "/users") -> dict[str, str]:
    return {name: doc["role"] for name, doc in vendor.all(path).items() if doc["status"] == "active"}


def prefix(*, on: bool) -> None:
    models.DistrictSettings.objects.update_or_create(pk=1, defaults={"role_prefixed_ids": on})


def test_every_record_of_1_1_follows_the_form_of_the_ids_and_back(acme: Vendor) -> None:
    newer = Vendor(EVERYTHING)
    assert active(acme) == PLAIN
    for on, day, wanted in ((True, TWO, PREFIXED), (False, THREE, PLAIN)):
        prefix(on=on)
        refresh(day)
        told = acme.all("/users")
        assert active(acme) == wanted
        student, guardian = (next(name for name, role in wanted.items() if role == each)
                             for each in ("student", "guardian"))  # fmt: skip
        assert [agent["sourcedId"] for agent in told[student]["agents"]] == [guardian]
        users = {doc["user"]["sourcedId"] for doc in acme.all("/enrollments").values()}
        assert users == {name for name, role in wanted.items() if role != "guardian"}
        assert told.keys() == PREFIXED.keys() | PLAIN.keys(), "what they had is told as deleted"
        assert {name for name, doc in newer.all("/users").items() if doc["status"] == "active"} == {
            "kim", "ann", "father",
        }  # fmt: skip
    assert newer.all("/users")["ann"].get("metadata") is None


def test_a_person_of_another_id_in_1_1_is_told_of_it_in_1_2(acme: Vendor) -> None:
    prefix(on=True)
    refresh(TWO)
    users = Vendor(EVERYTHING).all("/users")
    assert users["kim"]["metadata"] == {"interop.v1p1.teacher": "t77", "interop.v1p1.guardian": "g77"}
    assert users["ann"]["metadata"] == {"interop.v1p1.student": "s78"}


def test_two_people_of_one_local_id_get_ids_that_differ(acme: Vendor, district: Any) -> None:
    twin = account(make.PersonFactory(sourced_id="twin", local_id="78"))
    make.EnrollmentFactory(person=twin, calendar=district.calendar)
    bare = account(make.PersonFactory(sourced_id="bare"))
    make.EnrollmentFactory(person=bare, calendar=district.calendar)
    prefix(on=True)
    refresh(TWO)
    ids = active(acme, "/students").keys()
    assert ids == {"s78", "s78-2", "sbare"}
    refresh(THREE)
    assert active(acme, "/students").keys() == ids


def test_what_a_change_does_is_foretold_exactly(acme: Vendor, django_assert_num_queries: Any) -> None:
    for on, day in ((True, TWO), (False, THREE)):
        with django_assert_num_queries(4):
            found = renaming(prefixed=on)
        assert (found.users, found.total) == ({"guardian": 1, "student": 1, "teacher": 1}, 3)
        assert [connection.pk for connection in found.connections] == [acme.connection.pk]
        prefix(on=on)
        refresh(day)
    services.disable(acme.connection, actor="ada")
    models.RoleId.objects.filter(prefixed=True, role="student").update(sourced_id="ann")
    found = renaming(prefixed=True)
    assert (found.users, found.connections) == ({"guardian": 1, "teacher": 1}, ())


@pytest.fixture
def officer(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda _self, _name, **_how: None)
    olga = User.objects.create_user("olga", is_staff=True)
    olga.groups.set([Group.objects.get_or_create(name=Role.OFFICER)[0]])
    client = Client()
    client.force_login(olga)
    return client


def settings_sent(officer: Client, **changed: str) -> dict[str, str]:
    """What a browser sends from the page of settings, but for the changes."""
    form = officer.get(reverse("admin:settings")).context["form"]
    sent = {field.html_initial_name: str(field.initial) for field in form}
    return sent | {field.html_name: "on" if field.value() is True else field.value() for field in form
                   if field.value()} | changed  # fmt: skip


def words(answer: Any) -> str:
    main = answer.content.decode().partition("<main")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_whom_vendors_will_see_twice_is_shown_before_the_setting_changes(officer: Client, acme: Vendor) -> None:
    asked = officer.post(reverse("admin:settings"), settings_sent(officer, role_prefixed_ids="on", local_grades="on"))
    said = words(asked)
    assert "3 users of OneRoster 1.1 get other ids." in said
    assert "guardian 1 student 1 teacher 1" in said
    assert acme.connection.name in said
    assert not models.DistrictSettings.load().role_prefixed_ids
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.content.decode()))
    assert sent.pop("confirmed") == "on"
    done = officer.post(reverse("admin:settings"), {**sent, "confirmed": "on"}, follow=True)
    assert "A refresh of everything is asked for." in words(done)
    now = models.DistrictSettings.load()
    assert (now.role_prefixed_ids, now.local_grades) == (True, True)
    waiting = refreshing.going_on()
    assert waiting is not None
    reasons = AuditEvent.objects.filter(act="let a held refresh through").values_list("after__reason", flat=True)
    assert list(reasons) == ["Role-prefixed user ids were turned on."]
    running.perform(waiting.pk)
    assert active(acme) == PREFIXED


def test_a_refresh_that_is_held_comes_first(officer: Client, acme: Vendor) -> None:
    now = timezone.now()
    JobRun.objects.create(job=refreshing.JOB, state=State.HELD, due_at=now, ended_at=now, told="Too much.")
    page = words(officer.post(reverse("admin:settings"), settings_sent(officer, role_prefixed_ids="on")))
    assert "Decide about it first" in page
    assert "Give role-prefixed ids" not in page


def crosswalk(path: Path, *args: str) -> tuple[list[list[str]], str]:
    out = io.StringIO()
    call_command("export_crosswalk", str(path), *args, stdout=out)
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines())), out.getvalue()


def test_a_vendor_that_moves_gets_the_table_of_ids_without_names(acme: Vendor, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    rows, said = crosswalk(file)
    assert rows == [["sourcedId 1.1", "role", "sourcedId 1.2"], ["ann", "student", "ann"],
                    ["kim", "teacher", "kim"], ["kim-guardian", "guardian", "kim"]]  # fmt: skip
    assert said == f"{file}: 3 users.\n"
    services.change_connection(acme.connection, actor="ada", share_guardians=False)
    assert [row[0] for row in crosswalk(file, f"--connection={acme.connection.pk}")[0][1:]] == ["ann", "kim"]
    assert list(tmp_path.iterdir()) == [file]


def test_the_table_is_refused_in_one_line(acme: Vendor, tmp_path: Path) -> None:
    file = str(tmp_path / "ids.csv")
    for args, said in (
        ((str(tmp_path),), "is not a file that can be written"),
        ((file, "--connection=987654"), "There is no connection 987654."),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("export_crosswalk", *args)
    assert not list(tmp_path.iterdir())
