"""A class with a teacher, students and a parent who can all sign in, and a tool that plays its part by hand."""

import copy
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from html import unescape
from typing import Any
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from connections import limits
from connections.models import Application
from gradebook.teaching.access import teacher
from lti import choosing, offering, people, tools
from lti.access import Wish
from lti.launching import Browser, begin
from lti.models import Launch, ResourceLink, Tool
from lti.protocol import keys, names
from lti.protocol.content import Graded, Item
from lti.protocol.names import CLAIM, CONTENT, Role
from lti.views import limiting
from roster.models import Account, Person
from roster.signin import accounts
from tests.gradebook.taught import Taught, teach
from tests.lti import crafted
from tests.roster import factories as make
from tests.shared import made_once

NOW = dt.datetime(2026, 10, 1, 15, 0, tzinfo=dt.UTC)
TOOL = "https://tool.example"
REDIRECT = f"{TOOL}/launch"
ROLES = {"teacher": Role.INSTRUCTOR, "maya": Role.LEARNER, "parent": Role.MENTOR, "office": Role.ADMINISTRATOR}


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make our own key once, not once a test."""
    monkeypatch.setattr(keys, "make", _own_key)


@cache
def _own_key() -> keys.Made:
    return _make()


_make = keys.make


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    """The moment it is; tests move it."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time go by for the buckets, and nobody wait for what another test did."""
    local = limits.Local()
    link = type("Link", (), {"come_in": lambda _, turn, most: local.come_in(turn, most, 100.0), "leave": local.leave})
    monkeypatch.setattr(limits, "_link", link)
    monkeypatch.setattr(limiting, "_waiting", limits.Waiting())


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> dt.datetime:
        return self.at

    def forward(self, **time: float) -> dt.datetime:
        self.at += dt.timedelta(**time)
        return self.at


HANDLER = ClientHandler(enforce_csrf_checks=False)
"""Loading the middleware takes longer than most requests: all browsers of these tests share one."""


def stranger() -> Client:
    """A browser nobody is signed in with, or the program of a tool."""
    client = Client()
    client.handler = HANDLER
    return client


class Clients(dict[str, Client]):
    """Browsers by the names of people, signed in when they are wanted first."""

    def __init__(self, people: dict[str, Person]) -> None:
        super().__init__()
        self.people = people

    def __missing__(self, who: str) -> Client:
        self[who] = signed_in(self.people[who], staff=who == "office")
        return self[who]


@dataclass
class Sent:
    """A form the portal has the browser send to the tool."""

    url: str
    fields: dict[str, str]
    answer: Any

    @property
    def claims(self) -> dict[str, Any]:
        """What the id_token says, checked with the portal's own key set."""
        [key] = stranger().get("/lti/jwks").json()["keys"]
        options = {"verify_exp": False, "verify_iat": False}
        told: dict[str, Any] = jwt.decode(
            self.fields["id_token"], jwt.PyJWK(key).key, ["RS256"], audience=self.fields.get("aud") or None,
            options={**options, "verify_aud": False},
        )  # fmt: skip
        return told


def sent(answer: Any) -> Sent:
    """Read the form that sends itself."""
    text = answer.content.decode()
    found = re.search(r'<form method="post" action="([^"]+)"', text)
    assert found, (answer.status_code, text[:2000])
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)
    return Sent(unescape(found[1]), {name: unescape(value) for name, value in fields}, answer)


