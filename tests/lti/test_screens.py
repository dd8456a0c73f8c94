"""The office's screens: tools by hand and by themselves, what they may, and what tiles and lozenges then say."""

import datetime as dt
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections import catalogue, overview
from connections.models import Application, SharingSettings
from interop.admin.roles import Role
from interop.models import AuditEvent
from lti.models import ServiceToken, Tool
from lti.protocol import names
from lti.protocol.names import CLAIM
from lti.screens import truth
from lti.screens.words import SENT
from tests.lti import crafted
from tests.lti.conftest import NOW, TOOL, Sent, World, sent, stranger
from tests.lti.test_protocol import WISH
from tests.lti.test_services import call, items_url, members_url


@pytest.fixture
def editor(db: None) -> Client:
    user = User.objects.create_user("editor", is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=Role.EDITOR.value)[0]])
    client = stranger()
    client.force_login(user)
    return client


def url(name: str, *parts: Any) -> str:
    return reverse(f"admin:{name}", args=parts)


def words(answer: Any, status: int = 200) -> str:
    """The main part of a page as text."""
    assert answer.status_code == status, answer.content[:2000]
    main = answer.content.decode().split("<main")[1].split(">", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def told(**changed: Any) -> dict[str, Any]:
    """The form of a tool as a browser sends it."""
    return {
        "name": "Mathlete", "login_url": f"{TOOL}/login", "launch_url": f"{TOOL}/start", "redirect_urls": "",
        "key_set_url": f"{TOOL}/jwks", "public_key": "", "content_url": "", "origins": "", "custom": "level=7",
        "enabled": "on", "opens_in": "frame", "which_schools": "all", "for_teachers": "on", "for_students": "on",
        **changed,
    }  # fmt: skip


def test_a_tool_is_added_by_hand_changed_and_ended(world: World, editor: Client) -> None:
    application = world.tool.application
    new = url("new_tool", application.slug)
    refused = editor.post(new, told(login_url="http://tool.example/login", public_key="x", custom="no sign"))
    text = words(refused, 422)
    assert "This line is none: no sign" in text
    text = words(editor.post(new, told(login_url="http://tool.example/login", public_key="x")), 422)
    assert "Give an https address" in text
    assert "one of the two" in text
    assert "Choose at least one school" in words(editor.post(new, told(which_schools="chosen")), 422)
    school = world.taught.section.calendar.school
    answer = editor.post(new, told(which_schools="chosen", schools=[school.pk]))
    tool = Tool.objects.get(name="Mathlete")
    assert answer["Location"] == url("tool", tool.pk)
    assert (tool.redirect_urls, tool.custom, tool.opens_in) == ([tool.launch_url], {"level": "7"}, "frame")
    assert (tool.all_schools, list(tool.schools.all())) == (False, [school])
    assert not any(getattr(tool, name) for name in (*SENT, "score_passback")), "off unless switched on"
    page = words(editor.get(url("tool", tool.pk)))
    assert all(value in page for value in (tool.client_id, tool.deployment_id, "/lti/authorize", "/lti/token"))
    SharingSettings.objects.update_or_create(pk=1, defaults={"score_passback": False})
    assert "The district has switched score passback off." in words(editor.get(url("tool", tool.pk)))
    editor.post(url("tool", tool.pk), told(send_name="on", score_passback="on", redirect_urls=f"{TOOL}/a\n{TOOL}/b\n"))
    tool.refresh_from_db()
    assert (tool.send_name, tool.for_teachers, tool.all_schools) == (True, True, True)
    assert tool.redirect_urls == [f"{TOOL}/a", f"{TOOL}/b"]
    assert not tool.score_passback, "only where the district has it on"
    assert "Nobody can open it" in words(editor.get(url("turn_tool", tool.pk)))
    editor.post(url("turn_tool", tool.pk))
    tool.refresh_from_db()
    assert not tool.enabled
    editor.post(url("turn_tool", tool.pk), {"enabled": "1"})
    tool.refresh_from_db()
    assert tool.enabled
    ServiceToken.objects.create(tool=tool, token_sha256=b"x" * 32, expires_at=NOW + dt.timedelta(hours=1))
    editor.post(url("tool", tool.pk), told(enabled="", which_schools="chosen", schools=[school.pk]))
    assert not ServiceToken.objects.exists(), "what it holds does not come alive again when it is switched on"
    last = AuditEvent.objects.filter(act="changed a learning tool").latest("pk")
    assert (last.before["schools"], last.after["schools"]) == ([], [school.sourced_id])
    assert "cannot be undone" in words(editor.get(url("delete_tool", tool.pk)))
    editor.post(url("delete_tool", tool.pk))
    assert not Tool.objects.filter(pk=tool.pk).exists()
    acts = AuditEvent.objects.filter(actor="editor").values_list("act", flat=True)
    assert {"registered a learning tool", "changed a learning tool", "deleted a learning tool"} <= set(acts)


def test_a_tool_registers_itself_from_a_link_and_waits(world: World, editor: Client) -> None:
    slug = world.tool.application.slug
    here = url("register_tool", slug)
    assert "begins with https://" in words(editor.post(here, {"url": "javascript:alert(1)"}), 422)
    page = editor.post(here, {"url": f"{TOOL}/register"})
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    found = re.search(r'href="([^"]+)" target="_blank" rel="opener"', page.content.decode())
    assert found
    word = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)["registration_token"][0]
    waiting = editor.get(here).content.decode()
    assert "data-live" in waiting
    assert word not in waiting
    headers = {"Authorization": f"Bearer {word}"}
    assert stranger().post("/lti/register", json.dumps(WISH), "application/json", headers=headers).status_code == 200
    tool = Tool.objects.get(accepted_at=None)
    done = editor.get(here).content.decode()
    assert "data-live" not in done
    assert url("accept_tool", tool.pk) in done
    assert truth.found([tool.application_id])[tool.application_id].states
    assert editor.get(url("tool", tool.pk))["Location"] == url("accept_tool", tool.pk)
    asks = editor.get(url("accept_tool", tool.pk))
    text = words(asks)
    assert "The name of each person who opens it" in text
    assert 'name="send_name" checked' not in asks.content.decode()
    answer = editor.post(url("accept_tool", tool.pk), {
        "name": tool.name, "enabled": "on", "opens_in": "window", "which_schools": "all", "for_teachers": "on",
        "send_email": "on",
    })  # fmt: skip
    assert answer.status_code == 302, words(answer)
    tool.refresh_from_db()
    assert (tool.is_open, tool.send_name, tool.send_email, tool.launch_url) == (True, False, True, WISH_LAUNCH)


