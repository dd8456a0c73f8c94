"""The screens of the district's data, as each role meets them."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections import services
from connections.models import AccessLog, Connection, SharingSettings
from interop.admin.roles import Role
from interop.models import AuditEvent, JobRun
from roster import console
from roster.endpoints import ENDPOINTS
from roster.models import District, DistrictSettings, Frozen, Pull, School, ServedScope
from tests.reading.published import LINCOLN, WASHINGTON, grant, publish, publish_district, user

NOBODYS = "amy|ben|mum|Given|lincoln.example"


def person(name: str, role: Role) -> Client:
    """Somebody of the data office in a browser of their own."""
    somebody = User.objects.create_user(name, is_staff=True)
    somebody.groups.set([Group.objects.get_or_create(name=role)[0]])
    client = Client()
    client.force_login(somebody)
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    return person("vera", Role.VIEWER)


@pytest.fixture
def editor(db: None) -> Client:
    return person("eddy", Role.EDITOR)


@pytest.fixture
def officer(db: None) -> Client:
    return person("olga", Role.OFFICER)


@pytest.fixture
def acme(db: None) -> Connection:
    """A connection to Lincoln alone; Washington stands beside it."""
    publish_district()
    here = District.objects.create(sourced_id="d", name="Northmere", identifier="NM-1")
    for number, name in ((LINCOLN, "lincoln"), (WASHINGTON, "washington")):
        School.objects.create(id=number, sourced_id=name, name=name.title(), district=here)
    application = services.application_named("Acme", partner=False, actor="admin")
    return services.create_connection(
        application, actor="admin", name="Acme reading", schools=[LINCOLN], choices={"purpose": "Reading"}
    )


def url(name: str, *parts: Any) -> str:
    return reverse(f"admin:{name}", args=parts)


def text(answer: Any) -> str:
    """The words of the page's main part, each blank once."""
    assert answer.status_code == 200
    _head, _tag, main = answer.content.decode().partition("<main")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(database) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


class TestWhatAVendorSees:
    def test_a_viewer_reads_counts_and_no_record(self, viewer: Client, acme: Connection) -> None:
        answer = viewer.get(url("vendor_sees", acme.pk))
        said = text(answer)
        assert "What Acme sees" in said
        assert "Students 2 of 5" in said
        assert "Lincoln 2 1 0 1 3" in said
        assert "Washington" not in said
        assert not re.search(NOBODYS, said)
        assert viewer.post(url("vendor_sees", acme.pk), {"kind": "user", "words": "amy"}).status_code == 403

    def test_an_editor_finds_a_person_by_name_and_sees_what_the_vendor_gets(
        self, editor: Client, acme: Connection
    ) -> None:
        said = text(editor.post(url("vendor_sees", acme.pk), {"kind": "user", "words": "family two"}))
        assert "student, Lincoln" in said
        assert "1 value is not in the answer" in said
        assert "&quot;sourcedId&quot;: &quot;two&quot;" in said
        assert "washington" not in said.lower()

    def test_the_counts_come_as_a_file_too(self, viewer: Client, acme: Connection) -> None:
        School.objects.filter(pk=LINCOLN).update(name="=Lincoln")
        told = viewer.get(url("vendor_sees", acme.pk), {"as": "csv"})
        assert told.content.decode().splitlines() == [
            "School,Students,Teachers,Other staff,Classes,Enrollments", "'=Lincoln,2,1,0,1,3", "Together,2,1,0,1,3",
        ]  # fmt: skip

    def test_several_are_offered_to_choose_from(self, editor: Client, acme: Connection) -> None:
        found = editor.post(url("vendor_sees", acme.pk), {"kind": "user", "words": "family"})
        assert "Choose one" in text(found)
        assert 'name="record" value="amy"' in found.content.decode()
        assert 'value="ben"' not in found.content.decode()
        chosen = editor.post(url("vendor_sees", acme.pk), {"kind": "user", "words": "family", "record": "amy"})
        assert "Family amy, Given amy" in text(chosen)

    def test_nobody_of_another_school_is_found(self, editor: Client, acme: Connection) -> None:
        for words in ("ben", "Family ben"):
            said = text(editor.post(url("vendor_sees", acme.pk), {"kind": "user", "words": words}))
            assert "This connection gets no such record" in said
        chosen = editor.post(url("vendor_sees", acme.pk), {"kind": "user", "record": "ben"})
        assert "This connection gets no such record" in text(chosen)

    def test_looking_somebody_up_is_in_the_audit_trail_without_their_name(
        self, editor: Client, acme: Connection
    ) -> None:
        editor.post(url("vendor_sees", acme.pk), {"kind": "user", "words": "amy"})
        event = AuditEvent.objects.get(act="looked up a record")
        assert (event.actor, event.object_id, event.after) == ("eddy", str(acme.pk), {"kind": "user"})

    def test_a_fixed_number_of_queries(self, editor: Client, acme: Connection) -> None:
        few = queries(editor, url("vendor_sees", acme.pk))
        for number in range(3, 6):
            School.objects.create(
                id=number, sourced_id=f"s{number}", name=f"S{number}", district_id=School.objects.all()[0].district_id
            )
            publish("org", f"s{number}", schools=(number,), name=f"S{number}", type="school")
            user(f"p{number}", ("student", f"s{number}"), schools=(number,))
        acme.schools.set(School.objects.all())
        assert queries(editor, url("vendor_sees", acme.pk)) == few

    def test_what_is_unknown_is_not_found(self, editor: Client, acme: Connection) -> None:
        for name in ("vendor_sees", "vendor_difference", "api_console"):
            assert editor.get(url(name, 0)).status_code == 404


