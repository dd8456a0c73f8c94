"""Launches from end to end, and fifty that must not work."""

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from connections.models import SharingSettings
from gradebook.models import Assignment
from lti import offering, tools
from lti.access import Closed
from lti.models import ResourceLink, Tool, UsedMark
from lti.protocol import names
from lti.protocol.names import CLAIM, Role
from roster.models import Account, RosterEntry, School, SectionStaff
from tests.gradebook.taught import teach
from tests.lti import crafted
from tests.lti.conftest import NOW, REDIRECT, TOOL, Clock, World, sent, stranger
from tests.roster import factories as make


def test_everybody_comes_in_as_what_they_are_and_under_a_pseudonym(world: World) -> None:
    subjects = {}
    for who, role, method in (
        ("teacher", "Instructor", "post"), ("maya", "Learner", "get"), ("parent", "Mentor", "post"),
        ("office", "Administrator", "get"),
    ):  # fmt: skip
        form = world.launch(who, method=method)
        told = form.claims
        assert (form.url, form.fields["state"]) == (REDIRECT, "state-1")
        assert told[f"{CLAIM}roles"][0].endswith(f"membership#{role}")
        assert (told["iss"], told["aud"]) == (settings.PUBLIC_URL, world.tool.client_id)
        assert told["exp"] - told["iat"] <= 300
        assert told[f"{CLAIM}resource_link"]["id"] == world.link.guid
        assert told[f"{CLAIM}custom"] == {"quiz": world.link.guid}
        assert told[f"{CLAIM}target_link_uri"] == f"{TOOL}/start?quiz=1"
        assert {"name", "email", f"{CLAIM}lis"}.isdisjoint(told)
        assert told["sub"] not in {world.people[who].sourced_id, str(world.people[who].pk)}
        item = told[names.AGS_CLAIM]["lineitem"]
        assert re.fullmatch(rf"{settings.PUBLIC_URL}/lti/sections/\d+/lineitems/\d+", item)
        subjects[who] = told["sub"]
        if role == "Mentor":
            assert told[f"{CLAIM}role_scope_mentor"] == [subjects["maya"]]
    assert len(set(subjects.values())) == 4
    assert world.launch().claims["sub"] == subjects["maya"], "for ever"
    world.clients["maya"].cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    told = world.launch().claims
    assert told["locale"] == told[f"{CLAIM}launch_presentation"]["locale"] == "es"


def test_a_tool_is_sent_what_is_switched_on_and_the_other_switches_stay_shut(world: World) -> None:
    world.change(send_name=True)
    told = world.launch().claims
    assert (told["name"], "email" in told, f"{CLAIM}lis" in told) == ("Maya Hart", False, False)
    world.change(send_name=False, send_email=True, send_sourced_id=True, score_passback=False, share_members=False)
    told = world.launch().claims
    assert (told["email"], "name" in told) == ("maya@example.org", False)
    assert told[f"{CLAIM}lis"]["person_sourcedid"] == world.people["maya"].sourced_id
    assert {names.AGS_CLAIM, names.NRPS_CLAIM}.isdisjoint(told)


def test_the_pages_on_the_way_name_exactly_the_tool(world: World) -> None:
    begun = world.begin()
    policy = begun.answer.headers["Content-Security-Policy"]
    assert f"form-action 'self' {TOOL};" in policy
    assert "frame-ancestors 'self'" in policy
    assert "'unsafe-inline'" not in policy
    assert begun.url == f"{TOOL}/login"
    assert "lti_storage_target" not in begun.fields
    world.change(opens_in="frame", origins=["https://cdn.tool.example/x"])
    launch = world.start()
    page = world.clients["maya"].get(f"/lti/open/{launch.guid}")
    assert f"frame-src 'self' https://cdn.tool.example {TOOL};" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert f'src="/lti/first/{launch.guid}"' in page.content.decode()
    back = f"/home/students/{world.people['maya'].pk}/classes/{world.taught.section.pk}/"
    assert f'href="{back}"' in page.content.decode()
    teachers = world.clients["teacher"].get(f"/lti/open/{world.start('teacher').guid}").content.decode()
    assert world.link.assignment
    here = f"/teacher/sections/{world.taught.section.pk}/assignments/{world.link.assignment.pk}/"
    assert f'href="{here}"' in teachers
    framed = world.begin("maya", launch)
    assert framed.fields["lti_storage_target"] == "_parent"
    assert framed.answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_texts_of_strangers_are_texts_on_our_pages(world: World) -> None:
    canary = '"><script>alert(1)</script>'
    form = world.launch(state=canary)
    assert form.fields["state"] == canary
    assert "<script>alert" not in form.answer.content.decode()
    back = world.clients["maya"].get("/lti/returned/x", {"lti_errormsg": canary})
    assert "<script>alert" not in back.content.decode()


