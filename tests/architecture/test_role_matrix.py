"""Every address of the admin, for every kind of person and every method: open or closed as the tables say.

An address that stands in no table fails here: screens stand in their app's SCREENS, kinds of record in
interop/admin/records.py, and the few pages of the stock admin that belong to neither in interop/admin/stock.py.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from interop.admin import errors, records, stock
from interop.admin.roles import Role
from interop.admin.screens import screens

STRANGER, PUPIL, NO_ROLE = "anonymous", "not staff", "staff without a role"
ROLES = tuple(role.value for role in Role)
PEOPLE = (STRANGER, PUPIL, NO_ROLE, *ROLES)
METHODS = ("GET", "POST", "PUT", "DELETE")
STEP = 1 if os.environ.get("INTEROP_PROVE") else 5  # each person tries another fifth: every cell by one or two of them
SAMPLES = {"int": "0", "str": "none", "slug": "none", "uuid": "00000000-0000-0000-0000-000000000000", "path": "0"}
QUERIES = {"autocomplete": "?app_label=roster&model_name=school&field_name=district"}
SIGN_IN = "/account/sign-in/"
LOGIN = "/admin/login/"


@dataclass(frozen=True)
class Address:
    """One address below /admin/ with samples in the place of its parts."""

    name: str
    path: str


def addresses() -> list[Address]:
    """Return every address the admin resolves, the sign-in address and the catch-all of unknown ones apart."""
    (below,) = [each for each in get_resolver().url_patterns if str(each.pattern) == "admin/"]
    found = [each for each in walk(below, "/admin/") if each.path != LOGIN]
    return sorted({each.path: each for each in found}.values(), key=lambda each: each.path)


def walk(resolver: URLResolver, so_far: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from walk(each, so_far + sample(each))
        elif each.name is not None:
            yield Address(each.name, so_far + sample(each))


def sample(pattern: URLPattern | URLResolver) -> str:
    """Return the pattern with its parts filled; the one regular expression of the stock admin lists our apps."""
    text = str(pattern.pattern)
    if text.startswith("^"):
        return "roster/"
    for converter, name in [part.strip("<>").rpartition(":")[::2] for part in _parts(text)]:
        text = text.replace(f"<{converter}:{name}>" if converter else f"<{name}>", SAMPLES[converter or "str"])
    return text


def _parts(text: str) -> list[str]:
    return [part.split(">")[0] for part in text.split("<")[1:]]


ADDRESSES = addresses()
SCREENS = {screen.name: screen for screen in screens()}


def stands_somewhere(address: Address) -> bool:
    """Return whether a table speaks of this address."""
    if address.name in SCREENS or address.name in stock.COMMON or address.name == "view_on_site":
        return True
    app, _, rest = address.name.partition("_")
    return f"{app}.{rest.split('_')[0]}" in records.KINDS or app in records.WHOLE_APPS


def is_open(address: Address, person: str, method: str) -> bool:
    """Return what the tables say."""
    if person not in ROLES:
        return False
    roles = frozenset({Role(person)})
    if screen := SCREENS.get(address.name):
        return screen.allows(roles, method)
    if address.name == "autocomplete":
        return method == "GET" and records.may(roles, "view", "roster.district")
    return stock.allows(address.name, roles, method)


def is_known(address: Address, method: str) -> bool:
    """Return whether the address answers this method to anybody."""
    return method in (SCREENS[address.name].methods if address.name in SCREENS else stock.METHODS)


@pytest.fixture
def clients(db: None) -> dict[str, Client]:
    """Make one person of each kind, signed in."""
    User.objects.create_superuser("somebody else")
    made = {}
    for person in PEOPLE:
        client = made[person] = Client(raise_request_exception=False)
        if person == STRANGER:
            continue
        user = User.objects.create_user(person, is_staff=person != PUPIL)
        if person in ROLES:
            user.groups.set([Group.objects.get_or_create(name=person)[0]])
        client.force_login(user)
    return made


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let views decide and gather, but fill no templates: that is most of the time and tells nothing here."""
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    monkeypatch.setattr(errors, "_answer", lambda _request, status, *_words: HttpResponse(status=status))


def test_every_address_stands_in_a_table() -> None:
    assert len(ADDRESSES) > 100
    assert [address for address in ADDRESSES if not stands_somewhere(address)] == []


@pytest.mark.usefixtures("unrendered")
@pytest.mark.parametrize("person", PEOPLE)
def test_every_address_is_open_or_closed_as_the_tables_say(clients: dict[str, Client], person: str) -> None:
    cells = [*product(ADDRESSES, METHODS)][PEOPLE.index(person) % STEP :: STEP]
    wrong = []
    for address, method in cells:
        status, where = ask(clients[person], address, method)
        while person == STRANGER and where.startswith("/admin/"):
            where = clients[person].get(where).headers.get("Location", "")
        if not fits(address, person, method, status, where):
            wrong.append((address.path, method, status, where))
    assert wrong == []
    assert len(cells) >= len(ADDRESSES) * len(METHODS) // STEP


def ask(client: Client, address: Address, method: str) -> tuple[int, str]:
    """Send the request; return the status and where it leads."""
    answer = getattr(client, method.lower())(address.path + QUERIES.get(address.name, ""))
    return answer.status_code, answer.headers.get("Location", "")


def fits(address: Address, person: str, method: str, status: int, where: str) -> bool:
    """Return whether the answer is the one of the tables."""
    if person == STRANGER:
        return status == 302 and where.startswith(SIGN_IN)
    if person not in ROLES:
        return status == 403
    if not is_known(address, method):
        return status in (403, 405)
    if not is_open(address, person, method):
        return status == 403
    return status < 500 and status not in (401, 403, 405) and not where.startswith(SIGN_IN)


def test_whoever_lacks_the_second_step_gets_nowhere(clients: dict[str, Client], settings) -> None:
    settings.PUBLIC_URL = "https://portal.example.org"
    client = clients[Role.OFFICER.value]
    for address, method in [*product(ADDRESSES, ("GET", "POST"))][::STEP]:
        answer = getattr(client, method.lower())(address.path)
        assert answer.status_code == 302, (address.path, method, answer.status_code)
        assert answer.headers["Location"].startswith("/account/set-up/?next="), address.path


def test_the_kinds_of_record_all_have_stock_pages() -> None:
    registered = {f"{model._meta.app_label}.{model._meta.model_name}" for model in admin.site._registry}
    assert set(records.KINDS) <= registered
    assert [kind for kind in registered if not records.access(kind).view] == []
