"""Why isn't this shared? As the office asks it, on the page and by the command."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connections import services
from connections.grants import grant_of
from connections.models import Connection
from interop.admin.roles import Role
from interop.models import AuditEvent
from roster import models
from roster.editing import changing
from roster.explaining import KINDS, find
from tests.connections.logged import record_read
from tests.roster import factories as make

PAGE = "/admin/explain/"


def person(name: str, role: Role) -> Client:
    somebody = User.objects.create_user(name, is_staff=True)
    somebody.groups.set([Group.objects.get_or_create(name=role)[0]])
    client = Client()
    client.force_login(somebody)
    return client


def text(answer: Any) -> str:
    """The words of the page's main part, each blank once."""
    assert answer.status_code == 200
    _head, _tag, main = answer.content.decode().partition("<main")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def acme(lincoln) -> Connection:
    application = services.application_named("Acme", partner=False, actor="admin")
    made = services.create_connection(application, actor="admin", name="Reading", choices={"purpose": "Reading"})
    services.add_credential(made, actor="admin")
    return made


@pytest.fixture
def theodora(lincoln, published) -> models.Person:
    """Once published; today a teacher whose assignment ended, without the box, and excluded."""
    models.Person.objects.filter(pk=lincoln.teacher.pk).update(
        given_name="Theodora", family_name="Papadopoulos-Whitmore", email="T.Pap@lincoln.example", local_id="4711"
    )
    published.refresh(timezone.localdate())
    models.Person.objects.filter(pk=lincoln.teacher.pk).update(external_lms_exclude=True)
    models.DistrictAssignment.objects.update(teacher=False, end_date=make.YEAR_START)
    return models.Person.objects.get(pk=lincoln.teacher.pk)


def titles(words: str, *kinds: str) -> list[str]:
    return [hit.title for hit in find(words, kinds or list(KINDS))]


def test_records_are_found_by_name_id_and_email_also_misspelled(theodora):
    name = "Theodora Papadopoulos-Whitmore"
    for words in ("4711", "t.pap@LINCOLN.example", "teacher", "theo whit", "Papadopolous", "Witmore, Teodora"):
        assert titles(words) == [name], words
    assert titles("teaches") == [f"{name}, Algebra 1"]
    assert titles("Papadopolous", "entry") == [f"{name}, Algebra 1"]
    assert titles("lincoln") == ["Lincoln"]
    assert "Lincoln" in titles("Linclon")
    assert set(titles("algebra")) == {"Algebra 1", "Algebra"}
    assert titles("Xyzzy Quux") == titles("\0") == []


def test_three_failed_rules_come_first_with_what_to_do_and_the_look_is_in_the_trail(theodora, acme):
    client = person("eddy", Role.EDITOR)
    record_read(grant_of(acme), "getAllUsers", records=9, status=200, request_id="r")
    answer = client.post(PAGE, {"words": "Papadopolous Whitmor", "connection": acme.pk})
    told = text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Theodora Papadopoulos-Whitmore leaves Acme at the next refresh. 3 of 16 rules are not met." in told
    failed = [told.index(f"not met: {words}") for words in (
        "External LMS Exclude is not marked on the person.",
        "The district assignment&#x27;s end date is not in the past.",
        "Teacher is marked on the district assignment.",
    )]  # fmt: skip
    assert failed == sorted(failed)
    assert failed[-1] < told.index("met: The person is still sent")
    assert "Ask before you clear it. Nobody marked it here: it came from the student information system." in told
    assert "does not apply: Demographics are shared with this connection. Off." in told
    assert "getAllUsers, 9 records. The log knows lists, not who was in them." in told
    assert "OneRoster 1.2 · this connection’s version Field As shared sourcedId teacher" in told
    assert f'href="/admin/data/people/{theodora.pk}/"' in answer.content.decode()
    event = AuditEvent.objects.get(actor="eddy")
    assert (event.object_type, event.object_id, event.after) == (
        "roster.Person", str(theodora.pk), {"connection": acme.pk},
    )  # fmt: skip
    assert "Papad" not in f"{event.object_name}{event.before}{event.after}"


def test_what_is_not_shared_is_shown_as_it_would_be_in_each_version(theodora, acme, published, capsys):
    models.Account.objects.create(person=theodora, username="theo")
    published.refresh(timezone.localdate())
    told = text(person("eddy", Role.EDITOR).post(PAGE, {"words": "4711", "connection": acme.pk}))
    assert "Theodora Papadopoulos-Whitmore is not shared with Acme. 3 of 16 rules are not met." in told
    older = told.index("OneRoster 1.1 · not shared")
    newer = told.index("OneRoster 1.2 · this connection’s version · not shared")
    for version, field in ((told[older:newer], "role teacher"), (told[newer:], "roles primary, teacher, ")):
        assert "From today’s data it would look like this, once what is not met above is put right." in version
        assert "As it would be sourcedId teacher status active username theo" in version
        assert field in version
        assert "dateLastModified" not in version.partition("As it would be")[2]
    call_command("explain", "person", "teacher", connection=acme.pk)
    said = capsys.readouterr().out
    assert 'OneRoster 1.2, not shared; it would be:\n{\n  "sourcedId": "teacher",\n  "status": "active"' in said


