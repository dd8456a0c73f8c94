"""Random districts through the real API: connections get exactly what the oracle says, and deltas lose nothing."""

import datetime
import random
from importlib import import_module
from typing import Any

import hypothesis
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster import models
from roster.reading.mirror import renew
from tests.conftest import DEAR, PROVE
from tests.flows.vendor import EVERYTHING, Vendor, alive, differences, refresh
from tests.roster.districts import BOUNDARIES, DAY, RandomDistrict
from tests.roster.oracle import ACTIVE, Oracle
from tests.roster.oracle_view import Choices, View
from tests.roster.oracle_view_11 import Names, View11

SAMPLED, SINGLES = 15, 3
days = st.sampled_from(BOUNDARIES)
seeds = st.integers(0, 2**32)
versions = st.sampled_from([12, 11])


class Undo(Exception):
    """Rolls one example back."""


def example(check: Any) -> None:
    """Run one example in a transaction that is rolled back."""
    with pytest.raises(Undo), transaction.atomic():  # noqa: PT012
        renew()  # numbers of an example that was undone are given out again
        check()
        raise Undo


UNDONE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
"""Each example undoes itself."""
many = settings(max_examples=DEAR, suppress_health_check=UNDONE)
HISTORIES = 2_000 if PROVE else DEAR


def random_choices(chance: random.Random) -> Choices:
    """Some schools or all of them, and each switch by itself."""
    names = list(models.School.objects.values_list("sourced_id", flat=True))
    schools = frozenset(chance.sample(names, chance.randint(1, len(names))))
    return Choices(
        schools=None if chance.random() < 0.3 else schools,
        guardians=chance.random() < 0.7,
        relatives=chance.random() < 0.7,
        secondary_email=chance.random() < 0.3,
        demographics=chance.random() < 0.6,
    )


@many
@given(seed=seeds, day=days, shift=st.integers(-1, 1), version=versions)
def test_a_connection_is_given_exactly_what_the_oracle_says(
    db: None, seed: int, day: datetime.date, shift: int, version: int
) -> None:
    def check() -> None:
        chance, today = random.Random(seed), day + shift * DAY  # noqa: S311
        RandomDistrict(chance)
        refresh(today)
        vendor = Vendor(random_choices(chance), version)
        oracle = Oracle(today)
        view = view_of(vendor, oracle, Names().learn(oracle))
        wanted = view.lists()
        below = sorted(path for path in wanted if path.count("/") > 1)
        for path in [*sorted(wanted.keys() - set(below)), *chance.sample(below, min(SAMPLED, len(below)))]:
            assert not differences(vendor.all(path), wanted[path]), path
        for section in models.Section.objects.all():
            if section.sourced_id not in view.docs["class"]:
                below = vendor.ask(f"/classes/{section.sourced_id}/students")
                assert (below.status_code, below.content) == UNKNOWN_PARENT.get(version, (404, below.content))
                assert vendor.ask(f"/classes/{section.sourced_id}").status_code == 404
        if not vendor.choices.demographics:
            assert vendor.ask("/demographics").status_code == 403

    example(check)


UNKNOWN_PARENT = {11: (200, b'{"users":[]}')}
"""1.1 has an empty list below what it does not know."""


def view_of(vendor: Vendor, oracle: Oracle, names: Names) -> View:
    return View(oracle, vendor.choices) if vendor.version == 12 else View11(oracle, vendor.choices, names)


@settings(max_examples=HISTORIES, suppress_health_check=UNDONE)
@given(seed=seeds, calendar=st.lists(days, min_size=2, max_size=3), version=versions)
# she is lost as a relative, comes back as a guardian, and is lost again
@hypothesis.example(seed=256, calendar=[datetime.date(2026, 6, 24)] * 3, version=12)
# he moves to a school that is not shared any more, while his old one still is
@hypothesis.example(seed=1747, calendar=[datetime.date(2026, 6, 24)] * 3, version=12)
def test_a_replica_kept_by_deltas_equals_a_full_pull_whatever_happens_and_is_chosen_meanwhile(
    db: None, seed: int, calendar: list[datetime.date], version: int
) -> None:
    def check() -> None:
        chance = random.Random(seed)  # noqa: S311
        district = RandomDistrict(chance)
        vendor, names = Vendor(random_choices(chance), version), Names()
        had: dict[str, set[str]] = {path: set() for path in EVERYTHING}
        for number, today in enumerate(sorted(calendar), 1):
            refresh(today)
            assert_in_step(vendor, today, had, names, pull=number == len(calendar))
            what = chance.choice(["nothing", "a choice followed at once", "a choice in one delta with the rest"])
            if what != "nothing":
                vendor.choose(random_choices(chance))
            if what == "a choice followed at once":
                assert_in_step(vendor, today, had, names, pull=number == len(calendar))
            district.disturb()

    example(check)


