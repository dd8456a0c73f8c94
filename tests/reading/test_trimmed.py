"""Pages trimmed for a scope are put together once and read from a file until anything they depend on is another."""

import json
from array import array
from pathlib import Path
from typing import Any

import pytest

from connections.grants import Grant
from roster.models import Body, Edition, Record, Withheld
from roster.reading import mirror, trimmed
from roster.reading.mirror import renew
from roster.reading.trimmed import Sight
from tests.reading.published import MOMENT, WASHINGTON, grant

pytestmark = pytest.mark.usefixtures("district")


def page(who: Grant, *names: str, edition: int = 1) -> list[dict[str, Any]]:
    """Return these records as the page of a pull shows them."""
    numbers = dict(Record.objects.filter(retired_at=None).values_list("sourced_id", "id"))
    found = trimmed.trimmed(Sight.of(who), array("q", [-numbers[name] for name in names]), edition)
    docs: list[dict[str, Any]] = json.loads(b"[" + b",".join(found.pieces) + b"]")
    assert len(docs) == found.many
    return docs


def children(docs: list[dict[str, Any]]) -> list[str]:
    """Return whom the mother names."""
    [mother] = [doc for doc in docs if doc["sourcedId"] == "mum"]
    return [agent["sourcedId"] for agent in mother.get("agents", ())]


def kept(settings: Any) -> list[Path]:
    """Return the files there are."""
    return sorted(path for path in settings.BODY_MIRROR.glob("*/edition-*/*") if path.is_file())


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with each page that is put together."""
    times: list[int] = []
    together = trimmed._together

    def noted(who: Grant, ids: "array[int]", edition: int) -> Any:
        times.append(edition)
        return together(who, ids, edition)

    monkeypatch.setattr(trimmed, "_together", noted)
    return times


def test_a_page_is_put_together_once_for_all_connections_of_a_scope(
    lincoln: Grant, counted: list[int], settings: Any
) -> None:
    first = page(lincoln, "mum", "two", "gone")
    assert (children(first), first[2]["status"], len(counted)) == (["amy"], "tobedeleted", 1)
    assert page(grant(connection=8, schools=lincoln.schools), "mum", "two", "gone") == first
    assert len(counted) == 1
    assert children(page(grant(schools=frozenset({WASHINGTON})), "mum", "two")) == ["ben"]
    assert page(grant(connection=8, schools=lincoln.schools), "two", "mum") == [first[1], first[0]]
    assert len(counted) == 3
    files = kept(settings)
    assert [oct(path.stat().st_mode & 0o777) for path in (files[0].parent, *files)] == ["0o700"] + 3 * ["0o600"]


def test_what_is_withheld_since_is_neither_on_the_page_nor_named_by_it(lincoln: Grant, counted: list[int]) -> None:
    assert children(page(lincoln, "mum", "two")) == ["amy"]
    Withheld.objects.create(pk=Record.objects.get(sourced_id="amy").pk, at=MOMENT)
    assert children(page(lincoln, "mum", "two")) == []
    Withheld.objects.create(pk=Record.objects.get(sourced_id="two").pk, at=MOMENT)
    assert [doc["sourcedId"] for doc in page(lincoln, "mum", "two")] == ["mum"]
    Withheld.objects.all().delete()
    assert children(page(lincoln, "mum", "two")) == ["amy"]
    assert len(counted) == 3


def test_when_too_much_is_withheld_to_name_a_page_none_is_kept(
    lincoln: Grant, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roster.reading.bodies.FEW", 0)
    Withheld.objects.create(pk=Record.objects.get(sourced_id="amy").pk, at=MOMENT)
    assert children(page(lincoln, "mum")) == children(page(lincoln, "mum")) == []
    assert len(counted) == 2


def test_each_edition_has_pages_of_its_own_and_removes_those_before_it(
    lincoln: Grant, counted: list[int], settings: Any
) -> None:
    before = page(lincoln, "mum")
    [old] = kept(settings)
    Edition.objects.create(number=2, published_at=MOMENT, counts={}, fingerprint="y")
    assert page(lincoln, "mum", edition=2) == before
    [new] = kept(settings)
    assert (new.parent.name, new.parent.parent) == ("edition-2", old.parent.parent)
    assert page(lincoln, "mum", edition=2) == before
    assert counted == [1, 2]


def test_with_whom_is_deleted_the_pages_go_that_told_of_them(lincoln: Grant, settings: Any) -> None:
    page(lincoln, "mum", "two")
    assert b"Given two" in kept(settings)[0].read_bytes()
    Body.objects.filter(pk=Record.objects.get(sourced_id="two").pk).delete()
    renew()
    assert [doc["sourcedId"] for doc in page(lincoln, "mum", "two")] == ["mum"]
    assert not any(b"Given two" in path.read_bytes() for path in kept(settings))


def test_a_page_during_which_something_was_withheld_is_not_kept(
    lincoln: Grant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = trimmed._together

    def slow(*told: Any) -> Any:
        found = together(*told)
        Withheld.objects.create(pk=Record.objects.get(sourced_id="two").pk, at=MOMENT)
        return found

    monkeypatch.setattr(trimmed, "_together", slow)
    assert len(page(lincoln, "mum", "two")) == 2
    assert kept(settings) == []


@pytest.mark.parametrize("why", ["disk", "many", "short", "off"])
def test_where_no_file_can_be_kept_pages_are_put_together_each_time(
    why: str, lincoln: Grant, counted: list[int], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "off":
        settings.BODY_MIRROR = None
    else:
        module, name, value = {
            "disk": (mirror, "LEAST_FREE", 2**62),
            "many": (trimmed, "MOST", 0),
            "short": (trimmed, "FEW", 3),
        }[why]
        monkeypatch.setattr(module, name, value)
    assert page(lincoln, "mum", "two") == page(lincoln, "mum", "two")
    assert len(counted) == 2