class TestChoosingAConnection:
    def test_every_connection_leads_to_what_its_vendor_sees(self, viewer: Client, acme: Connection) -> None:
        answer = viewer.get(url("vendors_see"))
        assert url("vendor_sees", acme.pk) in answer.content.decode()
        assert "Acme reading" not in text(viewer.get(url("vendors_see"), {"q": "gristmill"}))
        assert "Acme reading" in text(viewer.get(url("vendors_see"), {"q": "READ acme"}))

    def test_without_connections_it_teaches_the_next_step(self, viewer: Client) -> None:
        assert "Connect a first application" in text(viewer.get(url("vendors_see")))

    def test_a_fixed_number_of_queries(self, editor: Client, acme: Connection) -> None:
        few = queries(editor, url("vendors_see"))
        for number in range(2):
            services.create_connection(acme.application, actor="admin", name=f"More {number}")
        assert queries(editor, url("vendors_see")) == few
        assert queries(editor, url("api")) == few


class TestBeforeYouSave:
    def test_the_difference_is_told_in_words_and_numbers(self, viewer: Client, acme: Connection) -> None:
        said = text(viewer.get(url("vendor_difference", acme.pk), {"schools": f"{LINCOLN},{WASHINGTON}"}))
        assert "If you save: Washington added." in said
        assert "Students 2 + 3 ± 1 0 5" in said
        assert not re.search(NOBODYS, said)

    def test_an_editor_steps_through_the_records_before_and_after(self, editor: Client, acme: Connection) -> None:
        path = url("vendor_difference", acme.pk)
        first = text(editor.get(path, {"schools": "all"}))
        assert "1 of " in first
        assert "+ newly shared" in first
        said = [text(editor.get(path, {"schools": "all", "record": str(at)})) for at in range(1, 12)]
        [two] = [each for each in said if "Family two, Given two" in each and "± changed" in each]
        assert "+ student, Washington" in two.replace("primary, ", "").replace("secondary, ", "")
        assert editor.get(path, {"schools": "all", "record": "x"}).status_code == 200

    def test_the_form_of_the_edit_page_becomes_an_address(self, editor: Client, acme: Connection) -> None:
        form = {
            "revision": acme.revision, "name": "Acme reading", "purpose": "Reading", "enabled": "on",
            "share_relatives": "on", "which_schools": "chosen", "schools": [LINCOLN, WASHINGTON],
        }  # fmt: skip
        answer = editor.post(url("vendor_difference", acme.pk), form)
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith("?share_guardians=0&schools=1%2C2")
        assert "If you save: guardians off, Washington added." in text(editor.get(answer.headers["Location"]))
        acme.refresh_from_db()
        assert acme.share_guardians
        assert list(acme.schools.values_list("pk", flat=True)) == [LINCOLN]

    def test_choosing_no_school_leads_back_with_a_reason(self, editor: Client, acme: Connection) -> None:
        form = {"revision": 1, "name": "A", "purpose": "B", "which_schools": "chosen"}
        answer = editor.post(url("vendor_difference", acme.pk), form)
        assert answer.headers["Location"].endswith("#schools")

    def test_what_is_saved_already_makes_no_difference(self, viewer: Client, acme: Connection) -> None:
        said = text(viewer.get(url("vendor_difference", acme.pk), {"schools": str(LINCOLN), "share_guardians": "1"}))
        assert "Nothing would change" in said

    def test_a_school_that_does_not_exist_is_no_school(self, viewer: Client, acme: Connection) -> None:
        said = text(viewer.get(url("vendor_difference", acme.pk), {"schools": "99,abc,-1"}))
        assert "If you save: Lincoln taken away." in said


