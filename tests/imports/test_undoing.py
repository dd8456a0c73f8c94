"""Undo: after an import and its undoing every table is as it was, and so is what vendors read."""

import contextlib
import datetime as dt
import os
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gradebook.models import Assignment, Category
from roster import statistics
from roster.imports import foreign_keys, undoing
from roster.imports.feed import Order, import_as
from roster.imports.foreign_keys import checked_at_once
from roster.imports.upserts import run
from roster.models import (
    AccountRule,
    AppliedPackage,
    Body,
    FeedImport,
    FeedStep,
    FeedTrace,
    Person,
    Record,
    School,
    Section,
    SignIn,
)
from roster.publishing import publish
from roster.seeding.district import seed
from tests.imports.conftest import TODAY, export, replacing, spoiled, written
from tests.imports.test_feed import empty_district, load, stages_dropped
from tests.imports.test_older import PACKAGE
from tests.roster.factories import PersonFactory

pytestmark = pytest.mark.django_db
SEEDS = range(50 if os.environ.get("INTEROP_PROVE") else 1)


@pytest.fixture
def small(db: None, tmp_path: Path) -> Path:
    """A district of two schools and its package."""
    seed(60, 2, 1, TODAY)
    path = tmp_path / "district.zip"
    export(path)
    return path


def tables() -> dict[str, str]:
    """Everything the tables of SIS data say, row by row."""
    found = {}
    with connection.cursor() as cursor:
        for table in statistics.sis_tables():
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t.id), '')) FROM {table} t")  # noqa: S608
            [(found[table],)] = cursor.fetchall()
    return found


def pulled() -> dict[tuple[int, str, str], dict[str, Any]]:
    """What a full pull would say of every record that is not deleted, but for its date."""
    live = Record.objects.filter(retired_at=None, status="active")
    bodies = Body.objects.in_bulk(live.values_list("pk", flat=True))
    told = {(each.version, each.object, each.sourced_id): orjson.loads(bytes(bodies[each.pk].doc)) for each in live}
    return {key: {name: doc[name] for name in doc if name != "dateLastModified"} for key, doc in told.items()}


def apply(path: Path) -> FeedImport:
    import_as(path, Order(confirmed=None))
    stages_dropped()
    return FeedImport.objects.latest("pk")


