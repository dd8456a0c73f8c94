"""The office looks at what a vendor gets, weighs a change, tries the API and sets a setting."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from connections import services
from connections.models import Connection, SharingSettings
from roster.models import Calendar, Enrollment, Person, SchoolYear
from tests.browser.conftest import PHONE, Open, faults, scrolls_sideways
from tests.live import Portal
from tests.reading.published import LINCOLN
from tests.signin import confirm

PATIENCE = 10_000
Office = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def reading(portal: Portal) -> Iterator[Connection]:
    """A connection to Lincoln alone, and somebody who may do everything; made before the browser starts."""
    User.objects.create_superuser("sofia")
    application = services.application_named("Larkspur", partner=False, actor="sofia")
    yield services.create_connection(
        application, actor="sofia", name="Larkspur reading", schools=[LINCOLN], choices={"purpose": "Reading"}
    )
    SharingSettings.objects.all().delete()


@pytest.fixture
def office(visit: Open, portal: Portal) -> Office:
    """Open a screen as somebody who has just said who they are."""
    client = Client()
    client.force_login(User.objects.get(username="sofia"))
    confirm(client)

    def go(path: str, **window: object) -> Page:
        page = visit(path, client=client, **window)
        page.set_default_timeout(PATIENCE)
        return page

    return go


def test_a_record_is_found_by_name_as_the_vendor_gets_it(office: Office, reading: Connection) -> None:
    page = office(reverse("admin:vendors_see"))
    assert faults(page) == []
    page.get_by_role("link", name="Larkspur reading").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What Larkspur sees")
    expect(page.get_by_role("region", name="Numbers by school")).to_contain_text("Lincoln")
    page.get_by_label("Name or sourcedId").fill("family")
    page.get_by_role("button", name="Find the record").click()
    assert "family" not in page.url
    assert faults(page) == []
    page.get_by_role("button", name="Family two, Given two").click()
    fields = page.get_by_role("region", name="Fields of the record")
    expect(fields).to_contain_text("student, Lincoln")
    expect(fields).not_to_contain_text("Washington")
    page.get_by_text("The same as JSON").click()
    expect(page.get_by_role("region", name="The record as JSON")).to_contain_text('"sourcedId": "two"')
    assert faults(page) == []


def test_a_pending_change_is_weighed_record_by_record(office: Office, reading: Connection) -> None:
    page = office(reverse("admin:vendor_difference", args=[reading.pk]) + "?schools=all")
    expect(page.get_by_text("If you save: all schools.")).to_be_visible()
    students = page.get_by_role("region", name="Numbers by kind").get_by_role("row", name="Students")
    expect(students).to_contain_text("+ 3")
    assert faults(page) == []
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("2 of ")).to_be_visible()
    expect(page.get_by_role("link", name="Previous")).to_be_visible()


def test_the_api_is_tried_as_the_connection(office: Office, reading: Connection) -> None:
    page = office(reverse("admin:api_console", args=[reading.pk]))
    page.get_by_label("Endpoint of OneRoster 1.2").select_option("getStudentsForSchool")
    page.get_by_role("button", name="Choose this endpoint").click()
    page.get_by_label("school", exact=True).fill("lincoln")
    page.get_by_label("filter", exact=True).fill("familyName~'two'")
    page.get_by_role("button", name="Ask the API").click()
    expect(page.get_by_role("region", name="The answer as a table")).to_contain_text("Family two")
    assert "two" not in page.url
    assert faults(page) == []
    page.get_by_label("school", exact=True).fill("washington")
    page.get_by_role("button", name="Ask the API").click()
    expect(page.get_by_text("404", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="The answer as JSON")).to_contain_text("unknownobject")


def test_a_setting_is_changed_and_told(office: Office) -> None:
    page = office(reverse("admin:settings"))
    page.get_by_label("A second person must approve demographics").check()
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Saved. It holds from the next request on.")).to_be_visible()
    expect(page.get_by_role("region", name="Table of the last changes")).to_contain_text(
        "A second person must approve demographics: on"
    )
    assert faults(page) == []


def test_other_ids_for_users_of_1_1_are_weighed_before_they_are_given(office: Office) -> None:
    page = office(reverse("admin:settings"), dark=True)
    page.get_by_label("Role-prefixed user ids").check()
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Give users of OneRoster 1.1 other ids?")
    assert faults(page) == []
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert (faults(page), scrolls_sideways(page)) == ([], False)
    page.get_by_role("link", name="Keep the ids").press("Enter")
    expect(page.get_by_label("Role-prefixed user ids")).not_to_be_checked()


@pytest.fixture
def two(reading: Connection) -> Iterator[Person]:
    """The student of the published records, in the district's own tables."""
    year = SchoolYear.objects.create(sourced_id="y", title="2026-27", start_year=2026, end_year=2027, active=True)
    calendar = Calendar.objects.create(sourced_id="c", school_id=LINCOLN, school_year=year)
    person = Person.objects.create(sourced_id="two", given_name="Given", family_name="Family", email="two@example.org")
    Enrollment.objects.create(sourced_id="e", person=person, calendar=calendar)
    yield person
    for each in (person, calendar, year):
        each.delete()


