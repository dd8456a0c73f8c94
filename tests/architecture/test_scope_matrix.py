"""The scope matrix: every endpoint, method, version, way to sign in, kind of connection and shared data, against a
table of its own. `make prove` asks all cells; else every 97th, and all of those that tell one scope from another.
"""

import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import RequestFactory

from connections import secret, services
from connections.models import AccessToken, Connection, Credential
from interop import crypto
from interop.oneroster.endpoints import SCOPE_PREFIX
from interop.oneroster.routes import endpoints
from interop.oneroster.views import view
from roster.models import Edition
from tests.connections.signing import header
from tests.reading.published import MOMENT, publish

STEP = 1 if os.environ.get("INTEROP_PROVE") else 97
BASES = {11: "/ims/oneroster/v1p1", 12: "/ims/oneroster/{}/v1p2"}
LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH")
SWITCHES = ("gradebook", "assessments", "demographics", "guardians", "relatives")
GRADEBOOK = ("categories", "lineItems", "results", "scoreScales")
ACTS = {"PUT": "createput", "POST": "createpost", "DELETE": "delete"}
ROSTER = {"roster.readonly", "roster-core.readonly", "resource.readonly"}
GRADES = {"gradebook.readonly", "gradebook.createput", "gradebook.delete"}
EVERY = {
    11: ROSTER | GRADES | {"roster-demographics.readonly"},
    12: ROSTER | GRADES | {
        "roster-demographics.readonly", "resource-core.readonly", "gradebook-core.readonly", "gradebook.createpost",
        "assessment.readonly", "assessment.createput", "assessment.delete",
    },
}  # fmt: skip
IDS = {"users": "mum", "students": "ada", "demographics": "ada"}
"""Which object is asked for alone; of every other kind there is none."""
make = RequestFactory()


@dataclass(frozen=True)
class Caller:
    """Who asks: a connection of a version, how it signs in, what is shared with it, and the scopes that come of it."""

    version: int
    signs: bool
    shared: frozenset[str]
    scopes: frozenset[str]
    key: tuple[str, str] = field(repr=False)

    def ask(self, method: str, path: str) -> HttpResponseBase:
        """Send the request as the middleware hands it on."""
        name, word = self.key
        signed = self.signs and header(name, word, f"http://testserver{path}", method=method)
        return view(make.generic(method, path, headers={"authorization": signed or f"Bearer {word}"}))


def may_have(version: int, shared: frozenset[str]) -> set[str]:
    """Which scopes a connection of the version has: of grades and assessments only a partner has any."""
    found = set(EVERY[version] & (ROSTER | {"resource-core.readonly"}))
    if "demographics" in shared:
        found |= {"roster-demographics.readonly"}
    for switch, word in (("gradebook", "gradebook"), ("assessments", "assessment")):
        if {"partner", switch} <= shared:
            found |= {scope for scope in EVERY[version] if scope.startswith(word)}
    return found


def opened_by(method: str, version: int, path: str) -> set[str]:
    """Which scopes open an operation: one that hangs on a parent wants more than the plain lists and single objects."""
    segments = path.strip("/").split("/")
    kind = {"demographics": "roster-demographics", "resources": "resource"}.get(segments[0], "roster")
    if segments[-1] == "resources":
        kind = "resource"
    elif "assessment" in segments[0]:
        kind = "assessment"
    elif segments[0] in GRADEBOOK or segments[-1] in GRADEBOOK:
        kind = "gradebook"
    if method in ACTS:
        return {f"{kind}.{ACTS[method]}"}
    core = len(segments) <= 2 and (kind == "roster" or (version == 12 and kind in ("resource", "gradebook")))
    return {f"{kind}.readonly"} | ({f"{kind}-core.readonly"} if core else set())


def tables() -> dict[int, dict[str, dict[str, str]]]:
    """Return, for every address of a version, its methods and the operation's path behind each."""
    tables: dict[int, dict[str, dict[str, str]]] = {11: {}, 12: {}}
    for version, table in tables.items():
        every = [each for each in endpoints() if each.exists_in(version)]
        for each in every:
            offered = table.setdefault(BASES[version].format(each.service) + each.path, {})
            offered[each.method] = each.path
        for offered in table.values():
            path = next(iter(offered.values()))
            if "GET" in offered:
                offered["HEAD"] = offered["GET"]
            offered["OPTIONS"] = path
    return tables


def address(path: str) -> str:
    """Fill the braces."""
    first = path.split("/{", 1)[0].rpartition("/")[2]
    return path.replace("{sourcedId}", IDS.get(first, "nobody")).replace("{", "no-").replace("}", "")


def expected(caller: Caller, method: str, version: int, path: str, offered: dict[str, str]) -> set[int]:
    """Return which answers are right."""
    if method == "OPTIONS" or method not in offered:
        return {204 if method == "OPTIONS" else 405}
    plain = offered[method]
    if caller.signs and version == 12:
        return {401}
    if caller.version != version or not caller.scopes & opened_by(method, version, plain):
        return {403}
    return {200, 201, 204, 400, 404, 422} if method in ACTS else {found(caller, version, plain)}


def found(caller: Caller, version: int, plain: str) -> int:
    """Return the answer to who may read: parents are unknown, and of objects there are those in IDS."""
    first, *rest = plain.strip("/").split("/")
    if len(rest) > 1:
        return 404 if version == 12 else 200
    seen = first in ("students", "demographics") or (first == "users" and "guardians" in caller.shared)
    return 200 if not rest or seen else 404


