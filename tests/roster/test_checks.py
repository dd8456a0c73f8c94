"""Each check of Readiness finds what it says and nothing else; for a connection at its schools, by its needs."""

import csv
import datetime
import io

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections import services
from connections.grants import grant_of
from connections.models import Connection
from interop.admin.roles import Role
from interop.models import AuditEvent
from roster import models
from roster.checks import CHECKS, NAMED, Scope
from roster.checks.connection import concerned, district
from roster.checks.rows import listed, row_of
from tests.roster import factories as make
from tests.roster.conftest import at

DAY = datetime.timedelta(days=1)
BIRTHDAY = datetime.date(2014, 3, 1)


@pytest.fixture
def sound(lincoln):
    """Lincoln with everything vendors need."""
    for person in (lincoln.student, lincoln.teacher, lincoln.mother):
        models.Account.objects.create(person=person, username=person.sourced_id)
        change(person, email=f"{person.sourced_id}@lincoln.example", local_id=person.sourced_id, cell_phone="555")
    models.Demographics.objects.create(person=lincoln.student, birth_date=BIRTHDAY)
    models.DistrictSettings(email_domains="@Lincoln.example, other.example").save()
    return lincoln


def change(record, **values):
    type(record).objects.filter(pk=record.pk).update(**values)


def findings(grant=None) -> dict[str, list[str]]:
    scope = Scope.of(at(), grant)
    told = {check.name: [row.sourced_id for row in check.records(scope)] for check in CHECKS}
    return {name: found for name, found in told.items() if found}


def connect(entry: str = "", **choices: object) -> Connection:
    application = services.application_named("Acme", partner=True, actor="admin")
    application.catalogue = entry
    application.save()
    schools = choices.pop("schools", None)
    told = {"purpose": "Reading", **choices}
    return services.create_connection(application, actor="admin", name="Acme", schools=schools, choices=told)


def test_a_sound_district_has_no_findings(sound):
    assert findings() == {}


FAULTS = {
    "schoolyear.blank": ("calendar.school_year", {"end_date": None}),
    "calendar.wider": ("calendar", {"start_date": make.YEAR_START - DAY}),
    "gradelevel.unmapped": ("grade", {"nces_grade": ""}),
    "section.no_primary": ("staff", {"kind": "teacher"}),
    "sectionstaff.no_assignment": ("assignment", {"teacher": False, "roles": ["program"]}),
    "section.inactive_course": ("course", {"active": False}),
    "enrollment.outside_year": ("enrollment", {"start_date": make.YEAR_END + DAY}),
    "enrollment.dates": ("enrollment", {"start_date": make.TODAY + DAY, "end_date": make.TODAY}),
    "districtassignment.dates": ("assignment", {"start_date": datetime.date(207, 8, 1)}),
    "rosterentry.dates": ("entry", {"start_date": datetime.date(2206, 9, 1)}),
    "sectionstaff.dates": ("staff", {"start_date": make.TODAY, "end_date": make.TODAY - DAY}),
    "term.dates": ("term", {"end_date": make.YEAR_START - DAY}),
    "calendar.dates": ("calendar", {"start_date": make.YEAR_END, "end_date": make.YEAR_START}),
    "student.no_email": ("student", {"email": ""}),
    "staff.no_email": ("teacher", {"email": ""}),
    "contact.no_email": ("mother", {"email": ""}),
    "person.foreign_email": ("teacher", {"email": "ada@home.example"}),
    "student.no_username": ("student.account", {"username": ""}),
    "staff.no_username": ("teacher.account", {"username": ""}),
    "contact.no_username": ("mother.account", {"username": ""}),
    "user.no_username": ("student.account", {"username": ""}),
    "person.username_twice": ("student.account", {"username": "TEACHER"}),
    "student.no_grade": ("enrollment", {"grade_level": None}),
    "student.no_number": ("student", {"local_id": ""}),
    "student.no_guardian": ("relationship", {"guardian": False}),
    "contact.no_phone": ("mother", {"cell_phone": ""}),
    "student.no_birth_date": ("student.demographics", {"birth_date": None}),
    "student.wrong_birth_date": ("student.demographics", {"birth_date": datetime.date(1881, 1, 1)}),
}


def test_every_check_has_a_fault_here_that_it_finds():
    assert FAULTS.keys() == NAMED.keys()


