"""What is on the wire, in files of our own: a field renamed, a type changed or a header gone is a failure here.

The files in goldens/ are read by people as well: each holds one fully filled record, or one refusal, as vendors get it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from django.test import override_settings

from connections import services
from interop.oneroster.resource import REGISTRY
from tests.contracts.conftest import Vendor, vendor_that_reads_all
from tests.contracts.filled import KINDS, REFUSED, SINGLES, publish_filled_district
from tests.shared import made_once

GOLDENS = Path(__file__).parent / "goldens"
PUBLIC = {"PUBLIC_URL": "https://portal.example.org", "ALLOWED_HOSTS": ["testserver"]}
ROSTERING, RESOURCES = "/rostering/v1p2", "/resources/v1p2"
RECORDS = {name: (RESOURCES if name == "resource" else ROSTERING) + path for name, path in SINGLES.items()}
REFUSALS = {name: (ROSTERING + path, status) for name, (path, status) in REFUSED.items()}
REFUSALS["400-fields"] = (f"{ROSTERING}/users?fields=shoeSize", 400)
# Fields of the standard that a district's student information system has no place for.
NEVER = {"user": {"userProfiles", "password", "metadata"}, "*": {"metadata"}}


@pytest.fixture(scope="module")
def reader(django_db_setup: None, django_db_blocker: Any) -> Iterator[Vendor]:
    """The filled district, and the vendor of all tests of this file."""

    def make() -> Vendor:
        publish_filled_district()
        return vendor_that_reads_all(version=12)

    with override_settings(**PUBLIC):
        yield from made_once(django_db_blocker, make)


@pytest.fixture
def acme(reader: Vendor, db: None) -> Vendor:
    """A vendor that may read all of the filled district, demographics too."""
    return reader.anew()


def golden(name: str) -> Any:
    return json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))


def test_every_kind_of_record_is_as_its_golden_says(acme: Vendor) -> None:
    told = {name: acme.body(path) for name, path in RECORDS.items()}
    assert told == {name: golden(name) for name in RECORDS}


def test_lists_hold_the_same_records_under_their_own_name(acme: Vendor) -> None:
    for name, path in RECORDS.items():
        [(single, record)] = golden(name).items()
        collection = next(each.collection for each in REGISTRY.values() if each.single == single)
        listed = acme.body(path.rpartition("/")[0])
        assert list(listed) == [collection]
        assert record in listed[collection]


@pytest.mark.parametrize("kind", KINDS)
def test_the_goldens_of_a_kind_hold_every_field_it_has(kind: str) -> None:
    held: set[str] = set()
    for name in RECORDS:
        for record in golden(name).values():
            held |= set(record) if name.partition("-")[0] == kind else set()
    declared = {field.name for field in REGISTRY[kind].fields_in(12)}
    assert declared - held == NEVER.get(kind, NEVER["*"])


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_a_refusal_is_as_its_golden_says(acme: Vendor, name: str) -> None:
    path, status = REFUSALS[name]
    answer = acme.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.json() == golden(f"error-{name}")


def test_without_a_token_it_is_401(acme: Vendor) -> None:
    answer = acme.client.get(f"/ims/oneroster{ROSTERING}/users")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="oneroster"')
    assert answer.json() == golden("error-401")


def test_without_the_scope_it_is_403(acme: Vendor) -> None:
    application = services.application_named("Acme", partner=False, actor="admin")
    services.change_connection(application.connections.get(), actor="admin", share_demographics=False)
    answer = acme.get(f"{ROSTERING}/demographics")
    assert answer.status_code == 403
    assert answer.json() == golden("error-403")


def test_another_method_is_405(acme: Vendor) -> None:
    answer = acme.client.delete(f"/ims/oneroster{ROSTERING}/users", headers=acme.headers)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json() == golden("error-405")


@pytest.mark.parametrize(
    "path", [f"{ROSTERING}/users", f"{ROSTERING}/users?limit=1&offset=1", f"{ROSTERING}/users/ada"]
)
def test_a_fault_is_500_with_the_request_id_and_nothing_of_its_cause(acme: Vendor, path: str) -> None:
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE roster_record RENAME TO roster_elsewhere")
    answer = acme.get(path, **{"X-Request-Id": "trace-000001"})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "trace-000001")
    assert answer.json() == golden("error-500")


def test_headers_of_a_page(acme: Vendor) -> None:
    answer = acme.get(f"{ROSTERING}/users?limit=1&offset=1&sort=sourcedId")
    base = f"https://portal.example.org/ims/oneroster{ROSTERING}/users?sort=sourcedId&limit=1&offset="
    links = ", ".join(f'<{base}{at}>; rel="{rel}"' for at, rel in ((0, "first"), (0, "prev"), (2, "next"), (2, "last")))
    told = {name: answer.headers[name] for name in ("X-Total-Count", "Link", "Content-Type", "Cache-Control")}
    assert told == {
        "X-Total-Count": "3", "Link": links, "Content-Type": "application/json", "Cache-Control": "private, no-cache",
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_headers_of_a_single(acme: Vendor) -> None:
    answer = acme.get(f"{ROSTERING}/users/ada")
    assert answer.headers["X-Total-Count"] == "1"
    assert "Link" not in answer.headers