def people(caller: Caller) -> int:
    """Return how many users there are for the caller: a student, and the contacts shared with it."""
    return 1 + len(caller.shared & {"guardians", "relatives"})


@pytest.fixture
def district(db: None, settings: Any) -> None:
    """A student with demographics, a guardian and a relative, in both versions."""
    settings.PUBLIC_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    Edition.objects.create(number=1, published_at=MOMENT, counts={}, fingerprint="x")
    for version in BASES:
        for name, role in (("ada", "student"), ("mum", "guardian"), ("bob", "relative")):
            audience = "" if role == "student" else role
            told = {"role": role} if version == 11 else {"roles": [{"roleType": "primary", "role": role, "org": "l"}]}
            publish(
                "user", name, version=version, schools=(1,), audience=audience, username=name, enabledUser=True,
                givenName=name, familyName="B", **told,
            )  # fmt: skip
        publish("demographics", "ada", version=version, schools=(1,), sex="female")


@pytest.fixture
def kinds(district: None) -> list[Caller]:
    """A connection for every version, way to sign in, kind of application and choice of shared data."""
    choices = [
        frozenset(name for name, on in zip(("partner", *SWITCHES), ons, strict=True) if on)
        for ons in product((True, False), repeat=1 + len(SWITCHES))
    ]
    return list(made(
        (version, signs, shared, may_have(version, shared - {"demographics"} if signs else shared))
        for version, signs in ((12, False), (11, False), (11, True)) for shared in choices
    ))  # fmt: skip


@pytest.fixture
def single_scopes(district: None) -> list[Caller]:
    """A token for every scope alone, of connections that have all of them."""
    shared = frozenset(("partner", *SWITCHES))
    return list(made((version, False, shared, {scope}) for version in BASES for scope in sorted(EVERY[version])))


def made(wanted: Any) -> Iterator[Caller]:
    """Make the connections with their tokens or secrets, straight in their tables."""
    applications = {
        partner: services.application_named(name, partner=partner, actor="admin")
        for partner, name in ((True, "Acme"), (False, "Bolt"))
    }
    for number, (version, signs, shared, scopes) in enumerate(wanted):
        connection = Connection.objects.create(
            application=applications["partner" in shared], name=f"{number}", version=version, oauth=1 if signs else 2,
            expires_at=LATER, bucket=0, at_once=0, **{f"share_{name}": name in shared for name in SWITCHES},
        )  # fmt: skip
        name, word = secret.new_client_id(), secret.new_secret()
        credential = Credential.objects.create(
            connection=connection, client_id=name, secret_sha256=secret.sha256(word),
            sealed=crypto.seal(word) if signs else None,
        )  # fmt: skip
        if not signs:
            word = secret.new_token()
            asked = " ".join(SCOPE_PREFIX[version] + scope for scope in EVERY[version])
            if len(scopes) == 1:
                asked = SCOPE_PREFIX[version] + next(iter(scopes))
            AccessToken.objects.create(
                token_sha256=secret.sha256(word), credential=credential, scope=asked, expires_at=LATER
            )
        yield Caller(version, signs, shared, frozenset(scopes), (name, word))


def test_what_is_opened_follows_from_version_sign_in_partner_and_shared_data_alone(kinds: list[Caller]) -> None:
    table = tables()
    cells = [
        (caller, method, version, path)
        for caller, version in product(kinds, BASES)
        for path, method in product(table[version], METHODS)
    ]
    seen: Counter[int] = Counter()
    asked: set[tuple[str, str]] = set()
    for caller, method, version, path in cells[::STEP]:
        answer = caller.ask(method, address(path))
        assert answer.status_code in expected(caller, method, version, path, table[version][path]), (
            caller, method, path, answer.status_code,
        )  # fmt: skip
        seen[answer.status_code] += 1
        asked.add((path, method))
        if answer.status_code == 200 and path.endswith("/users"):
            assert answer.headers["X-Total-Count"] == str(people(caller)), caller
    assert set(seen) >= {200, 204, 401, 403, 404, 405}
    assert len(asked) == sum(map(len, table.values())) * len(METHODS)
    assert len(kinds) == 3 * 2 * 2 ** len(SWITCHES)
    assert len(cells) == len(kinds) * len(asked)


def test_every_scope_alone_opens_its_operations_and_nothing_else_and_nobody_opens_any(
    single_scopes: list[Caller],
) -> None:
    seen: Counter[int] = Counter()
    for version, offered_by in tables().items():
        for path, offered in offered_by.items():
            own = [caller for caller in single_scopes if caller.version == version]
            for caller, method in product(own, set(offered) - {"OPTIONS", "HEAD"}):
                answer = caller.ask(method, address(path))
                assert answer.status_code in expected(caller, method, version, path, offered), (caller, method, path)
                seen[answer.status_code] += 1
            for method in set(offered) - {"OPTIONS"}:
                assert view(make.generic(method, address(path))).status_code == 401, (method, path)
    assert set(seen) >= {200, 403, 404}
    assert sum(seen.values()) >= 46 * len(EVERY[12]) + 45 * len(EVERY[11])


def test_a_method_that_is_not_offered_is_told_those_that_are(single_scopes: list[Caller]) -> None:
    for offered_by in tables().values():
        for path, offered in offered_by.items():
            answer = single_scopes[0].ask("PATCH", address(path))
            assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, set(offered)), path