class TestTheConsole:
    def ask(self, client: Client, acme: Connection, operation: str, **given: str) -> str:
        return text(client.post(url("api_console", acme.pk), {"endpoint": operation, **given}))

    def test_it_is_closed_to_viewers(self, viewer: Client, acme: Connection) -> None:
        assert viewer.get(url("api_console", acme.pk)).status_code == 403
        assert viewer.get(url("api")).status_code == 403

    def test_it_answers_as_the_connection_is_answered(self, editor: Client, acme: Connection) -> None:
        said = self.ask(editor, acme, "getAllUsers", limit="2", sort="sourcedId", filter="status='active'")
        assert "/ims/oneroster/rostering/v1p2/users?limit=2&amp;sort=sourcedId&amp;filter=status%3D%27active%27" in said
        assert "X-Total-Count 4" in said
        assert "Family amy" in said
        assert "Lincoln" in said
        assert "Family ben" not in said

    def test_it_answers_a_single_record_and_a_part_of_a_list(self, editor: Client, acme: Connection) -> None:
        assert "Family amy" in self.ask(editor, acme, "getUser", **{"path-sourcedId": "amy"})
        assert "404" in self.ask(editor, acme, "getUser", **{"path-sourcedId": "ben"})
        students = self.ask(editor, acme, "getStudentsForSchool", **{"path-school": "lincoln", "fields": "sourcedId"})
        assert "X-Total-Count 2" in students
        assert "Family" not in students

    def test_it_refuses_as_the_api_refuses(self, editor: Client, acme: Connection) -> None:
        assert "403" in self.ask(editor, acme, "getAllDemographics")
        assert "invalid_filter_field" in self.ask(editor, acme, "getAllUsers", filter="shoes='red'")
        assert "at most 100 records" in self.ask(editor, acme, "getAllUsers", limit="101")
        assert "at most 100 records" in self.ask(editor, acme, "getAllUsers", limit="-1")
        assert "The address needs it" in self.ask(editor, acme, "getUser")

    def test_every_use_is_audited_by_names_without_values(self, editor: Client, acme: Connection) -> None:
        self.ask(editor, acme, "getAllUsers", filter="familyName='Family amy'", limit="5")
        event = AuditEvent.objects.get(act="tried the API")
        assert (event.actor, event.object_id) == ("eddy", str(acme.pk))
        assert event.after == {
            "operation": "getAllUsers", "parameters": ["filter", "limit"], "filter_fields": ["familyName"],
            "status": 200, "records": 1,
        }  # fmt: skip

    def test_nothing_of_it_counts_as_the_vendors(self, editor: Client, acme: Connection) -> None:
        self.ask(editor, acme, "getAllUsers", limit="1")
        for kept in (AccessLog, Pull, Frozen, ServedScope):
            assert not kept.objects.exists()

    def test_looking_at_the_form_writes_nothing(self, editor: Client, acme: Connection) -> None:
        before = AuditEvent.objects.count()
        assert "GET /students" in text(editor.get(url("api_console", acme.pk), {"endpoint": "getAllStudents"}))
        assert AuditEvent.objects.count() == before

    @pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
    def test_every_endpoint_can_be_asked(self, acme: Connection, endpoint: Any) -> None:
        samples = {"class": "c-l", "course": "algebra", "school": "lincoln", "student": "two", "teacher": "mix",
                   "term": "t1", "user": "amy", "sourcedId": "nobody"}  # fmt: skip
        names = {name: samples[name] for name in endpoint.parameters}
        answer = console.ask(grant(schools=frozenset({LINCOLN})), endpoint, names, {})
        assert answer.status == (404 if "sourcedId" in names else 200)


