"""The district's data on screen: looked through, locked or changed, and what a change does said before it is saved."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection as database
from django.db.models import Model
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections import services
from connections.grants import vendors_held
from connections.models import Application, Connection
from interop import schedule
from interop.admin.roles import Role
from interop.models import AuditEvent, JobRun
from roster import refreshing, scheduling
from roster.imports.sources import KEPT, SOURCES
from roster.models import (
    Account,
    Course,
    DistrictSettings,
    Enrollment,
    GradeLevel,
    Person,
    Relationship,
    SchedulingFinal,
    School,
    SchoolYear,
    Withheld,
)
from roster.screens.data.kinds import BY_NAME, KINDS, Kind
from roster.screens.data.lists import ROWS
from tests.roster import factories as make
from tests.roster.conftest import Published

NOT_ON_A_LIST = {"Demographics", "District", "Resource"}


def somebody(role: Role) -> Client:
    user = User.objects.create_user(role.value, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(db: None) -> Client:
    return somebody(Role.EDITOR)


@pytest.fixture
def viewer(db: None) -> Client:
    return somebody(Role.VIEWER)


@pytest.fixture
def acme(db: None) -> Application:
    return services.application_named("Acme", partner=False, actor="admin")


def connected(acme: Application, name: str, schools: list[int] | None, **choices: Any) -> Connection:
    return services.create_connection(acme, actor="admin", name=name, schools=schools, choices=choices)


def change(client: Client, name: str, /, *rows: Model, act: str = "", **told: Any) -> Any:
    where = reverse("admin:data_change", args=[name])
    return client.post(where, {"row": [row.pk for row in rows], "act": act, **told}, follow=True)


def words(answer: Any) -> str:
    """The main part of a page as text."""
    main = answer.content.decode().split("<main")[1].split(">", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


class TestTheTableOfKinds:
    def test_every_table_of_the_feed_has_a_page_and_every_field_kept_here_a_source_that_allows_it(self) -> None:
        assert {kind.model.__name__ for kind in KINDS} == set(SOURCES) - NOT_ON_A_LIST
        wrong = [
            (kind.name, name)
            for kind in KINDS
            for name in (*kind.kept, *kind.acts)
            if not (kind.editable or kind.sets_anew(name) or SOURCES[kind.model.__name__][name] == KEPT)
            if (kind.name, name) != ("grade-levels", "nces_grade")
        ]
        assert wrong == []
        assert "calendars" in BY_NAME["grade-levels"].source("nces_grade")

    def test_every_box_that_hides_can_be_marked_here(self) -> None:
        boxes = {
            (kind.model, field.name)
            for kind in KINDS
            for field in kind.model._meta.fields
            if field.name in {"external_lms_exclude", "no_show", "portal"}
        }
        assert boxes == {(kind.model, name) for kind in KINDS for name in kind.boxes if name in {
            "external_lms_exclude", "no_show", "portal"}}  # fmt: skip
        assert len(boxes) == 12


class TestLists:
    def test_each_kind_is_listed_and_opened_with_the_same_statements_for_one_row_and_three(
        self, lincoln, editor: Client
    ) -> None:
        Account.objects.create(person=lincoln.student, username="s.student")
        Course.objects.update(course_master=make.CourseMasterFactory())
        make.StructureFactory(calendar=lincoln.calendar)
        before = {kind.name: asked(editor, kind) for kind in KINDS}
        for number in (1, 2):
            another(number, lincoln)
        assert {kind.name: asked(editor, kind) for kind in KINDS} == before
        index = editor.get(reverse("admin:data"))
        assert words(index).count("record") >= len(KINDS)

    def test_people_are_found_by_name_id_email_and_username_and_no_name_stands_in_an_address(
        self, lincoln, editor: Client
    ) -> None:
        Person.objects.filter(pk=lincoln.student.pk).update(given_name="Zoë", family_name="Quist", local_id="4711")
        Account.objects.create(person=lincoln.student, username="zquist")
        for looked in ("quist zo", "4711", "student@lincoln", "ZQUIST", "student"):
            found = editor.post(BY_NAME["people"].url, {"q": looked})
            assert "Quist, Zoë" in words(found)
            assert "mother" not in words(found).replace("mothers", "")
        assert 'method="post"' in found.content.decode().split('id="narrow"')[1].split(">")[0]
        assert "no-store" in found.headers["Cache-Control"]
        assert "Nothing fits" in words(editor.post(BY_NAME["people"].url, {"q": "nobody"}))

    def test_a_long_list_is_walked_page_by_page_without_missing_or_repeating_anybody(
        self, lincoln, editor: Client
    ) -> None:
        people = BY_NAME["people"]
        for number in range(ROWS):
            make.PersonFactory(family_name=("Same", "Like")[number % 2], given_name="Ada")
        seen: list[str] = []
        answer = editor.get(people.url)
        while True:
            seen += re.findall(r'name="row" value="(\d+)"', answer.content.decode())
            after = re.search(r'name="after" value="(\d+)"', answer.content.decode())
            if after is None:
                break
            answer = editor.post(people.url, {"after": after[1]})
        assert len(seen) == len(set(seen)) == Person.objects.count() == ROWS + 3

    def test_it_is_narrowed_by_state_mark_school_and_year(self, lincoln, editor: Client) -> None:
        elsewhere = make.EnrollmentFactory(calendar=make.CalendarFactory(school__name="Elsewhere"), no_show=True)
        gone = make.EnrollmentFactory(calendar=lincoln.calendar, ended_at="2026-09-01T00:00Z")
        for asked_for, expected in (
            ({}, {lincoln.enrollment, elsewhere}),
            ({"state": "ended"}, {gone}),
            ({"marked": "no_show"}, {elsewhere}),
            ({"school": lincoln.school.pk, "state": "all"}, {lincoln.enrollment, gone}),
            ({"person": elsewhere.person_id}, {elsewhere}),
        ):
            answer = editor.post(BY_NAME["enrollments"].url, asked_for).content.decode()
            assert {int(pk) for pk in re.findall(r'name="row" value="(\d+)"', answer)} == {e.pk for e in expected}

    def test_viewers_meet_no_people(self, lincoln, viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        index = viewer.get(reverse("admin:data"))
        assert BY_NAME["people"].url not in index.content.decode()
        with monkeypatch.context() as patched:
            patched.setattr(SimpleTemplateResponse, "rendered_content", "")
            for kind in KINDS:
                row = kind.model._default_manager.first()
                asked_for = [kind.url, kind.record_url(row.pk)] if row else [kind.url]
                told = {viewer.get(url).status_code for url in asked_for}
                assert told == ({403} if kind.people else {200}), kind.name
        level = words(viewer.get(BY_NAME["grade-levels"].record_url(lincoln.grade.pk)))
        assert "Kept here State grade level code – NCES grade 07 External LMS Exclude No" in level
        assert "See what it does" not in level
        section = words(viewer.get(BY_NAME["sections"].record_url(lincoln.section.pk)))
        assert "Family" not in section
        assert "Section staff" not in section


def asked(client: Client, kind: Kind) -> tuple[int, int]:
    """How many statements the list of a kind takes, and the page of its first record."""
    row = kind.model._default_manager.order_by("pk").first()
    assert row, kind.name
    with CaptureQueriesContext(database) as listed:
        assert client.get(kind.url).status_code == 200
    with CaptureQueriesContext(database) as opened:
        assert client.get(kind.record_url(row.pk)).status_code == 200
    return len(listed), len(opened)


def another(number: int, here: Any) -> None:
    """One more row of every kind, belonging to what is there."""
    year = make.SchoolYearFactory(sourced_id=f"y{number}", title=f"y{number}", active=False)
    calendar = make.CalendarFactory(school=make.SchoolFactory(name=f"School {number}"), school_year=year)
    make.CalendarFactory(school=here.school, school_year=year)
    make.StructureFactory(calendar=here.calendar)
    make.GradeLevelFactory(calendar=here.calendar)
    make.TermFactory(school_year=here.calendar.school_year)
    person = make.PersonFactory()
    Account.objects.create(person=person, username=f"p{number}")
    make.RelationshipFactory(student=here.student, contact=person)
    make.RelationshipFactory(student=person, contact=here.mother)
    make.EnrollmentFactory(person=here.student, calendar=calendar)
    make.EnrollmentFactory(person=person, calendar=here.calendar, grade_level=here.grade)
    make.AssignmentFactory(person=here.teacher, school=calendar.school)
    make.AssignmentFactory(person=person, school=here.school)
    course = make.CourseFactory(school=here.school, school_year=here.calendar.school_year)
    make.CourseFactory(course_master=make.CourseMasterFactory())
    section = make.SectionFactory(course=here.course, calendar=here.calendar)
    make.SectionFactory(course=course, calendar=here.calendar)
    make.SectionStaffFactory(section=here.section, person=person)
    make.SectionStaffFactory(section=section, person=here.teacher)
    make.RosterEntryFactory(section=here.section, person=person)
    make.RosterEntryFactory(section=section, person=here.student)


class TestARecord:
    def test_what_the_feed_brought_is_locked_and_what_is_kept_here_can_be_changed(
        self, lincoln, editor: Client
    ) -> None:
        page = editor.get(BY_NAME["enrollments"].record_url(lincoln.enrollment.pk))
        told = words(page)
        assert "From the SIS feed Locked" in told
        assert "roles.beginDate" in told
        assert "Stays until a feed brings roles.metadata.interop.noShow" in told
        assert set(re.findall(r'name="field" value="(\w+)"', page.content.decode())) == {
            "no_show", "external_lms_exclude",
        }  # fmt: skip
        section = editor.get(BY_NAME["section-staff"].record_url(lincoln.staff.pk))
        assert "Kept here" not in words(section)

    def test_a_field_of_the_feed_cannot_be_changed_by_a_forged_form(self, lincoln, editor: Client) -> None:
        change(editor, "people", lincoln.student, act="save", field=["family_name"], family_name="Eve")
        change(editor, "section-staff", lincoln.staff, act="save", field=["kind"], kind="other")
        feeds = Account.objects.create(person=lincoln.student, username="feeds")
        change(editor, "accounts", feeds, act="save", field=["username"], username="forged")
        feeds.refresh_from_db()
        lincoln.student.refresh_from_db()
        assert (feeds.username, lincoln.student.family_name != "Eve") == ("feeds", True)
        assert not AuditEvent.objects.filter(act="changed district data").exists()

    def test_a_username_made_here_is_changed_here_but_never_to_somebody_elses(self, lincoln, editor: Client) -> None:
        mine = Account.objects.create(person=lincoln.student, username="mine", made_here=True)
        Account.objects.create(person=lincoln.teacher, username="Taken")
        told = change(editor, "accounts", mine, act="save", field=["username"], username="taken")
        assert "Somebody else has this username" in words(told)
        change(editor, "accounts", mine, act="save", field=["username", "enabled"], username="better")
        mine.refresh_from_db()
        assert (mine.username, mine.enabled) == ("better", False)


class TestBeforeYouSave:
    def test_a_box_says_whom_it_hides_and_who_has_them_and_saving_acts_at_once(
        self, published: Published, lincoln, editor: Client, acme: Application
    ) -> None:
        elsewhere = make.CalendarFactory(school__name="Elsewhere")
        published.refresh()
        connected(acme, "Everything", None)
        connected(acme, "Lincoln alone", [lincoln.school.pk])
        connected(acme, "Elsewhere alone", [elsewhere.school_id])
        connected(acme, "Switched off", None, enabled=False)
        asked_first = change(editor, "enrollments", lincoln.enrollment, do="external_lms_exclude:on")
        told = words(asked_first)
        assert "External LMS Exclude No Yes 1" in told
        assert "People: 1 Enrollments: 1" in told
        assert "2 connections have some of it now: Everything, Lincoln alone" in told
        lincoln.enrollment.refresh_from_db()
        assert (lincoln.enrollment.external_lms_exclude, Withheld.objects.count()) == (False, 0)

        saved = change(editor, "enrollments", lincoln.enrollment, act="save", field=["external_lms_exclude"],
                       external_lms_exclude="on")  # fmt: skip
        assert "1 record changed. A box acts on the vendors’ next request." in words(saved)
        assert Withheld.objects.count() > 1
        event = AuditEvent.objects.get(act="changed district data")
        assert (event.actor, event.before, event.after) == (
            "editor", {"external_lms_exclude": False}, {"external_lms_exclude": True},
        )  # fmt: skip
        back = words(change(editor, "enrollments", lincoln.enrollment, do="external_lms_exclude:off"))
        assert "Shows to vendors again, on their next request" in back
        change(editor, "enrollments", lincoln.enrollment, act="save", field=["external_lms_exclude"])
        assert Withheld.objects.count() == 0

    def test_the_statements_do_not_grow_with_rows_or_connections(
        self, published: Published, lincoln, editor: Client, acme: Application
    ) -> None:
        published.refresh()
        connected(acme, "First", None)
        counts = []
        for number in (1, 3):
            others = [make.EnrollmentFactory(calendar=lincoln.calendar) for _ in range(number)]
            for each in range(number - 1):
                connected(acme, f"More {each}", [lincoln.school.pk], share_guardians=bool(each))
            with CaptureQueriesContext(database) as told:
                change(editor, "enrollments", lincoln.enrollment, *others, do="no_show:on")
            counts.append(len(told))
        assert counts[0] == counts[1] < 60

    def test_many_are_changed_together_and_only_those_that_differ_stand_in_the_trail(
        self, lincoln, editor: Client
    ) -> None:
        levels = [make.GradeLevelFactory(calendar=lincoln.calendar, nces_grade=grade) for grade in ("07", "7th", "")]
        question = change(editor, "grade-levels", *levels, do="nces_grade")
        assert '<select name="nces_grade"' in question.content.decode()
        told = change(editor, "grade-levels", *levels, field=["nces_grade"], nces_grade="07")
        assert "NCES grade various 07 2" in words(told)
        assert "Vendors see it within seconds." in words(told)
        change(editor, "grade-levels", *levels, act="save", field=["nces_grade"], nces_grade="07")
        assert set(GradeLevel.objects.values_list("nces_grade", flat=True)) == {"07"}
        assert AuditEvent.objects.filter(act="changed district data").count() == 2
        refused = change(editor, "grade-levels", *levels, act="save", field=["nces_grade"], nces_grade="seven")
        assert "Select a valid choice" in words(refused)

    def test_portal_and_dates_of_a_relationship_are_kept_here_and_checked(self, lincoln, editor: Client) -> None:
        told = {"field": ["portal", "start_date", "end_date"], "start_date": "2026-09-02", "end_date": "2026-09-01"}
        refused = change(editor, "relationships", lincoln.relationship, act="save", **told)
        assert "Enter a day on or after the start." in words(refused)
        change(editor, "relationships", lincoln.relationship, act="save", **{**told, "end_date": "2026-09-03"})
        assert not Relationship.objects.get().portal

    def test_nobody_ticked_is_told_and_viewers_change_nothing(self, lincoln, editor: Client, viewer: Client) -> None:
        assert "no record that can be changed here was ticked" in words(change(editor, "schools", do="no_show:on"))
        box = {"do": "external_lms_exclude:on", "row": lincoln.school.pk, "act": "save"}
        assert viewer.post(reverse("admin:data_change", args=["schools"]), box).status_code == 403
        assert not School.objects.filter(external_lms_exclude=True).exists()


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch, db: None) -> list[str]:
    """The doorbell rings here."""
    rung: list[str] = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda _self, name, **_: rung.append(name))
    return rung


class TestSchoolYears:
    def test_a_year_is_made_active_after_a_look_at_what_comes_and_goes(
        self, published: Published, lincoln, editor: Client, bells: list[str], django_capture_on_commit_callbacks
    ) -> None:
        published.refresh()
        hidden = make.EnrollmentFactory(calendar=lincoln.calendar)
        change(editor, "enrollments", lincoln.enrollment, act="save", field=["no_show"], no_show="on")
        withheld = set(Withheld.objects.values_list("pk", flat=True))
        assert withheld
        coming = make.SchoolYearFactory(sourced_id="next", title="2027-28", start_year=2027, end_year=2028,
                                        start_date=None, end_date=None, active=False)  # fmt: skip
        calendar = make.CalendarFactory(school=lincoln.school, school_year=coming)
        for _each in range(2):
            make.EnrollmentFactory(calendar=calendar, start_date=None)
        where = reverse("admin:data_active_year", args=[coming.pk])
        preview = words(editor.get(where))
        assert hidden.end_date is None
        assert "Students 1 +2 −1 2" in preview
        assert "Sections 1 0 −1 0" in preview
        assert "Lincoln 1 2 1 1 1 0" in preview
        assert SchoolYear.objects.get(active=True).title == "2026-27"
        with django_capture_on_commit_callbacks(execute=True):
            assert editor.post(where, {"reason": "now"}).status_code == 403
            officer = somebody(Role.OFFICER)
            assert "Say why" in words(officer.post(where))
            answer = officer.post(where, {"reason": "Scheduling is loaded", "hold_vendors": "on"}, follow=True)
        assert "2027-28 is active. The refresh that shows it to vendors has begun." in words(answer)
        assert (SchoolYear.objects.get(active=True).pk, set(bells)) == (coming.pk, {schedule.LOOK})
        assert JobRun.objects.filter(job=refreshing.JOB, subject=refreshing.APPROVED).exists(), "nothing is held"
        assert vendors_held()
        assert set(Withheld.objects.values_list("pk", flat=True)) >= withheld
        event = AuditEvent.objects.get(act="made a school year active")
        assert event.before == {"active school year": "2026-27"}
        assert "is active already" in words(editor.get(where, follow=True))

    def test_scheduling_is_marked_final_with_name_and_date_and_before_it_vendors_are_let_in_with_a_warning(
        self, lincoln, editor: Client, viewer: Client, acme: Application, capsys: pytest.CaptureFixture[str]
    ) -> None:
        year = lincoln.calendar.school_year
        assert "scheduling of 2026-27" in scheduling.warning()
        assert not vendors_held()
        DistrictSettings(hold_until_final=True).save()
        assert vendors_held()
        generate = reverse("admin:generate", args=[acme.slug])
        assert "Scheduling is not final yet" in words(editor.get(generate))
        one = connected(acme, "One", None, enabled=False)
        told = editor.post(reverse("admin:application", args=[acme.slug]), {"connection": one.pk}, follow=True)
        assert "Nobody has marked the scheduling of 2026-27 final" in words(told)
        call_command("create_connection", "--application", "Other", "--version", "1.2", "--json")
        assert "Nobody has marked the scheduling of 2026-27 final" in capsys.readouterr().err
        where = reverse("admin:data_scheduling", args=[year.pk])
        assert viewer.post(where).status_code == 403
        assert "editor marked it" in words(editor.post(where, {"act": "mark"}, follow=True))
        assert SchedulingFinal.objects.get().marked_by == "editor"
        assert (scheduling.warning(), vendors_held()) == ("", False)
        assert "Scheduling is not final yet" not in words(editor.get(generate))
        editor.post(where, {"act": "take back"})
        assert vendors_held()
        assert list(AuditEvent.objects.filter(object_type="roster.SchoolYear").values_list("act", flat=True)) == [
            scheduling.UNMARKED, scheduling.MARKED,
        ]  # fmt: skip
        SchoolYear.objects.update(active=False)
        assert (scheduling.warning(), Enrollment.objects.exists()) == ("", True)