WISH_LAUNCH = WISH["https://purl.imsglobal.org/spec/lti-tool-configuration"]["target_link_uri"]


def test_tile_lozenges_and_page_tell_the_truth_of_tools(world: World, editor: Client) -> None:
    tool, application = world.tool, world.tool.application
    [tile] = overview.tiles([application], catalogue.entries(), NOW)
    assert (tile.connections, tile.state.reason, tile.all_off) == (
        "1 connection on", "Nobody has opened it yet.", False,
    )  # fmt: skip
    page = words(editor.get(url("application", application.slug)))
    assert "Learning tool (enabled)" in page
    assert "Score passback (enabled)" in page
    assert "Teachers, Students, Parents" in page
    SharingSettings.objects.update_or_create(pk=1, defaults={"score_passback": False, "learning_tool": False})
    page = words(editor.get(url("application", application.slug)))
    assert "Score passback (switched off for the whole district)" in page
    assert "The district has switched learning tools off." in page
    SharingSettings.objects.all().delete()
    with CaptureQueriesContext(database) as one:
        words(editor.get(url("application", application.slug)))
    for number in range(3):
        Tool.objects.create(
            application=application, name=f"More {number}", client_id=f"c{number}", deployment_id=f"d{number}",
            redirect_urls=[], created_by="admin",
        )  # fmt: skip
    with CaptureQueriesContext(database) as four:
        assert words(editor.get(url("application", application.slug))).count("waits to be accepted") == 3
    assert len(one) == len(four)
    assert overview.tiles([application], catalogue.entries(), NOW)[0].state.needs_someone
    world.change(enabled=False)
    Tool.objects.exclude(pk=tool.pk).delete()
    assert overview.tiles([application], catalogue.entries(), NOW)[0].all_off
    editor.post(url("delete_application", application.slug), {"typed": application.name})
    assert not Application.objects.filter(pk=application.pk).exists()
    assert crafted.key_set()