def test_a_launch_from_learning_tools_has_a_link_of_its_own_in_each_section(world: World) -> None:
    [offer] = offering.tools_for(world.people["maya"], NOW)
    assert (offer.tool, offer.role, [each.pk for each in offer.sections]) == (
        world.tool, Role.LEARNER, [world.taught.section.pk]
    )  # fmt: skip
    assert [each.role for each in offering.tools_for(world.people["parent"], NOW)] == [Role.MENTOR]
    assert [each.role for each in offering.tools_for(world.people["teacher"], NOW)] == [Role.INSTRUCTOR]
    assert offering.tools_for(world.people["stranger"], NOW) == []
    section = world.taught.section.pk
    args = (world.browser("maya"), world.people["maya"], Role.LEARNER, world.tool, section, NOW)
    told = sent(world.ask(world.begin("maya", offering.start_tool(*args)), world.clients["maya"])).claims
    assert told[f"{CLAIM}resource_link"]["title"] == "Quizzer"
    assert "lineitem" not in told[names.AGS_CLAIM]
    assert offering.start_tool(*args).link == ResourceLink.objects.get(tool=world.tool, assignment=None)


def refused_begin(world: World, who: str, role: Role) -> None:
    with pytest.raises(Closed):
        world.start(who, role=role)


def other_section(world: World) -> ResourceLink:
    other = teach("biology-1", teacher=make.PersonFactory())
    return ResourceLink.objects.create(tool=world.tool, section=other.section, guid="other")


BEFORE, AFTER = NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1)
Change = Callable[[World], Any]
SHUT: dict[str, Change] = {
    "the tool is switched off": lambda w: tools.enable(w.tool, actor="admin", enabled=False),
    "the tool is deleted": lambda w: tools.delete(Tool.objects.get(pk=w.tool.pk), actor="admin"),
    "students no longer see it": lambda w: w.change(for_students=False),
    "its schools are others": lambda w: w.change(all_schools=False),
    "the district switched learning tools off": lambda _w: SharingSettings(learning_tool=False).save(),
    "the district stopped everything": lambda _w: SharingSettings(stopped=True).save(),
    "the student left the section": lambda _w: RosterEntry.objects.update(end_date=dt.date(2026, 9, 1)),
    "the student is not yet in the section": lambda _w: RosterEntry.objects.update(start_date=dt.date(2026, 11, 1)),
    "the entry ended in the feed": lambda _w: RosterEntry.objects.update(ended_at=BEFORE),
    "the account is disabled": lambda _w: Account.objects.update(enabled=False),
    "the person is excluded": lambda w: type(w.people["maya"]).objects.update(external_lms_exclude=True),
    "the user is inactive": lambda w: w.browser("maya").user.__class__.objects.update(is_active=False),
    "the section is excluded": lambda w: type(w.taught.section).objects.update(external_lms_exclude=True),
    "the school is excluded": lambda _w: School.objects.update(external_lms_exclude=True),
    "the section ended": lambda w: type(w.taught.section).objects.update(active=False),
    "the assignment is deleted": lambda _w: Assignment.objects.update(deleted_at=BEFORE),
    "the assignment is not active": lambda _w: Assignment.objects.update(active=False),
    "the assignment is not on the portal": lambda _w: Assignment.objects.update(portal=False),
    "the link is not open yet": lambda _w: ResourceLink.objects.update(opens_at=AFTER),
    "the link is closed": lambda _w: ResourceLink.objects.update(closes_at=BEFORE),
}


def test_what_is_shut_on_the_way_stops_the_launch_at_every_step(world: World) -> None:
    waiting, begun = world.start(), world.begin()
    cookies = world.clients["maya"].cookies
    session = cookies[settings.SESSION_COOKIE_NAME].value
    for name, shut in SHUT.items():
        with undone():
            shut(world)
            with pytest.raises((Closed, ResourceLink.DoesNotExist)):
                world.start()
            step = world.clients["maya"].get(f"/lti/open/{waiting.guid}")
            assert f'action="{TOOL}' not in step.content.decode(), name
            assert "id_token" not in world.ask(begun).content.decode(), name
        cookies[settings.SESSION_COOKIE_NAME] = session
    assert f'action="{TOOL}' in world.clients["maya"].get(f"/lti/open/{waiting.guid}").content.decode()
    assert "id_token" in sent(world.ask(begun)).fields


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Take back what the block does to the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


WRONG: dict[str, dict[str, Any]] = {
    "another scope": {"scope": "profile"},
    "no scope": {"scope": None},
    "a code instead of a token": {"response_type": "code"},
    "the answer in the address": {"response_mode": "query"},
    "the answer in the fragment": {"response_mode": "fragment"},
    "asking somebody to sign in": {"prompt": "login"},
    "no nonce": {"nonce": None},
    "no login hint": {"login_hint": None},
    "another login hint": {"login_hint": "somebody"},
    "no message hint": {"lti_message_hint": None},
    "a made-up message hint": {"lti_message_hint": "guess"},
}
UNANSWERED: dict[str, dict[str, Any]] = {
    "a client nobody knows": {"client_id": "orp_id_unknown"},
    "no client": {"client_id": None},
    "no redirect address": {"redirect_uri": None},
    "a redirect address of a stranger": {"redirect_uri": "https://evil.example/launch"},
    "a redirect address that only begins alike": {"redirect_uri": f"{REDIRECT}.evil.example"},
    "a redirect address with a slash more": {"redirect_uri": f"{REDIRECT}/"},
    "a redirect address with a query more": {"redirect_uri": f"{REDIRECT}?next=https://evil.example"},
    "the launch address, which is not registered for answers": {"redirect_uri": f"{TOOL}/start"},
    "a script as redirect address": {"redirect_uri": "javascript:alert(1)"},
    "two clients": {"client_id": ["a", "b"]},
    "a state without end": {"state": "x" * 5000},
}