def undo(feed: FeedImport) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    rows = undoing.undo(feed, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return rows


def scrambled(files: dict[str, bytes], chance: random.Random) -> None:
    """Drop rows of every file that nothing else names, rename people and schools, and add rows under new ids."""
    for name in ("enrollments.csv", "demographics.csv", "userResources.csv", "classResources.csv", "roles.csv"):
        if name in files:
            head, *rows = files[name].splitlines(keepends=True)
            kept = [row for row in rows if chance.random() > 0.2]
            new = [b"new-" + row for row in chance.sample(rows, len(rows) // 10)] if name == "enrollments.csv" else []
            files[name] = head + b"".join(kept + new)
    assert b"Wolfe" in files["users.csv"]
    files["users.csv"] = b"".join(
        row.replace(b"Wolfe", b"Wolff") if chance.random() < 0.5 else row
        for row in files["users.csv"].splitlines(keepends=True)
    )
    replacing("orgs.csv", b"Lincoln", b"Lincolnia")(files)
    replacing("classes.csv", b"Room 1", b"Room 9", 5)(files)


@pytest.mark.parametrize("number", SEEDS)
def test_an_import_and_its_undoing_leave_every_table_and_every_record_as_it_was(small: Path, number: int) -> None:
    AccountRule.objects.create(kind="student", automatic=True, pattern="{first:1}{last}", enabled=True)
    now = timezone.now()
    publish(now, force=True)
    before, read = tables(), pulled()
    path = spoiled(small, lambda files: scrambled(files, random.Random(number)))  # noqa: S311
    feed = apply(path)
    assert tables() != before
    publish(now + dt.timedelta(minutes=1), force=True)
    assert pulled() != read
    assert undo(feed) > 50
    assert tables() == before
    publish(now + dt.timedelta(minutes=2), force=True)
    assert pulled() == read
    assert not FeedTrace.objects.exists()
    assert not AppliedPackage.objects.exists(), "a package like it is read again"


def test_the_first_import_undone_leaves_an_empty_district_but_for_whoever_signed_in(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_keys, "MANY", 1)  # as of a district, whose references are checked at once
    keys = foreign_keys.leading_to("roster_person")
    empty_district()
    before = tables()
    first = apply(small)
    assert Person.objects.count() > 60
    undo(first)
    assert tables() == before
    assert foreign_keys.leading_to("roster_person") == keys
    second = apply(small)
    SignIn.objects.create(person=Person.objects.all()[0], user=User.objects.create_user("somebody"))
    section, now = Section.objects.all()[0], timezone.now()
    Assignment.objects.create(
        sourced_id="quiz-1", section=section, title="Quiz", assigned_at=now, due_at=now, due_on=now, modified=now,
        period=section.terms.first(),
    )  # fmt: skip
    Category.objects.create(sourced_id="homework", title="Homework", modified=now).sections.add(section)
    undo(second)
    assert Person.objects.get().ended_at
    assert not School.objects.filter(ended_at=None).exists(), "one that person names has ended with them"
    section.refresh_from_db()
    assert (section.ended_at is not None, section.course.ended_at is not None) == (True, True)
    assert Assignment.objects.get().section == section, "what teachers and vendors made is kept"
    apply(small)
    section.refresh_from_db()
    assert section.ended_at is None, "and is there again with its section"
    assert section.terms.exists()


def test_references_are_taken_off_only_while_most_of_a_table_goes_and_nobody_uses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(foreign_keys, "PATIENCE", "10ms")
    keys = foreign_keys.leading_to("roster_person")
    reader = connection.copy()
    with contextlib.closing(reader), reader.cursor() as cursor:
        cursor.execute("BEGIN; SELECT 1 FROM gradebook_score")
        with checked_at_once("roster_person", foreign_keys.MANY):
            assert foreign_keys.leading_to("roster_person") == keys, "somebody reads what refers to people"
    with checked_at_once("roster_person", foreign_keys.MANY - 1):
        assert foreign_keys.leading_to("roster_person") == keys, "these few are sooner checked one by one"
    with checked_at_once("roster_person", foreign_keys.MANY):
        assert foreign_keys.leading_to("roster_person") == []
    assert foreign_keys.leading_to("roster_person") == keys


def test_a_row_that_somebody_names_cannot_go_at_once_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_keys, "MANY", 1)
    SignIn.objects.create(person=PersonFactory(), user=User.objects.create_user("somebody"))
    with pytest.raises(IntegrityError), transaction.atomic(), checked_at_once("roster_person", 1):
        run("DELETE FROM roster_person")
    assert Person.objects.get().sign_in


def test_a_package_of_1_1_is_undone_as_well(tmp_path: Path) -> None:
    load(written(tmp_path / "first", PACKAGE))
    before = tables()
    users = PACKAGE["users"].replace("Byron", "Lovelace")
    feed = apply(written(tmp_path / "second", {**PACKAGE, "users": users}))
    assert tables() != before
    undo(feed)
    assert tables() == before


def test_only_the_last_import_can_be_undone(tmp_path: Path) -> None:
    feeds = [
        apply(written(tmp_path / name, {**PACKAGE, "users": PACKAGE["users"].replace("Byron", name)}))
        for name in ("Byron", "Lovelace")
    ]
    assert [undoing.can_undo(feed) for feed in feeds] == [False, True]
    assert set(FeedStep.objects.values_list("feed", flat=True)) == {feeds[1].pk}
    same = written(tmp_path / "same", {**PACKAGE, "users": PACKAGE["users"].replace("Byron", "Lovelace") + "\n"})
    assert load(same) == (0, 0, 0)
    assert undoing.can_undo(feeds[1]), "an import that changes nothing is no import after it"
