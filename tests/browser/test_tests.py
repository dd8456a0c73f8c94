"""The office looks at tests and changes a score by keyboard; a parent reads a result on a phone."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from assessments import models as tests
from assessments.models import ScoreKind
from assessments.services import scoring, setup
from assessments.services.setup import Field, Status
from roster.models import SchoolYear
from tests.browser.conftest import PHONE, Open, come, is_clean
from tests.gradebook.family.conftest import Home, make_family
from tests.gradebook.taught import teach
from tests.gradebook.test_teacher_matrix import signed_in
from tests.live import Portal

SCALE = ScoreKind.SCALE


@pytest.fixture
def home(portal: Portal) -> Home:
    """A family, and a state test with a part in which the children have scores, in the running portal's database."""
    made, today = make_family(teach("algebra-2", students=3)), timezone.now().date()
    year = SchoolYear.objects.get(active=True)
    state = setup.create_test(
        "ada", year=year, title="State mathematics", type="state", score_is="scale", minimum=Decimal(200),
        maximum=Decimal(800), portal=True,
    )  # fmt: skip
    setup.create_test("ada", year=year, title="Geometry", type="state", parent=state)
    setup.set_fields("ada", state, [Field(SCALE, required=True), Field(ScoreKind.RAW)])
    setup.set_statuses("ada", state, [Status("Meets", SCALE, Decimal(500), None), Status("Below", SCALE, None, None)])
    for days, score in ((400, 470), (30, 540)):
        scoring.enter_score("ada", state, made.maya, today - dt.timedelta(days), values={SCALE: Decimal(score)})
    return made


def test_the_office_follows_a_test_to_its_scores_and_a_parent_sees_what_was_changed(
    visit: Open, home: Home, portal: Portal
) -> None:
    office = Client()
    office.force_login(User.objects.create_superuser("dana"))
    page = come(visit, office, reverse("admin:tests"))
    is_clean(page)
    page.get_by_role("link", name="State mathematics").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("State mathematics")
    page.get_by_role("link", name="Scores", exact=True).click()
    page.get_by_text("Show as table").click()
    expect(page.get_by_role("region", name="Table of the scores")).to_contain_text("500–560")
    is_clean(page)
    page.goto(portal.url + reverse("admin:test_edit", args=[tests.Test.objects.get(title="State mathematics").pk]))
    is_clean(page)
    phone = come(visit, office, reverse("admin:person_tests", args=[home.maya.pk]), width=PHONE, dark=True)
    is_clean(phone)
    phone.get_by_role("link", name="Edit State mathematics").first.focus()
    phone.keyboard.press("Enter")
    phone.get_by_label("Scale score").fill("555")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("cell", name="555")).to_be_visible()
    family = come(visit, signed_in(home.rosa), reverse("home_tests", args=[home.maya.pk]), width=PHONE)
    expect(family.get_by_text("Meets", exact=True)).to_be_visible()
    expect(family.get_by_role("img", name="470 at first, 555 at last")).to_be_visible()
    is_clean(family)
