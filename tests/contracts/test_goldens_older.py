"""What OneRoster 1.1 is on the wire: the same filled district as in the goldens of 1.2, in its older words."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from interop.oneroster.resource import REGISTRY
from roster.models import Account, Person
from roster.publishing import publish
from tests.contracts.conftest import Vendor, content, vendor_that_reads_all
from tests.contracts.filled import KINDS, PUBLISHED, REFUSED, SINGLES, publish_filled_district

GOLDENS = Path(__file__).parent / "goldens" / "v1p1"
BASE = "/v1p1"
TRACE = {"X-Request-Id": "trace-000001"}
RECORDS = {name: BASE + path for name, path in SINGLES.items()}
REFUSALS = {name: (BASE + path, status) for name, (path, status) in REFUSED.items()}
# What 1.1 knows and this portal does not tell: one phone is enough, nobody's password is anybody's business.
NEVER = {"user": {"sms", "password", "metadata"}, "*": {"metadata"}}


@pytest.fixture
def acme(db: None, settings: Any) -> Vendor:
    """A vendor of 1.1 that may read all of the filled district, where everybody has a username."""
    settings.PUBLIC_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["testserver"]
    publish_filled_district()
    for name in ("grace", "annabella"):
        Account.objects.create(person=Person.objects.get(sourced_id=name), username=name)
    publish(PUBLISHED + dt.timedelta(hours=1), force=True)
    return vendor_that_reads_all(version=11)


def golden(name: str) -> Any:
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def test_every_kind_of_record_is_as_its_golden_says_alone_and_in_its_list(acme: Vendor) -> None:
    for name, path in RECORDS.items():
        assert acme.body(path) == golden(name), name
        [(single, record)] = golden(name).items()
        collection = next(each.collection for each in REGISTRY.values() if each.single == single)
        listed = acme.body(path.rpartition("/")[0])
        assert list(listed) == [collection]
        assert record in listed[collection]


@pytest.mark.parametrize("kind", KINDS)
def test_the_goldens_of_a_kind_hold_every_field_1_1_has_and_none_of_1_2(kind: str) -> None:
    held: set[str] = set()
    for name in RECORDS:
        for record in golden(name).values():
            held |= set(record) if name.partition("-")[0] == kind else set()
    declared = {field.name for field in REGISTRY[kind].fields_in(11)}
    assert declared - held == NEVER.get(kind, NEVER["*"])
    assert held <= declared


def test_refusals_are_as_their_goldens_say(acme: Vendor) -> None:
    for name, (path, status) in REFUSALS.items():
        answer = acme.get(path, **TRACE)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
        assert json.loads(content(answer)) == golden(f"error-{name}"), name