def test_an_editor_tries_a_tool_as_an_administrator_in_no_class(world: World, editor: Client) -> None:
    here = url("tool", world.tool.pk)
    assert "You open it as an administrator" in words(editor.get(here))

    def launch() -> Sent:
        begun = sent(editor.get(editor.post(f"{here}try/")["Location"]))
        return sent(world.ask(begun, editor))

    told = launch().claims
    assert told[f"{CLAIM}roles"][0].endswith("membership#Administrator")
    assert told[f"{CLAIM}target_link_uri"] == f"{TOOL}/start"
    absent = {names.AGS_CLAIM, names.NRPS_CLAIM, f"{CLAIM}context", f"{CLAIM}lis", "name", "email"}
    assert absent.isdisjoint(told)
    assert launch().claims["sub"] == told["sub"], "the same whenever it is tried"
    assert AuditEvent.objects.filter(act="tried a learning tool", actor="editor").count() == 2
    world.change(enabled=False)
    assert editor.post(f"{here}try/")["Location"] == editor.get(f"{here}try/")["Location"] == here
    assert "Quizzer is switched off." in words(editor.get(here))
    world.change(enabled=True)
    begun = sent(editor.get(editor.post(f"{here}try/")["Location"]))
    User.objects.get(username="editor").groups.clear()
    assert sent(world.ask(begun)).fields["error"] == "unauthorized_client", "asked again at every step"
    assert editor.post(f"{here}try/").status_code == 403


def test_the_page_of_a_tool_tells_what_happened_last(world: World, editor: Client) -> None:
    here = url("tool", world.tool.pk)
    assert "Nothing yet." in words(editor.get(here))
    world.launch()
    call(world, "GET", members_url(world))
    call(world, "GET", "/lti/sections/0/lineitems")
    with CaptureQueriesContext(database) as two:
        page = words(editor.get(here))
    assert "Was opened by a student" in page
    assert f"Read who is in the section {world.taught.section.title} 3" in page
    assert "Read its assignments Refused: not there for this tool – 0" in page
    call(world, "GET", items_url(world))
    with CaptureQueriesContext(database) as three:
        editor.get(here)
    assert len(three) == len(two)


def test_the_search_in_the_header_finds_tools_by_name_application_and_id(world: World, editor: Client) -> None:
    def found(typed: str) -> tuple[dict[str, list[str]], str]:
        context = editor.get(url("find"), {"q": typed}).context
        return {each.key: [hit.title for hit in each.hits] for each in context["groups"]}, context["instead"]

    application = world.tool.application
    world.change(name="Fraction Lab")
    assert found("lab FRACTION") == ({"lti": ["Fraction Lab"]}, "")
    assert found(world.tool.client_id) == found(world.tool.deployment_id) == ({"lti": ["Fraction Lab"]}, "")
    Application.objects.create(name="Labs", slug="labs")
    assert found("lab") == ({"applications": ["Labs"], "lti": ["Fraction Lab"]}, "")
    assert found("fraction") == ({"lti": ["Fraction Lab"]}, ""), "what is there goes before what is spelled alike"
    assert found("quizer")[1] == "quizzer"
    assert application.name in words(editor.get(url("find"), {"q": "quizzer"}))
    with CaptureQueriesContext(database) as one:
        found("quizzer")
    for number in range(3):
        more = {"name": f"More {number}", "client_id": f"c{number}", "deployment_id": f"d{number}"}
        Tool.objects.create(application=application, redirect_urls=[], created_by="admin", **more)
    with CaptureQueriesContext(database) as four:
        found("quizzer")
    assert len(one) == len(four)


def test_a_viewer_sees_a_tool_and_changes_nothing(world: World) -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=Role.VIEWER.value)[0]])
    client = stranger()
    client.force_login(user)
    page = client.get(url("tool", world.tool.pk)).content.decode()
    assert "Save changes" not in page
    assert client.post(url("tool", world.tool.pk), told()).status_code == 403
    assert client.post(url("try_tool", world.tool.pk)).status_code == 403
    for name in ("turn_tool", "delete_tool", "accept_tool"):
        assert client.get(url(name, world.tool.pk)).status_code == 403
