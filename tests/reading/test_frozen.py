"""The next page of a list that is frozen already: it is what asking step by step would have found, and is logged."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections import services
from connections.models import AccessLog, AccessToken, Connection, Credential
from interop.oneroster import shortway, views
from roster import scheduling
from roster.models import District, DistrictSettings, Edition, Frozen, Pull, Record, School, SchoolYear, Withheld
from roster.reading import pull, trimmed
from roster.reading.ahead import put_in_order
from tests.reading.published import LINCOLN, MOMENT, WASHINGTON, publish_district

USERS = "/ims/oneroster/rostering/v1p2/users"
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"


@pytest.fixture
def connection(db: None) -> Connection:
    publish_district()
    district = District.objects.create(sourced_id="d", name="District")
    for number, name in ((LINCOLN, "lincoln"), (WASHINGTON, "washington")):
        School.objects.create(id=number, sourced_id=name, name=name.title(), district=district)
    application = services.application_named("Acme", partner=False, actor="admin")
    return services.create_connection(application, actor="admin", schools=None, choices={})


class Vendor:
    """Pulls users two at a time and tells of each page whether one statement found it."""

    def __init__(self, connection: Connection, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        self.credential = services.add_credential(connection, actor="admin")
        self.client = client
        self.longer = 0
        for module, name in ((shortway, "_anew"), (views, "_whole_way")):
            monkeypatch.setattr(module, name, self.counted(getattr(module, name)))
        self.token = self.new_token()

    def counted(self, way: Any) -> Any:
        def asked(*request: Any) -> Any:
            self.longer += 1
            return way(*request)

        return asked

    def new_token(self, scope: str = "") -> str:
        facts = {"client_id": self.credential.credential.client_id, "client_secret": self.credential.secret}
        answer = self.client.post("/oauth2/token", {"grant_type": "client_credentials", "scope": scope, **facts})
        return str(answer.json()["access_token"])

    def page(self, offset: int, query: str = "") -> tuple[int, bool, list[str]]:
        """Return status, whether one statement found it, and the sourcedIds."""
        before = self.longer
        headers = {"authorization": f"Bearer {self.token}"}
        answer = self.client.get(f"{USERS}?limit=2&offset={offset}{query}", headers=headers)
        ids = [each["sourcedId"] for each in answer.json().get("users", [])]
        return answer.status_code, self.longer == before, ids


@pytest.fixture
def vendor(connection: Connection, client: Client, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    vendor = Vendor(connection, client, monkeypatch)
    assert vendor.page(0) == (200, False, ["amy", "mix"])
    return vendor


def test_the_pages_after_the_first_are_found_by_one_statement_and_say_the_same(vendor: Vendor) -> None:
    assert vendor.page(2) == (200, True, ["mum", "two"])
    assert vendor.page(0) == (200, True, ["amy", "mix"])
    assert vendor.page(9) == (200, True, [])


def test_such_a_page_is_logged_like_any_other(vendor: Vendor, connection: Connection) -> None:
    vendor.page(2, "&filter=status='active'")
    AccessLog.objects.all().delete()
    vendor.page(4, "&filter=status='active'")
    row = AccessLog.objects.get()
    assert (row.connection_id, row.credential_id) == (connection.pk, vendor.credential.credential.pk)
    assert (row.operation, row.filter_fields, row.offset, row.limit) == ("getAllUsers", "status", 4, 2)
    assert (row.records, row.total, row.status, row.address) == (2, 6, 200, "127.0.0.1")
    assert len(row.request_id) == 32


def hold_until_final() -> None:
    """The active year has no final scheduling yet, and the district holds all vendors until then."""
    SchoolYear.objects.create(sourced_id="y", title="2026-27", start_year=2026, end_year=2027, active=True)
    DistrictSettings(hold_until_final=True).save()


@pytest.mark.parametrize(
    "cut",
    [
        lambda connection: services.disable(connection, actor="admin"),
        lambda connection: services.change_connection(
            connection, actor="admin", expires_at=timezone.now() - dt.timedelta(days=1)
        ),
        lambda connection: services.revoke(Credential.objects.get(), actor="admin"),
        lambda _: AccessToken.objects.update(expires_at=timezone.now()),
        lambda _: AccessToken.objects.all().delete(),
        lambda _: hold_until_final(),
    ],
    ids=["disabled", "expired", "revoked", "token expired", "token gone", "held"],
)
def test_a_cut_acts_on_the_next_page(vendor: Vendor, connection: Connection, cut: Any) -> None:
    cut(connection)
    assert vendor.page(2) == (401, False, [])


def test_vendors_are_let_in_as_soon_as_scheduling_is_final(vendor: Vendor) -> None:
    hold_until_final()
    assert vendor.page(2)[0] == 401
    scheduling.mark(SchoolYear.objects.get(), actor="admin")
    assert vendor.page(2) == (200, True, ["mum", "two"])


def test_an_unticked_school_ends_the_pull_and_the_next_page_is_of_a_new_one(
    vendor: Vendor, connection: Connection
) -> None:
    assert vendor.page(4) == (200, True, ["ben", "gone"])
    Edition.objects.update(published_at=MOMENT)
    vendor.page(0, "&sort=username")
    services.set_schools(connection, [LINCOLN], actor="admin")
    headers = {"authorization": f"Bearer {vendor.token}"}
    for short in (False, True):
        assert vendor.page(0) == (200, short, ["amy", "ben"])
        told = vendor.client.get(f"{USERS}?limit=2", headers=headers).json()["users"]
        assert [each["status"] for each in told] == ["active", "tobedeleted"]
        assert "email" not in told[1]


def test_a_token_without_the_scope_gets_nothing_of_its_connections_pull(vendor: Vendor) -> None:
    vendor.token = vendor.new_token(SCOPE + "resource.readonly")
    assert vendor.page(2) == (403, False, [])


def test_a_pull_belongs_to_its_connection(vendor: Vendor, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    application = services.application_named("Rival", partner=False, actor="admin")
    rival = services.create_connection(application, actor="admin", schools=[WASHINGTON], choices={})
    other = Vendor(rival, client, monkeypatch)
    status, short, ids = other.page(2)
    assert (status, short) == (200, False)
    assert not {"amy", "gone"} & set(ids)


def test_offset_zero_starts_on_the_newest_edition_and_later_pages_stay_with_theirs(vendor: Vendor) -> None:
    Record.objects.filter(sourced_id="amy").update(retired_at=MOMENT)
    Edition.objects.create(number=2, published_at=MOMENT, counts={}, fingerprint="y")
    assert vendor.page(2) == (200, True, ["mum", "two"])
    assert vendor.page(0) == (200, False, ["mix", "mum"])
    assert vendor.page(0) == (200, True, ["mix", "mum"])


def test_after_an_hour_a_pull_is_over_and_starting_anew_keeps_it_alive(vendor: Vendor) -> None:
    Pull.objects.update(began_at=timezone.now() - dt.timedelta(minutes=50))
    vendor.page(0)
    assert Pull.objects.get().began_at > timezone.now() - dt.timedelta(minutes=1)
    Pull.objects.update(began_at=timezone.now() - dt.timedelta(minutes=61))
    assert vendor.page(2) == (200, False, ["mum", "two"])


def test_a_withheld_record_is_a_gap_on_both_ways_and_the_total_stays(vendor: Vendor) -> None:
    Withheld.objects.create(id=Record.objects.get(sourced_id="two", object="user").pk, at=MOMENT)
    assert vendor.page(2) == (200, True, ["mum"])
    headers = {"authorization": f"Bearer {vendor.token}"}
    assert vendor.client.get(f"{USERS}?limit=2&offset=2", headers=headers)["X-Total-Count"] == "6"
    assert vendor.client.get(f"{USERS}/two", headers=headers).status_code == 404
    fresh = vendor.client.get(f"{USERS}?sort=username", headers=headers)
    assert fresh["X-Total-Count"] == "5"
    assert "two" not in [each["sourcedId"] for each in fresh.json()["users"]]


def test_lists_being_pulled_are_in_order_when_an_edition_appears(
    vendor: Vendor, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = services.create_connection(connection.application, actor="admin", schools=None, choices={})
    begun = Frozen.objects.get()
    edition = Edition.objects.create(number=begun.edition + 1, published_at=timezone.now())
    assert put_in_order() == 1
    assert Frozen.objects.get(edition=edition.number).ids == begun.ids
    assert Pull.objects.get().frozen_id == begun.pk
    monkeypatch.setattr(pull, "freeze", None)
    assert vendor.page(2) == (200, True, ["mum", "two"])
    assert vendor.page(0) == (200, False, ["amy", "mix"])
    assert Pull.objects.get().frozen_id != begun.pk
    monkeypatch.undo()
    assert Vendor(other, vendor.client, monkeypatch).page(0, "&filter=status='active'")[2] == ["amy", "mix"]
    Edition.objects.create(number=edition.number + 1, published_at=timezone.now())
    assert put_in_order() == 1


def test_a_page_kept_in_a_file_is_sent_without_asking_what_else_the_bearer_may_do(
    vendor: Vendor, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimmed, "FEW", 1)
    services.set_schools(connection, [LINCOLN], actor="admin")
    vendor.page(0)
    found = vendor.page(2)
    assert found[:2] == (200, True)
    monkeypatch.setattr(pull, "grant_for_token", None)
    assert vendor.page(2) == found
    services.set_schools(connection, [WASHINGTON], actor="admin")
    assert vendor.page(2)[:2] == (200, False)


@pytest.mark.parametrize("few", [1, 50], ids=["to be kept in a file", "put together each time"])
def test_who_is_changed_between_a_page_and_its_documents_is_not_shown_the_page(
    few: int, vendor: Vendor, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimmed, "FEW", few)
    services.set_schools(connection, [LINCOLN], actor="admin")
    vendor.page(0)
    found = pull.frozen_page

    def then_changed(*asked: Any, **how: Any) -> Any:
        page = found(*asked, **how)
        services.set_schools(connection, [WASHINGTON], actor="admin")
        return page

    monkeypatch.setattr(pull, "frozen_page", then_changed)
    status, short, shown = vendor.page(2)
    assert (status, short) == (200, False)
    monkeypatch.undo()
    assert shown == vendor.page(2)[2]