def test_each_fault_is_found_and_leads_to_the_record(sound):
    scope = Scope.of(at())
    for name, (path, values) in FAULTS.items():
        record = sound
        for step in path.split("."):
            record = getattr(record, step)
        before = {field: getattr(type(record).objects.get(pk=record.pk), field) for field in values}
        change(record, **values)
        rows = [row_of(row) for row in listed(NAMED[name].records(Scope.of(at())))]
        assert rows, name
        assert all(row.name and row.place.url.startswith("/admin/data/") for row in rows), name
        change(record, **before)
        assert not NAMED[name].records(scope).exists(), name


def test_a_connection_is_told_of_its_schools_its_version_and_its_vendors_needs(sound):
    washington = make.CalendarFactory(school__sourced_id="washington")
    elsewhere = make.PersonFactory(sourced_id="elsewhere")
    make.EnrollmentFactory(person=elsewhere, calendar=washington)
    change(sound.student.account, username="")
    change(sound.mother, cell_phone="")
    modern = connect("larkspur-health-forms", schools=[sound.school.pk], share_guardians=False)
    old = connect("fernwood-reading", version=11)
    assert findings(grant_of(modern)) == {"student.no_username": ["student"], "user.no_username": ["student"]}
    assert "elsewhere" in findings(grant_of(old))["student.no_email"]
    names = {check.name for check in concerned(modern).checks}
    assert {"student.no_guardian", "student.no_birth_date", "section.no_primary"} <= names
    assert not {"student.no_username", "student.no_number", "contact.no_phone"} & names
    assert (concerned(modern).off, concerned(modern).unknown) == (["guardians", "demographics"], [])
    assert {"student.no_username", "student.no_grade"} <= {check.name for check in concerned(old).checks}
    assert "student.no_birth_date" not in {check.name for check in concerned(old).checks}
    assert {"student.no_grade", "student.no_number"} & {check.name for check in district()} == {"student.no_grade"}


def test_the_address_that_counts_is_the_one_the_connection_is_given(sound):
    change(sound.student, email="", secondary_email="s@lincoln.example")
    assert findings() == {}
    assert findings(grant_of(connect()))["student.no_email"] == ["student"]
    assert "student.no_email" not in findings(grant_of(connect(use_secondary_email=True)))


def test_nothing_is_judged_while_no_school_year_is_active(sound, client):
    client.force_login(person("vera", Role.VIEWER))
    models.SchoolYear.objects.update(active=False)
    assert Scope.of(at()) is None
    assert "No school year is active" in client.get(reverse("admin:readiness")).content.decode()


def person(name: str, role: Role) -> User:
    somebody = User.objects.create_user(name, is_staff=True)
    somebody.groups.set([Group.objects.get_or_create(name=role)[0]])
    return somebody


def test_the_page_counts_in_a_fixed_number_of_statements(sound, client):
    client.force_login(person("eddy", Role.EDITOR))
    connection = connect("larkspur-health-forms", share_guardians=False)
    address = reverse("admin:readiness") + f"?connection={connection.pk}"
    assert "guardians, and this connection does not share them" in client.get(address).content.decode()
    with CaptureQueriesContext(database) as one:
        assert client.get(address).status_code == 200
    for _each in range(3):
        make.EnrollmentFactory(calendar=sound.calendar)
    with CaptureQueriesContext(database) as more:
        assert "Students without an email address" in client.get(address).content.decode()
    assert len(more) == len(one)


def test_a_list_is_read_page_by_page_or_taken_as_a_file_and_both_are_in_the_trail(sound, client: Client):
    client.force_login(person("eddy", Role.EDITOR))
    for number in range(101):
        student = make.PersonFactory(sourced_id=f"s{number}", family_name=f"=F{number:03}", given_name="")
        make.EnrollmentFactory(person=student, calendar=sound.calendar)
    address = reverse("admin:readiness_list", args=["student.no_email"])
    with CaptureQueriesContext(database) as caught:
        first = client.get(address)
    assert len(caught) < 20
    assert "Page 1 of 2" in first.content.decode()
    assert "<code>s100</code>" in client.get(address + "?page=2").content.decode()
    assert "no-store" in first.headers["Cache-Control"]
    rows = list(csv.reader(io.StringIO(client.get(address + "?as=csv").content.decode())))
    assert (len(rows), rows[1][0]) == (102, "'=F000")
    acts = [(event.act, event.after["check"]) for event in AuditEvent.objects.order_by("pk") if event.actor == "eddy"]
    assert acts == [("looked through a list of Readiness", "student.no_email")] * 2 + [
        ("took a list of Readiness as CSV", "student.no_email")
    ]
    assert client.get(reverse("admin:readiness_list", args=["nothing"])).status_code == 404
    assert client.get(reverse("admin:readiness") + "?connection=0").status_code == 404