def test_a_wrong_request_is_told_to_the_tool_without_a_token(world: World) -> None:
    begun = world.begin()
    for name, wrong in WRONG.items():
        with undone():
            form = sent(world.ask(begun, **wrong))
        assert (form.url, form.fields["state"]) == (REDIRECT, "state-1"), name
        assert form.fields["error"] in {"invalid_request", "login_required"}, name
        assert "id_token" not in form.fields, name
    assert "id_token" in sent(world.ask(begun)).fields


def test_a_request_that_may_be_anybodys_is_answered_to_nobody(world: World) -> None:
    begun = world.begin()
    for name, wrong in UNANSWERED.items():
        answer = world.ask(begun, **wrong)
        assert (answer.status_code, "<form" in answer.content.decode()) == (400, False), name
    assert "id_token" in sent(world.ask(begun)).fields


def error_of(answer: Any) -> str:
    form = sent(answer)
    assert "id_token" not in form.fields
    return form.fields["error"]


def test_a_hint_is_good_once_for_one_tool_one_session_and_a_few_minutes(world: World, clock: Clock) -> None:
    begun = world.begin()
    assert "id_token" in sent(world.ask(begun)).fields
    assert error_of(world.ask(begun)) == "login_required"
    stolen = world.begin()
    assert error_of(world.ask(stolen, world.clients["ben"])) == "login_required"
    assert error_of(world.ask(stolen, world.clients["maya"])) == "login_required", "used up by the thief"
    other = stranger()
    other.force_login(world.browser("maya").user)
    assert error_of(world.ask(world.begin(), other)) == "login_required", "another session of the same person"
    late = world.begin()
    clock.forward(minutes=4)
    assert error_of(world.ask(late)) == "login_required"


def test_a_hint_of_one_tool_is_nothing_to_another(world: World) -> None:
    facts = {
        "name": "Other", "login_url": f"{TOOL}/login", "launch_url": TOOL, "redirect_urls": [REDIRECT], "enabled": True,
        "public_key": crafted.key_set(crafted.jwk("stranger")),
    }  # fmt: skip
    other = tools.register_by_hand(world.tool.application, actor="admin", now=NOW, facts=facts)
    assert error_of(world.ask(world.begin(), client_id=other.client_id)) == "login_required"


def test_a_nonce_comes_once(world: World) -> None:
    assert "id_token" in sent(world.ask(world.begin(), nonce="again")).fields
    assert error_of(world.ask(world.begin(), nonce="again")) == "invalid_request"
    assert UsedMark.objects.count() == 1


def test_a_launch_opens_only_for_the_session_that_began_it(world: World) -> None:
    guid = world.start().guid
    for who in ("ben", "teacher", "stranger"):
        answer = world.clients[who].get(f"/lti/open/{guid}")
        assert answer.status_code == 403
        assert "<form" not in answer.content.decode()
    assert stranger().get(f"/lti/open/{guid}").status_code == 302
    assert stranger().get(f"/lti/first/{guid}").status_code == 403


NOT_THEIRS = [
    ("maya", Role.INSTRUCTOR), ("maya", Role.MENTOR), ("maya", Role.ADMINISTRATOR), ("parent", Role.LEARNER),
    ("parent", Role.INSTRUCTOR), ("teacher", Role.LEARNER), ("teacher", Role.ADMINISTRATOR), ("stranger", Role.LEARNER),
    ("stranger", Role.INSTRUCTOR), ("stranger", Role.MENTOR), ("office", Role.INSTRUCTOR),
]  # fmt: skip


def test_nobody_comes_in_as_what_they_are_not(world: World) -> None:
    for who, role in NOT_THEIRS:
        refused_begin(world, who, role)


def test_nobody_opens_a_link_of_another_section(world: World) -> None:
    link = other_section(world)
    for who in ("maya", "teacher", "parent"):
        with pytest.raises(Closed):
            world.start(who, link)


def test_a_parent_of_nobody_in_the_class_stays_out(world: World) -> None:
    type(world.people["maya"]).objects.get(pk=world.people["maya"].pk).contacts.update(portal=False)
    refused_begin(world, "parent", Role.MENTOR)


def test_a_teacher_no_longer_on_the_staff_stays_out(world: World) -> None:
    begun = world.begin("teacher")
    SectionStaff.objects.update(end_date=dt.date(2026, 9, 1))
    assert error_of(world.ask(begun, world.clients["teacher"])) == "unauthorized_client"
    refused_begin(world, "teacher", Role.INSTRUCTOR)


def test_there_are_more_than_fifty_launches_that_must_not_work() -> None:
    assert len(SHUT) + len(WRONG) + len(UNANSWERED) + len(NOT_THEIRS) >= 50