def test_one_record_is_compared_over_all_open_connections_with_what_decides(theodora, acme, lincoln):
    application = services.application_named("Brook", partner=False, actor="admin")
    elsewhere = make.CalendarFactory(school__sourced_id="washington", school__name="Washington").school
    for name, schools, enabled in (("All", None, True), ("Washington", [elsewhere.pk], True), ("Old", None, False)):
        services.create_connection(
            application, actor="admin", name=name, schools=schools, choices={"version": 11, "enabled": enabled}
        )
    models.Person.objects.update(external_lms_exclude=False)
    asked = {"record": f"person:{lincoln.student.pk}", "connection": acme.pk}
    client = person("eddy", Role.EDITOR)
    first = client.post(PAGE, asked)
    assert "Shared with 1, kept back from 2, by the rules of today. Compare all 3 connections" in text(first)
    told = text(client.post(PAGE, {**asked, "compare": "on"}))
    table = told[told.index("What decides") : told.index("Acme may call")]
    username = "Not shared The person has a username; OneRoster 1.1 requires one. none Explain : Brook"
    assert "Acme — Reading (1.2) Shared All rules are met." in table
    assert f"Brook — All (1.1) {username}" in table
    assert "Brook — Washington (1.1) Not shared The school is one of the connection’s. Lincoln The person has" in table
    assert "Old" not in table


def test_who_marked_a_box_is_told_with_the_rule_that_it_fails(theodora, acme):
    client, asked = person("eddy", Role.EDITOR), {"record": f"person:{theodora.pk}", "connection": acme.pk}
    assert "Nobody marked it here: it came from the student information system." in text(client.post(PAGE, asked))
    people = models.Person.objects.filter(pk=theodora.pk)
    for marked in (False, True):
        changing.change(people, {"external_lms_exclude": marked}, actor="dana", now=timezone.now())
    told = text(client.post(PAGE, asked))
    assert re.search(r"Ask before you clear it\. dana marked it here on \w+ \d+, \d+\. Open the person", told)


def test_several_hits_are_chosen_among_and_what_depends_on_another_record_leads_on(theodora, acme, lincoln):
    client = person("eddy", Role.EDITOR)
    twin = make.PersonFactory(family_name="Papadopoulos-Whitmore", given_name="Theo")
    listed = client.post(PAGE, {"words": "Papadopoulos", "connection": acme.pk}).content.decode()
    assert f'value="person:{twin.pk}"' in listed
    assert not AuditEvent.objects.filter(actor="eddy").exists()
    told = text(client.post(PAGE, {"record": f"person:{twin.pk}", "connection": acme.pk}))
    assert "neither enrolled, nor staff, nor related to a student" in told
    line = client.post(PAGE, {"record": f"sectionstaff:{lincoln.staff.pk}", "connection": acme.pk}).content.decode()
    assert f'name="record" value="person:{theodora.pk}"' in line
    for nonsense in ("person:x", "person:999999", "account:1", "person:" + "9" * 40, "x"):
        told = text(client.post(PAGE, {"record": nonsense, "connection": acme.pk}))
        assert "Nothing in the district’s data is called like that" in told


def test_a_viewer_learns_nothing_of_students(acme, theodora):
    viewer = person("vera", Role.VIEWER)
    assert viewer.get(PAGE).status_code == 403
    assert viewer.post(PAGE, {"words": "4711", "connection": acme.pk}).status_code == 403


def test_what_is_met_is_told_as_shared_now_or_from_the_next_refresh_on(lincoln, acme, published):
    client = person("eddy", Role.EDITOR)
    asked = {"words": lincoln.section.sourced_id, "kind": "section", "connection": acme.pk}
    assert "Algebra 1 is shared with Acme from the next refresh on." in text(client.post(PAGE, asked))
    published.refresh(timezone.localdate())
    assert "Algebra 1 is shared with Acme. All rules are met." in text(client.post(PAGE, asked))


def test_the_command_says_the_same_and_is_in_the_trail(theodora, acme, capsys):
    call_command("explain", "person", "teacher", connection=acme.pk)
    told = capsys.readouterr().out
    assert "3 of 16 rules are not met." in told
    assert "  - Teacher is marked on the district assignment. [not marked]\n      Mark Teacher" in told
    assert "  + The connection is enabled. [enabled]" in told
    assert "  . The person has a username; OneRoster 1.1 requires one.\n      Only asked by OneRoster 1.1." in told
    assert "Last published: " in told
    assert AuditEvent.objects.get(actor="explain").object_id == str(theodora.pk)
    with pytest.raises(CommandError, match="There is no connection 0"):
        call_command("explain", "person", "teacher", connection=0)
    with pytest.raises(CommandError, match="There is no section teacher"):
        call_command("explain", "section", "teacher", connection=acme.pk)


def test_without_a_connection_the_page_leads_to_making_one(db):
    told = text(person("eddy", Role.EDITOR).get(reverse("admin:explain")))
    assert "Connect a first application" in told