def test_a_box_says_whom_it_hides_before_it_is_saved(office: Office, two: Person) -> None:
    page = office(reverse("admin:data"))
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_label("Find", exact=True).fill("two@example")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "two" not in page.url
    assert faults(page) == []
    page.get_by_role("button", name="Tick all on this page").click()
    page.get_by_label("With the ticked ones").select_option("Mark External LMS Exclude")
    page.get_by_role("button", name="See what it does…").click()
    expect(page.get_by_text("People: 1")).to_be_visible()
    expect(page.get_by_text("Larkspur reading")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Save this record").click()
    expect(page.get_by_text("1 record changed.")).to_be_visible()
    page.get_by_label("External LMS Exclude").uncheck()
    page.get_by_role("button", name="See what it does…").click()
    expect(page.get_by_text("Shows to vendors again")).to_be_visible()
    page.get_by_role("button", name="Save this record").click()
    expect(page.get_by_label("External LMS Exclude")).not_to_be_checked()


def test_every_screen_is_accessible_and_fits_a_phone_at_night(
    office: Office, portal: Portal, reading: Connection, two: Person
) -> None:
    page = office("/admin/", width=PHONE, dark=True)
    for path in (
        reverse("admin:vendors_see"),
        reverse("admin:vendor_sees", args=[reading.pk]),
        reverse("admin:vendor_difference", args=[reading.pk]) + "?schools=all&share_guardians=0",
        reverse("admin:api"),
        reverse("admin:api_console", args=[reading.pk]),
        reverse("admin:settings"),
        reverse("admin:data"),
        reverse("admin:data_enrollments"),
        reverse("admin:data_record", args=["people", two.pk]),
        reverse("admin:data_record", args=["school-years", SchoolYear.objects.get().pk]),
        reverse("admin:data_usernames"),
        reverse("admin:explain"),
        reverse("admin:readiness") + f"?connection={reading.pk}",
        reverse("admin:readiness_list", args=["student.no_username"]),
    ):
        page.goto(portal.url + path)
        assert (path, faults(page), scrolls_sideways(page)) == (path, [], False)


def test_a_missing_record_is_explained_by_keyboard(office: Office, two: Person, reading: Connection) -> None:
    Person.objects.filter(pk=two.pk).update(external_lms_exclude=True)
    page = office(f"{reverse('admin:explain')}?connection={reading.pk}")
    page.get_by_label("Name, id or email").fill("Famly Givn")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_have_text("Given Family leaves Larkspur at the next refresh.")
    expect(page.get_by_role("listitem").filter(has_text="Given Family: marked")).to_contain_text("Ask before you clear")
    assert "Fam" not in page.url
    page.locator("button[name=compare]").press("Enter")
    expect(page.get_by_role("table").filter(has_text="What decides")).to_contain_text("Given Family: marked")
    page.get_by_text("OneRoster 1.1 · not shared").click()
    expect(page.get_by_role("region", name="As it would be, OneRoster 1.1: two")).to_contain_text("student")
    assert faults(page) == []
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert not scrolls_sideways(page)
    page.get_by_role("link", name="Open the person").press("Enter")
    page.wait_for_url(lambda url: url.endswith(f"/admin/data/people/{two.pk}/"))