@dataclass
class World:
    """The class, its people by name with browsers of their own, and the tool."""

    taught: Taught
    people: dict[str, Person]
    clients: Clients
    tool: Tool
    link: ResourceLink
    held: tuple[dt.datetime, dict[str, str]] | None = None

    def browser(self, who: str) -> Browser:
        client = self.clients[who]
        return Browser(client.session.session_key or "", User.objects.get(roster_tie__person=self.people[who]))

    def change(self, **facts: Any) -> None:
        self.tool = tools.change(self.tool, actor="admin", facts=facts)

    def subject(self, who: str) -> str:
        """As whom the tool knows somebody."""
        [value] = people.subjects(self.tool, [self.people[who].pk]).values()
        return value

    def start(self, who: str = "maya", link: ResourceLink | None = None, role: Role | None = None) -> Launch:
        chosen = ResourceLink.objects.select_related("tool", "assignment").get(pk=(link or self.link).pk)
        return offering.start_launch(self.browser(who), self.people[who], role or ROLES[who], chosen, timezone.now())

    def begin(self, who: str = "maya", launch: Launch | None = None) -> Sent:
        """Go the first hop: what the browser brings to the tool's login address."""
        launch = launch or self.start(who)
        return sent(self.clients[who].get(f"/lti/{'first' if launch.framed else 'open'}/{launch.guid}"))

    def ask(self, begun: Sent, client: Client | None = None, method: str = "get", **changed: Any) -> Any:
        """Go the second hop as the tool has it; a value of None leaves a parameter out."""
        told = {
            "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
            "client_id": self.tool.client_id, "redirect_uri": REDIRECT, "login_hint": begun.fields["login_hint"],
            "lti_message_hint": begun.fields["lti_message_hint"], "state": "state-1", "nonce": str(uuid4()), **changed,
        }  # fmt: skip
        return getattr(client or stranger(), method)(
            "/lti/authorize", {name: value for name, value in told.items() if value is not None}
        )

    def launch(self, who: str = "maya", **changed: Any) -> Sent:
        """Go all the way as this person."""
        begun = self.begin(who)
        return sent(self.ask(begun, self.clients[who], **changed))

    def token(self, scope: str = "", **changed: Any) -> Any:
        """Ask for a service token."""
        at = int(timezone.now().timestamp())
        claims = {
            "iss": self.tool.client_id, "sub": self.tool.client_id, "aud": f"{settings.PUBLIC_URL}/lti/token",
            "iat": at, "exp": at + 60, "jti": str(uuid4()), **changed,
        }  # fmt: skip
        return stranger().post("/lti/token", self.form(crafted.signed(claims), scope))

    @staticmethod
    def form(assertion: str, scope: str = "") -> dict[str, str]:
        return {
            "grant_type": "client_credentials", "client_assertion": assertion, "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }  # fmt: skip

    def bearer(self, scope: str = "") -> dict[str, str]:
        answer = self.token(scope)
        assert answer.status_code == 200, answer.content
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def everything(self) -> dict[str, str]:
        """A token for all the tool may do, the same for half an hour."""
        if self.held is None or timezone.now() - self.held[0] > dt.timedelta(minutes=30):
            self.held = timezone.now(), self.bearer(" ".join(names.SCOPES))
        return self.held[1]

    def choose(self) -> tuple[Launch, str]:
        """Begin to choose content as the teacher; return the launch and the data that has to come back."""
        browser = self.browser("teacher")
        assert browser.user
        wish = Wish(self.tool, browser.user, self.people["teacher"], Role.INSTRUCTOR, self.taught.section.pk)
        launch = begin(browser, wish, timezone.now())
        told = sent(self.ask(self.begin("teacher", launch), self.clients["teacher"])).claims
        return launch, told[f"{CONTENT}deep_linking_settings"]["data"]

    def answer(self, data: str, items: list[Any] | None = None, **changed: Any) -> str:
        """What the tool gives back."""
        at = int(timezone.now().timestamp())
        item = {
            "type": "ltiResourceLink", "title": "Fractions", "url": f"{TOOL}/q/1", "text": "Ten questions",
            "lineItem": {"scoreMaximum": 20, "tag": "t1", "resourceId": "q1"}, "custom": {"quiz": "1"},
            "submission": {"endDateTime": "2026-10-09T20:00:00Z"},
        }  # fmt: skip
        claims = {
            "iss": self.tool.client_id, "aud": settings.PUBLIC_URL, "iat": at, "exp": at + 60, "nonce": str(uuid4()),
            f"{CLAIM}version": "1.3.0", f"{CLAIM}message_type": "LtiDeepLinkingResponse",
            f"{CLAIM}deployment_id": self.tool.deployment_id, f"{CONTENT}data": data,
            f"{CONTENT}content_items": [item] if items is None else items, **changed,
        }  # fmt: skip
        return crafted.signed(claims)


def signed_in(person: Person, *, staff: bool = False) -> Client:
    """A browser in which this person is signed in."""
    Account.objects.get_or_create(person=person, defaults={"username": person.sourced_id})
    user = accounts.user_of(person)
    if staff:
        user.is_staff = user.is_superuser = True
        user.save()
    client = stranger()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def common_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The class that all tests of a file begin with, made at the moment their clocks begin."""

    def make_now() -> World:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keys, "make", _own_key)
            patch.setattr(timezone, "now", Clock())
            return make_world()

    yield from made_once(django_db_blocker, make_now)


@pytest.fixture
def world(common_world: World, db: None) -> World:
    """The class, as nobody has changed it yet."""
    return copy.deepcopy(common_world)


def make_world() -> World:
    """Eleanor Voss teaches Maya and Ben; Maya has a parent; somebody of the office and a stranger are there too."""
    taught = teach("algebra-2", students=2)
    calendar = taught.section.calendar
    maya, ben = taught.students
    make.AssignmentFactory(person=taught.teacher, school=calendar.school, teacher=True)
    for student in taught.students:
        make.EnrollmentFactory(person=student, calendar=calendar)
    there: dict[str, Person] = {
        "teacher": taught.teacher, "maya": maya, "ben": ben, "parent": make.PersonFactory(given_name="Pat"),
        "office": make.PersonFactory(given_name="Olga"), "stranger": make.PersonFactory(given_name="Sly"),
    }  # fmt: skip
    make.EnrollmentFactory(person=there["stranger"], calendar=calendar)
    make.RelationshipFactory(student=maya, contact=there["parent"])
    Person.objects.filter(pk=maya.pk).update(given_name="Maya", family_name="Hart", email="maya@example.org")
    there["maya"].refresh_from_db()
    application = Application.objects.create(name="Quizzer", slug="quizzer", partner=True)
    tool = tools.register_by_hand(application, actor="admin", now=NOW, facts={
        "name": "Quizzer", "login_url": f"{TOOL}/login", "launch_url": f"{TOOL}/start", "redirect_urls": [REDIRECT],
        "public_key": crafted.key_set(), "enabled": True, "for_students": True, "for_parents": True,
        "chooses_content": True, "score_passback": True, "share_members": True,
    })  # fmt: skip
    link = _link(tool, taught)
    return World(taught, there, Clients(there), tool, link)


def _link(tool: Tool, taught: Taught) -> ResourceLink:
    """Put the tool into an assignment of ten points."""
    seated = teacher(taught.teacher, NOW.date())
    assert seated
    item = Item(f"{TOOL}/start?quiz=1", "Quiz 1", "", {"quiz": "$ResourceLink.id"}, Graded(Decimal(10)))
    row = choosing.link_to_assignment(
        tool, seated, taught.section.pk, item, NOW, assignment=taught.assignment("Quiz 1", due_on=NOW.date())
    )
    return ResourceLink.objects.get(assignment=row)
