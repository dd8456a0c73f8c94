"""Learning tools as teachers, students and parents meet them, up to the door of the tool."""

import datetime as dt
import re
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gradebook.models import Assignment
from interop.admin.roles import Role
from lti import choosing, tools
from lti.models import Launch, LineItem, ResourceLink, ToolScore
from tests.gradebook.taught import teach
from tests.lti.conftest import World, stranger
from tests.roster import factories as make


def words(answer: Any, status: int = 200) -> str:
    """The main part of a page as text."""
    assert answer.status_code == status, (answer.status_code, answer.content[:2000])
    main = answer.content.decode().split("<main")[1].split(">", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(database) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def into(answer: Any) -> Launch:
    """The launch a page led into."""
    assert answer.status_code == 302, words(answer)
    assert answer["Location"].startswith("/lti/open/"), answer["Location"]
    return Launch.objects.get(guid=answer["Location"].split("/")[3])


def test_a_student_is_told_once_what_a_tool_knows_and_opens_it(world: World) -> None:
    maya, client = world.people["maya"], world.clients["maya"]
    row, section = world.link.assignment, world.taught.section.pk
    assert row
    home, here = f"/home/students/{maya.pk}/", f"/home/students/{maya.pk}/assignments/{row.pk}/open/"
    page = client.get(f"{home}assignments/").content.decode()
    assert f'href="{here}"' in page
    assert f"{home}tools/" in page
    world.change(send_name=True)
    asked = words(client.get(here))
    assert "Your name" in asked
    assert "Your email address" not in asked
    assert into(client.post(here)).link == world.link
    world.subject("maya")
    page = client.get(f"{home}classes/{section}/").content.decode()
    assert f'action="{here}" target="_blank"' in page, "from then on the button opens it"
    listed = client.get(f"{home}tools/").content.decode()
    tool = f"{home}tools/{world.tool.pk}/{section}/"
    assert f'action="{tool}"' in listed
    assert into(client.post(tool)).role == "LEARNER"
    world.change(for_students=False)
    assert client.get(here).status_code == 404
    assert here not in client.get(f"{home}assignments/").content.decode()
    world.change(for_parents=False)
    assert f"{home}tools/" not in client.get(home).content.decode(), "no link that leads to nothing"


def test_a_parent_opens_it_as_a_parent_and_others_do_not(world: World) -> None:
    maya, ben, row = world.people["maya"], world.people["ben"], world.link.assignment
    assert row
    parent, here = world.clients["parent"], f"/home/students/{maya.pk}/assignments/{row.pk}/open/"
    assert "That you are a parent" in words(parent.get(here))
    launch = into(parent.post(here))
    assert (launch.role, launch.person) == ("MENTOR", world.people["parent"])
    assert parent.post(here.replace(str(maya.pk), str(ben.pk), 1)).status_code == 404
    assert world.clients["stranger"].post(here).status_code == 404
    Assignment.objects.filter(pk=row.pk).update(portal=False)
    assert parent.post(here).status_code == 404


def test_an_office_member_who_views_as_a_student_launches_nothing(world: World) -> None:
    maya, office, row = world.people["maya"], world.clients["office"], world.link.assignment
    assert row
    user = world.browser("office").user
    assert user
    user.groups.set([Group.objects.get_or_create(name=Role.EDITOR.value)[0]])
    until = timezone.now() + dt.timedelta(minutes=5)
    session = office.session
    session["viewing_as"] = {"person": maya.pk, "until": until.isoformat()}
    session.save()
    here = f"/home/students/{maya.pk}/assignments/{row.pk}/open/"
    page = words(office.get(f"/home/students/{maya.pk}/assignments/"))
    assert row.title in page
    assert "Open" not in page
    assert "nothing can be opened" in words(office.get(here))
    assert office.post(here).status_code == 403
    assert not Launch.objects.exists()


def test_a_teacher_opens_chooses_copies_and_takes_out(world: World) -> None:
    client, section, row = world.clients["teacher"], world.taught.section, world.link.assignment
    assert row
    here = f"/teacher/sections/{section.pk}/"
    listed = client.get(f"{here}tools/").content.decode()
    assert f'href="{here}tools/{world.tool.pk}/"' in listed
    assert "That you are the teacher" in words(client.get(f"{here}tools/{world.tool.pk}/"))
    assert into(client.post(f"{here}tools/{world.tool.pk}/")).role == "INSTRUCTOR"
    assert "opens in Quizzer" in words(client.get(here)), "the column says so"
    editor = client.get(f"{here}assignments/{row.pk}/").content.decode()
    assert f"{here}tools/{world.tool.pk}/choose/?assignment={row.pk}" in editor
    launch = into(client.post(f"{here}tools/{world.tool.pk}/choose/", {"assignment": row.pk}))
    assert (launch.kind, launch.assignment) == ("content", row)
    assert into(client.post(f"{here}tools/{world.tool.pk}/choose/")).assignment is None
    assert "Choose content in Quizzer" in words(client.get(f"{here}assignments/new/"))
    assert into(client.post(f"{here}assignments/{row.pk}/open/")).link == world.link
    assert client.post(f"/teacher/sections/{section.pk + 1}/tools/{world.tool.pk}/").status_code == 404
    _told(world, row)
    assert "Submitted · 7 of 10" in words(client.get(f"{here}assignments/{row.pk}/"))
    tools.enable(world.tool, actor="admin", enabled=False)
    assert "switched this tool off" in words(client.get(f"{here}assignments/{row.pk}/"))
    assert client.post(f"{here}assignments/{row.pk}/open/").status_code == 404
    client.post(f"{here}assignments/{row.pk}/unlink/")
    assert not ResourceLink.objects.filter(assignment=row).exists()


def _told(world: World, row: Assignment) -> None:
    item = LineItem.objects.get(assignment=row)
    ToolScore.objects.create(
        line_item=item, person=world.people["maya"], told_at=timezone.now(), activity="Submitted",
        grading="FullyGraded", given=7, maximum=10, comment="Well done",
    )  # fmt: skip


def test_a_copy_for_another_section_opens_the_same_content_and_tells_nothing_of_the_first(world: World) -> None:
    client, row = world.clients["teacher"], world.link.assignment
    assert row
    other = teach("algebra-3", students=1)
    make.SectionStaffFactory(section=other.section, person=world.taught.teacher)
    copy = f"/teacher/sections/{world.taught.section.pk}/assignments/{row.pk}/copy/"
    assert client.post(copy, {"section": [world.taught.section.pk]}).status_code == 302
    assert Assignment.objects.filter(title=row.title).count() == 1, "not onto itself"
    assert client.post(copy, {"section": [other.section.pk]}).status_code == 302
    made = Assignment.objects.get(section=other.section)
    link = ResourceLink.objects.get(assignment=made)
    assert (made.title, made.points, made.due_on) == (row.title, row.points, row.due_on)
    assert (link.url, link.custom, link.tool) == (world.link.url, world.link.custom, world.tool)
    assert link.guid != world.link.guid
    assert LineItem.objects.get(assignment=made).maximum == 10
    assert made.category
    assert made.category.title == row.category.title if row.category else True
    third = teach("algebra-4", students=1)
    assert client.post(copy, {"section": [third.section.pk]}).status_code == 302
    assert not Assignment.objects.filter(section=third.section).exists(), "only their own sections"
    assert stranger().post(copy).status_code == 302


def test_pages_ask_the_database_as_often_for_many_tools_as_for_one(world: World) -> None:
    maya, section, row = world.people["maya"], world.taught.section, world.link.assignment
    assert row
    pages = [
        (world.clients["maya"], f"/home/students/{maya.pk}/tools/"),
        (world.clients["maya"], f"/home/students/{maya.pk}/assignments/"),
        (world.clients["teacher"], f"/teacher/sections/{section.pk}/tools/"),
        (world.clients["teacher"], f"/teacher/sections/{section.pk}/assignments/{row.pk}/"),
        (world.clients["teacher"], f"/teacher/sections/{section.pk}/"),
    ]
    before = [queries(*each) for each in pages]
    for number in range(2):
        facts = {name: getattr(world.tool, name) for name in tools.CHANGEABLE} | {"name": f"More {number}"}
        tool = tools.register_by_hand(world.tool.application, actor="admin", now=timezone.now(), facts=facts)
        extra = world.taught.assignment(f"Extra {number}", due_on=row.due_on)
        link = choosing.copy_link(row, extra, actor="admin")
        ResourceLink.objects.filter(pk=link.pk if link else 0).update(tool=tool)
    assert [queries(*each) for each in pages] == before
