"""The office adds a learning tool, a teacher finds it, and a student opens work in it on a phone, up to its door."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from connections.models import Application
from gradebook.teaching.access import teacher
from lti import choosing
from lti.models import Tool
from lti.protocol.content import Graded, Item
from tests.browser.conftest import PHONE, Open, come, is_clean
from tests.gradebook.family.conftest import Home, make_family
from tests.gradebook.taught import Taught, teach
from tests.gradebook.test_teacher_matrix import signed_in
from tests.live import Portal
from tests.lti import crafted


@dataclass(frozen=True)
class World:
    """A section with a family, and the application a tool is added to."""

    taught: Taught
    home: Home
    application: Application


@pytest.fixture
def world(portal: Portal) -> Iterator[World]:
    taught = teach("algebra-2", students=3)
    yield World(taught, make_family(taught), Application.objects.create(name="Quizzer", slug="quizzer", partner=True))
    User.objects.filter(username__startswith="person-").delete()


def test_a_tool_is_added_found_by_the_teacher_and_opened_by_a_student(
    visit: Open, portal: Portal, world: World
) -> None:
    office = Client()
    office.force_login(User.objects.create_superuser("person-of-the-office"))
    page = come(visit, portal, office, "/admin/applications/quizzer/")
    page.get_by_role("link", name="Add LTI connection").click()
    for label in ("Login URL", "Launch URL"):
        page.get_by_label(label, exact=True).fill("https://tool.example/start")
    page.get_by_label("Public key", exact=True).fill(crafted.key_set())
    page.get_by_label("Students", exact=True).check()
    page.get_by_label("Content for assignments").check()
    is_clean(page)
    page.get_by_role("button", name="Add LTI connection").click()
    expect(page.get_by_text("Deployment id", exact=True)).to_be_visible()
    tool = Tool.objects.get()
    page = come(visit, portal, office, f"/admin/applications/tools/{tool.pk}/", width=PHONE, dark=True)
    is_clean(page)
    page.goto(f"{portal.url}/admin/applications/quizzer/")
    expect(page.get_by_text("Nobody has opened it yet.")).to_be_visible()
    is_clean(page)
    _teacher(visit, portal, world)
    _student(visit, portal, world, tool)


def _teacher(visit: Open, portal: Portal, world: World) -> None:
    here = f"/teacher/sections/{world.taught.section.pk}/"
    page = come(visit, portal, signed_in(world.taught.teacher), here)
    page.get_by_role("link", name="Learning Tools").click()
    page.get_by_role("link", name="Choose content").click()
    expect(page.get_by_text("A code that stands for you in this tool and nowhere else")).to_be_visible()
    is_clean(page)
    page.goto(f"{portal.url}{here}assignments/new/")
    expect(page.get_by_role("link", name="Choose content in Quizzer")).to_be_visible()
    is_clean(page)


def _student(visit: Open, portal: Portal, world: World, tool: Tool) -> None:
    section, student, today = world.taught.section, world.taught.students[0], timezone.now().date()
    seated = teacher(world.taught.teacher, today)
    assert seated
    item = Item("https://tool.example/quiz", "Fractions", "", {}, Graded(Decimal(10)), due_until=None)
    row = choosing.link_to_assignment(tool, seated, section.pk, item, timezone.now())
    row.due_on = today + dt.timedelta(days=1)
    row.save()
    page = come(visit, portal, signed_in(student), f"/home/students/{student.pk}/assignments/", width=PHONE, dark=True)
    is_clean(page)
    page.get_by_role("link", name=re.compile("Open Fractions in Quizzer")).click()
    expect(page.get_by_text("That you are a student")).to_be_visible()
    page.goto(f"{portal.url}/home/students/{student.pk}/tools/")
    expect(page.get_by_role("heading", name="Quizzer")).to_be_visible()
    is_clean(page)
