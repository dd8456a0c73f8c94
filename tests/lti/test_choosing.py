"""Content a teacher chose: what comes back is bound to the request, and becomes assignments once."""

from typing import Any

import pytest

from gradebook.models import Assignment
from lti import choosing, launching, tools
from lti.access import Wish
from lti.models import Launch, LineItem, ResourceLink
from lti.protocol import names
from lti.protocol.names import CLAIM, CONTENT, Role
from tests.lti.conftest import NOW, TOOL, Clock, World, sent, stranger
from tests.lti.test_services import another

SEVERAL = [
    {"type": "ltiResourceLink", "title": "One", "lineItem": {"scoreMaximum": 7.5}},
    {"type": "ltiResourceLink", "title": "Two", "url": f"{TOOL}/two"},
    {"type": "link", "url": "https://elsewhere.example"},
]


def bring(world: World, token: str, who: str = "") -> Any:
    return (world.clients[who] if who else stranger()).post("/lti/content", {"JWT": token})


def test_several_links_become_several_assignments_once(world: World) -> None:
    launch, data = world.choose()
    answer = bring(world, world.answer(data, SEVERAL))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lti/chosen/{launch.guid}")
    teacher, where = world.clients["teacher"], answer.headers["Location"]
    assert [each.title for each in choosing.items(Launch.objects.get(pk=launch.pk))] == ["One", "Two"]
    page = teacher.get(where)
    text = page.content.decode()
    for told in ("Chosen in Quizzer", "7 points", "not graded", "One piece is left out"):
        assert told in text, told
    assert page.headers["X-Frame-Options"] == "DENY"
    framed = teacher.get(where, headers={"Sec-Fetch-Dest": "iframe"}).content.decode()
    assert f'href="{where}?here=1"' in framed, "it is shown in the whole window only"
    assert "<header" not in framed
    assert teacher.post(where).status_code == 302
    assert teacher.post(where).status_code == 403, "what is taken is taken"
    one, two = (Assignment.objects.get(title=title) for title in ("One", "Two"))
    assert (one.points, two.points, one.due_on) == (7, None, NOW.date())
    assert LineItem.objects.get(assignment=one).maximum == 7.5
    assert not LineItem.objects.filter(assignment=two).exists()
    assert one.uncategorized, "no rule of the teacher's says where it goes"
    there = teacher.get(f"/teacher/sections/{world.taught.section.pk}/").content.decode()
    assert "2 assignments are there. What has no category yet waits under Uncategorized." in there


def test_an_assignment_that_is_there_gets_title_points_date_and_link(world: World) -> None:
    work = world.taught.assignment("Blank", points=5)
    browser = world.browser("teacher")
    assert browser.user
    wish = Wish(world.tool, browser.user, world.people["teacher"], Role.INSTRUCTOR, world.taught.section.pk)
    launch = launching.begin(browser, wish, NOW, assignment=work)
    told = sent(world.ask(world.begin("teacher", launch), world.clients["teacher"])).claims
    asked = told[f"{CONTENT}deep_linking_settings"]
    assert not asked["accept_multiple"]
    bring(world, world.answer(asked["data"]))
    [row] = choosing.take(choosing.chosen(browser, launch.guid, NOW), NOW)
    row.refresh_from_db()
    assert (row.pk, row.title, row.points, str(row.due_on)) == (work.pk, "Fractions", 20, "2026-10-09")
    link = ResourceLink.objects.get(assignment=row)
    assert (link.url, link.custom, link.text) == (f"{TOOL}/q/1", {"quiz": "1"}, "Ten questions")
    copy = world.taught.assignment("Copy")
    made = choosing.copy_link(row, copy, actor="Eleanor Voss")
    assert made
    assert (made.url, made.custom, made.guid == link.guid) == (link.url, link.custom, False)
    assert LineItem.objects.get(assignment=copy).tag == "t1"
    choosing.unlink(copy, actor="Eleanor Voss")
    assert not ResourceLink.objects.filter(assignment=copy).exists()


def test_what_comes_back_must_belong_to_an_open_request_of_this_tool(world: World, clock: Clock) -> None:
    _launch, data = world.choose()
    wrong: dict[str, dict[str, Any]] = {
        "data of nobody": {f"{CONTENT}data": "guess"},
        "another deployment": {f"{CLAIM}deployment_id": "other"},
        "another message": {f"{CLAIM}message_type": names.RESOURCE_LAUNCH},
        "another version": {f"{CLAIM}version": "1.1"},
        "for another platform": {"aud": "https://elsewhere.example"},
    }
    for name, changed in wrong.items():
        assert bring(world, world.answer(data, **changed)).status_code == 400, name
    other = another(world)
    assert bring(world, other.answer(data)).status_code == 400, "the data of one tool is nothing to another"
    tools.enable(world.tool, actor="admin", enabled=False)
    assert bring(world, world.answer(data)).status_code == 403
    assert ResourceLink.objects.filter(tool=world.tool).count() == 1
    world.change(enabled=True)
    _launch, data = world.choose()
    assert bring(world, world.answer(data, nonce="same")).status_code == 303
    assert bring(world, world.answer(data, nonce="other")).status_code == 400, "content comes once"
    _launch, data = world.choose()
    assert bring(world, world.answer(data, nonce="same")).status_code == 400, "a nonce comes once"
    clock.forward(hours=3)
    assert bring(world, world.answer(data)).status_code == 400


def test_only_the_teacher_who_chose_goes_on_and_a_frame_is_left_first(world: World) -> None:
    launch, data = world.choose()
    where = bring(world, world.answer(data)).headers["Location"]
    page = stranger().get(where)
    assert (page.status_code, f'href="{where}?here=1"' in page.content.decode()) == (200, True)
    assert "Fractions" not in page.content.decode()
    assert stranger().get(f"{where}?here=1").status_code == 302
    for who in ("maya", "ben", "office"):
        assert world.clients[who].get(where).status_code == 403
        assert world.clients[who].post(where).status_code == 403
    assert Launch.objects.get(pk=launch.pk).taken_at is None


def test_nobody_but_teachers_chooses_content(world: World) -> None:
    for who, role in (("maya", Role.LEARNER), ("parent", Role.MENTOR), ("office", Role.ADMINISTRATOR)):
        browser = world.browser(who)
        assert browser.user
        wish = Wish(world.tool, browser.user, world.people[who], role, world.taught.section.pk)
        with pytest.raises(launching.Closed):
            launching.begin(browser, wish, NOW)
