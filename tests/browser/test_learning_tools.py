"""Learning tools from the office's pages to the parent's: on our side alone, and with two tools that others wrote."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.utils import timezone
from playwright.sync_api import expect

from connections.models import Application
from gradebook.models import DefaultAlignment
from gradebook.teaching.access import teacher
from lti import choosing, tools
from lti.models import Tool
from lti.protocol.content import Graded, Item
from tests.browser.conftest import PHONE, Open, come, is_clean
from tests.browser.tool_walk import Walk
from tests.gradebook.family.conftest import Home, make_family
from tests.gradebook.taught import teach
from tests.gradebook.test_teacher_matrix import signed_in
from tests.live import Portal
from tests.lti import crafted
from tests.lti.peers import running
from tests.roster import factories as make


@pytest.fixture
def home(family: Home) -> Iterator[Home]:
    """A class and its family, without a tool."""
    with override_settings(LTI_ALLOW_PRIVATE_TOOLS=True):
        yield family
    User.objects.filter(username__startswith="person-").delete()
    Tool.objects.all().delete()


@pytest.fixture(scope="module")
def family(portal: Portal) -> Home:
    """A class whose new assignments find their place by a default, and a family in it, beside the running portal."""
    taught = teach("algebra-2", students=3)
    task = taught.periods["Quarter 1"].task
    DefaultAlignment.objects.create(section=taught.section, category=taught.categories["Homework"], task=task)
    make.AssignmentFactory(person=taught.teacher, school=taught.section.calendar.school, teacher=True)
    return make_family(taught)


def _office() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("person-of-the-office"))
    return client


def test_a_tool_is_added_found_by_the_teacher_and_opened_by_a_student(visit: Open, portal: Portal, home: Home) -> None:
    Application.objects.create(name="Quizzer", slug="quizzer", partner=True)
    office = _office()
    page = come(visit, office, "/admin/applications/quizzer/")
    page.get_by_role("link", name="Add LTI connection").click()
    for label in ("Login URL", "Launch URL"):
        page.get_by_label(label, exact=True).fill("https://tool.example/start")
    page.get_by_label("Public key", exact=True).fill(crafted.key_set())
    page.get_by_label("Students", exact=True).check()
    page.get_by_label("Content for assignments").check()
    is_clean(page)
    page.get_by_role("button", name="Add LTI connection").click()
    expect(page.get_by_text("Deployment id", exact=True)).to_be_visible()
    tool = Tool.objects.get(name="Quizzer")
    page = come(visit, office, f"/admin/applications/tools/{tool.pk}/", width=PHONE, dark=True)
    is_clean(page)
    page.goto(f"{portal.url}/admin/applications/quizzer/")
    expect(page.get_by_text("Nobody has opened it yet.")).to_be_visible()
    is_clean(page)
    _teacher(visit, portal, home)
    _student(visit, portal, home, tool)


def _teacher(visit: Open, portal: Portal, home: Home) -> None:
    here = f"/teacher/sections/{home.taught.section.pk}/"
    page = come(visit, signed_in(home.taught.teacher), here)
    page.get_by_role("link", name="Learning Tools").click()
    page.get_by_role("link", name="Choose content").click()
    expect(page.get_by_text("A code that stands for you in this tool and nowhere else")).to_be_visible()
    is_clean(page)
    page.goto(f"{portal.url}{here}assignments/new/")
    expect(page.get_by_role("link", name="Choose content in Quizzer")).to_be_visible()
    is_clean(page)


def _student(visit: Open, portal: Portal, home: Home, tool: Tool) -> None:
    section, student, today = home.taught.section, home.taught.students[0], timezone.now().date()
    seated = teacher(home.taught.teacher, today)
    assert seated
    item = Item("https://tool.example/quiz", "Fractions", "", {}, Graded(Decimal(10)), due_until=None)
    row = choosing.link_to_assignment(tool, seated, section.pk, item, timezone.now())
    row.due_on = today + dt.timedelta(days=1)
    row.save()
    page = come(visit, signed_in(student), f"/home/students/{student.pk}/assignments/", width=PHONE, dark=True)
    is_clean(page)
    page.get_by_role("link", name=re.compile("Open Fractions in Quizzer")).click()
    expect(page.get_by_text("That you are a student")).to_be_visible()
    page.goto(f"{portal.url}/home/students/{student.pk}/tools/")
    expect(page.get_by_role("heading", name="Quizzer")).to_be_visible()
    is_clean(page)


def test_a_tool_on_pylti1p3_goes_all_the_way_in_a_tab_of_its_own(
    visit: Open, portal: Portal, home: Home, others: list[str]
) -> None:
    here = running.place()
    others.append(here)
    tool = _registered("Number Garden", here)
    with running.on_pylti1p3(tool, here):
        Walk(visit, portal, home, tool.name, ("Fractions", "Ratios"), framed=False).go()


def test_a_tool_on_ltijs_registers_itself_and_goes_all_the_way_in_the_frame(
    visit: Open, portal: Portal, home: Home, others: list[str]
) -> None:
    here = running.place()
    others.append(here)
    with running.on_ltijs(here):
        _register_itself(visit, portal, here)
        Walk(visit, portal, home, "Quiz Harbor", ("Equal shares", "Best prices"), framed=True).go()


def _registered(name: str, here: str) -> Tool:
    application = Application.objects.create(name=name, slug="number-garden", partner=True)
    return tools.register_by_hand(application, actor="admin", now=timezone.now(), facts={
        "name": name, "login_url": f"{here}/login", "launch_url": f"{here}/launch",
        "redirect_urls": [f"{here}/launch"], "key_set_url": f"{here}/keys", "opens_in": Tool.OpensIn.WINDOW,
        "enabled": True, "for_students": True, "chooses_content": True, "send_name": True, "share_members": True,
        "score_passback": True,
    })  # fmt: skip


def _register_itself(visit: Open, portal: Portal, here: str) -> None:
    """Paste the tool's link, let it register itself, see what it asks for, and accept it."""
    Application.objects.create(name="Quiz Harbor", slug="quiz-harbor", partner=True)
    page = come(visit, _office(), "/admin/applications/quiz-harbor/tools/register/")
    page.get_by_label("Registration link").fill(f"{here}/register")
    page.get_by_role("button", name="Go on").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the tool’s registration").click()
    opened.value.close()  # ltijs cuts its page off from ours (Cross-Origin-Opener-Policy), so it cannot say "close me"
    page.get_by_role("link", name="See what it asks for").click()
    expect(page.get_by_text("Read who is in a section")).to_be_visible()
    for label in ("Students", "Who is in the section", "Score passback", "Within the page"):
        page.get_by_label(label, exact=True).check()
    page.get_by_role("checkbox", name="Name").check()
    page.get_by_role("button", name="Accept tool").click()
    expect(page.get_by_text("Quiz Harbor is accepted.")).to_be_visible()
