"""The office looks at the portal as a teacher or parent: only to read, for half an hour, and in the audit trail."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from gradebook import viewing
from gradebook.models import FamilyChoice, Score
from gradebook.pages.home.table import pages
from gradebook.pages.table import PAGES
from interop.admin.roles import Role
from interop.models import AuditEvent
from tests.gradebook.family.conftest import Home
from tests.gradebook.family.test_home import address, words
from tests.gradebook.test_teacher_matrix import address as teacher_address


def office(role: Role) -> Client:
    client = Client(raise_request_exception=False)
    user = User.objects.create(username=f"dana-{role}", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    client.force_login(user)
    return client


def asking(person) -> str:
    return f"/admin/data/people/{person.pk}/view-as/"


def acts() -> list[tuple[str, str, str]]:
    told = AuditEvent.objects.filter(act__contains="view").order_by("pk")
    return [(each.actor, each.act.split()[0], each.after.get("reason", "")) for each in told]


def test_an_editor_sees_what_a_parent_sees_and_changes_nothing_until_they_stop(home: Home) -> None:
    dana = office(Role.EDITOR)
    assert "View as this person" in words(dana.get(f"/admin/data/people/{home.rosa.pk}/"))
    assert "The classes of Lucía Delgado." in words(dana.get(asking(home.rosa)))
    assert dana.get("/home/").status_code == 403
    assert dana.post(asking(home.rosa), {"begin": "1"})["Location"] == "/home/"
    page = dana.get(home.first)
    assert "You are viewing as Rosa Delgado Read only, until" in words(page)
    assert "Quiz 6" in words(page)
    for each in pages():
        assert dana.post(address(each, home), {"mail_grades": "1"}).status_code == 403, each.name
    assert (dana.get("/teacher/").status_code, FamilyChoice.objects.count()) == (403, 0)
    assert dana.get(f"/home/students/{home.otto.pk}/").status_code == 404
    stopped = dana.post(asking(home.rosa), {"stop": "1"}, follow=True)
    assert "You are yourself again." in words(stopped)
    assert dana.get("/home/").status_code == 403
    assert acts() == [("dana-editor", "began", ""), ("dana-editor", "stopped", "stopped")]
    event = AuditEvent.objects.filter(act__startswith="began").get()
    assert (event.object_id, "Rosa" in str(event.__dict__)) == (str(home.rosa.pk), False)
    assert event.after["until"] > event.after["at"]


def test_grade_books_too_are_only_read_and_signing_out_ends_it(home: Home) -> None:
    dana, work = office(Role.OFFICER), home.taught.assignment("HW 9").pk
    assert dana.post(asking(home.taught.teacher), {"begin": "1"})["Location"] == "/teacher/"
    book = dana.get(f"/teacher/sections/{home.taught.section.pk}/")
    assert "You are viewing as Eleanor Voss" in words(book)
    before = Score.objects.count()
    for each in PAGES:
        if "POST" in each.methods:
            form = {"assignment": work, "person": home.maya.pk, "value": "2"}
            assert dana.post(teacher_address(each, home.taught, work), form).status_code == 403, each.name
    assert Score.objects.count() == before
    dana.post(asking(home.rosa), {"begin": "1"})
    dana.post("/account/sign-out/")
    assert [(what, why) for _who, what, why in acts()] == [
        ("began", ""), ("stopped", "another person chosen"), ("began", ""), ("stopped", "signed out"),
    ]  # fmt: skip


def test_it_ends_by_itself_after_half_an_hour_and_with_the_role(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    dana = office(Role.EDITOR)
    dana.post(asking(home.rosa), {"begin": "1"})
    later = timezone.now() + viewing.LASTS + dt.timedelta(seconds=1)
    with monkeypatch.context() as patched:
        patched.setattr("gradebook.pages.entering.timezone.now", lambda: later)
        over = dana.get(home.first)
        assert over["Location"] == asking(home.rosa)
    assert "Viewing ended: it lasts half an hour." in words(dana.get(over["Location"]))
    assert dana.get(home.first).status_code == 403
    dana.post(asking(home.rosa), {"begin": "1"})
    assert dana.get(home.first).status_code == 200
    User.objects.get(username="dana-editor").groups.clear()
    assert dana.get(home.first).status_code == 403


def test_roles_without_student_data_and_families_themselves_may_not(home: Home) -> None:
    viewer = office(Role.VIEWER)
    assert viewer.get(asking(home.rosa)).status_code == 403
    assert viewer.post(asking(home.rosa), {"begin": "1"}).status_code == 403
    session = viewer.session
    session[viewing.KEY] = {"person": home.rosa.pk, "until": "2099-01-01T00:00:00+00:00"}
    session.save()
    assert viewer.get(home.first).status_code == 403