class TestSettings:
    def form(self, officer: Client, **changed: str | None) -> dict[str, str]:
        """What a browser sends: the boxes as they stand, but for the changes, and what was seen."""
        page = officer.get(url("settings")).context["form"]
        sent = {field.html_initial_name: str(field.initial) for field in page}
        sent |= {field.html_name: "on" if field.value() is True else field.value() for field in page if field.value()}
        return {name: value for name, value in (sent | changed).items() if value is not None}

    def test_the_page_tells_what_this_installation_is(self, viewer: Client, acme: Connection) -> None:
        said = text(viewer.get(url("settings")))
        assert "District Northmere District id NM-1 Address http" in said
        assert re.search(r"Version \d+\.\d+\.\d+", said)
        assert "Security officers change these settings." in said
        assert "Save settings" not in said

    def test_an_officer_changes_them_and_the_trail_tells_who(self, officer: Client, acme: Connection) -> None:
        answer = officer.post(url("settings"), self.form(officer, allow_oauth1="on", roster_sync=None), follow=True)
        assert "It holds from the next request on." in text(answer)
        assert (SharingSettings.load().allow_oauth1, SharingSettings.load().roster_sync) == (True, False)
        event = AuditEvent.objects.get(act="changed settings")
        assert event.before == {"allow_oauth1": False, "roster_sync": True}
        assert event.after == {"allow_oauth1": True, "roster_sync": False}
        assert "Allow new OAuth 1 connections: on; Roster sync: off olga" in text(answer)

    def test_a_function_that_is_off_is_off_on_the_next_request(self, officer: Client, acme: Connection) -> None:
        assert "Students 2" in text(officer.get(url("vendor_sees", acme.pk)))
        officer.post(url("settings"), self.form(officer, roster_sync=None))
        assert "Students 0" in text(officer.get(url("vendor_sees", acme.pk)))

    def test_what_changes_records_queues_a_refresh_of_everything_and_says_so(self, officer: Client) -> None:
        answer = officer.post(url("settings"), self.form(officer, local_grades="on"), follow=True)
        assert "Saved. A refresh of everything begins now" in text(answer)
        assert DistrictSettings.load().local_grades
        assert JobRun.objects.get().job == "refresh"

    def test_saving_without_a_change_changes_nothing(self, officer: Client, acme: Connection) -> None:
        revision = Connection.objects.get(pk=acme.pk).revision
        assert "Nothing was changed." in text(officer.post(url("settings"), self.form(officer), follow=True))
        assert not AuditEvent.objects.filter(act="changed settings").exists()
        assert Connection.objects.get(pk=acme.pk).revision == revision

    def test_what_somebody_else_changed_meanwhile_stays(self, officer: Client) -> None:
        seen = self.form(officer, oauth2_expires="on")
        SharingSettings(allow_oauth1=True).save()
        officer.post(url("settings"), seen)
        assert (SharingSettings.load().allow_oauth1, SharingSettings.load().oauth2_expires) == (True, True)

    def test_an_address_that_is_none_is_refused_with_a_reason(self, officer: Client) -> None:
        answer = officer.post(url("settings"), self.form(officer, suggestions_url="not an address"))
        assert "Enter a whole address" in text(answer)
        assert SharingSettings.load().suggestions_url == ""

    def test_the_times_of_refreshes_are_a_line_of_times_and_spans(self, officer: Client) -> None:
        for wrong in ("25:00", "noon", "18-6"):
            assert "is no time of day" in text(officer.post(url("settings"), self.form(officer, class_times=wrong)))
        line = {"class_times": "22:10, 6-18, 6:00"}
        said = text(officer.post(url("settings"), self.form(officer, **line), follow=True))
        assert "Class records are refreshed at: 6-18, 22:10 olga" in said
        times = DistrictSettings.load().class_times
        assert (len(times), times[0], times[-1]) == (14, dt.time(6), dt.time(22, 10))
        assert 'value="6-18, 22:10"' in officer.get(url("settings")).content.decode()
        assert "Nothing was changed." in text(officer.post(url("settings"), self.form(officer, **line), follow=True))

    def test_one_click_chooses_the_timetable_of_hours_for_both(self, officer: Client) -> None:
        said = text(officer.post(url("settings"), {"timetable": "hourly"}, follow=True))
        assert "by itself at these times" in said
        chosen = DistrictSettings.load()
        assert chosen.class_times == chosen.student_times == [*map(dt.time, range(6, 19)), dt.time(22, 10)]
        officer.post(url("settings"), {"timetable": "nightly"})
        assert DistrictSettings.load().class_times == [dt.time(4, 10)]
        assert officer.post(url("settings"), {"timetable": "never"}).status_code == 400

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
    def test_others_only_read_them(self, officer: Client, role: Role) -> None:
        officer.post(url("settings"), self.form(officer, oauth2_expires="on"))
        client = person("reader", role)
        assert "olga" not in text(client.get(url("settings")))
        assert client.get(url("settings")).status_code == 200
        assert client.post(url("settings"), {"allow_oauth1": "on"}).status_code == 403
        assert not SharingSettings.load().allow_oauth1