@many
@given(seed=seeds, day=days, size=st.integers(1, 4), version=versions, path=st.sampled_from(EVERYTHING[:6]))
# the child of a term leaves the vendor's schools between two pages
@hypothesis.example(seed=484, day=datetime.date(2026, 6, 24), size=1, version=12, path="/academicSessions")
# the year of then is withheld because it names a term that was excluded meanwhile
@hypothesis.example(seed=640709241, day=datetime.date(2026, 6, 24), size=1, version=12, path="/academicSessions")
# a school is excluded that people's versions of then name, which were replaced before
@hypothesis.example(seed=759, day=datetime.date(2026, 6, 24), size=1, version=12, path="/users")
# a student of then was withheld for a time and has ended since: relatives' versions of then name the others only
@hypothesis.example(seed=52756, day=datetime.date(2026, 10, 1), size=1, version=12, path="/users")
def test_a_pull_is_of_one_edition_although_refreshes_flip_between_its_pages(
    db: None, monkeypatch: pytest.MonkeyPatch, seed: int, day: datetime.date, size: int, version: int, path: str
) -> None:
    # the example's day may lie long after the database's clock, by which pulls are an hour old after an hour
    monkeypatch.setattr(import_module("roster.publishing.publish"), "prune", lambda _now: 0)

    def check() -> None:
        chance = random.Random(seed)  # noqa: S311
        district = RandomDistrict(chance)
        refresh(day)
        vendor = Vendor(random_choices(chance), version)
        began = vendor.all(path)
        pulled: dict[str, Any] = {}
        excluded: set[str] = set()
        for offset in range(0, len(began), size):
            page = vendor.ask(path, limit=str(size), offset=str(offset))
            assert page["X-Total-Count"] == str(len(began))
            (docs,) = page.json().values()
            assert not pulled.keys() & {doc["sourcedId"] for doc in docs}
            assert not excluded & named([doc for doc in docs if doc["status"] == "active"])
            pulled |= {doc["sourcedId"]: doc for doc in docs}
            district.disturb()
            refresh(day)
            excluded = {*models.Person.objects.filter(external_lms_exclude=True).values_list("sourced_id", flat=True)}
        withheld = models.Record.objects.filter(pk__in=models.Withheld.objects.values("pk"))
        hidden = set(withheld.values_list("sourced_id", flat=True))
        assert began.keys() - pulled.keys() <= hidden
        for name, doc in pulled.items():
            assert without(doc, hidden) == without(began[name], hidden)
            assert doc == began[name] or hidden & named([*began[name].values()])

    example(check)


def named(part: Any) -> set[str]:
    """Return every sourcedId that stands anywhere in it."""
    if isinstance(part, list):
        return set().union(*map(named, part))
    if isinstance(part, dict):
        own = {part["sourcedId"]} if "sourcedId" in part else set()
        return own.union(*map(named, part.values()))
    return set()


def without(part: Any, names: set[str]) -> Any:
    """Return it without its references to these, and without what is empty then."""
    if isinstance(part, list):
        return [without(each, names) for each in part if not refers(each, names)]
    if isinstance(part, dict):
        kept = {key: without(value, names) for key, value in part.items() if not refers(value, names)}
        return {key: value for key, value in kept.items() if value}
    return part


def refers(part: Any, names: set[str]) -> bool:
    return isinstance(part, dict) and part.get("sourcedId") in names


def assert_in_step(vendor: Vendor, today: datetime.date, had: dict[str, set[str]], names: Names, *, pull: bool) -> None:
    """Replica and oracle agree on what is active, and at the end of a history a full pull with both.

    Only those who had a record hear of its end.
    """
    vendor.follow()
    oracle = Oracle(today)
    wanted = view_of(vendor, oracle, names.learn(oracle)).lists()
    ended = [name for name, someone in oracle.people.items() if someone.status != ACTIVE]
    over = {*ended, *(user for name in ended for user in names.known.get(name, {}).values())}
    for path in vendor.lists():
        replica = vendor.replica[path]
        assert not differences(alive(replica), alive(wanted[path])), path
        had[path] |= alive(replica).keys() | (replica.keys() & over)
        if pull:
            full = vendor.all(path)
            assert alive(replica) == alive(full), path
            assert full.keys() - alive(full).keys() <= had[path] | over, path
