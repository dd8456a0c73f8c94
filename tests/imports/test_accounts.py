"""Usernames made here: they stay while the feed has none, and come by themselves where the district wants that."""

from pathlib import Path

import pytest

from roster.editing import accounts
from roster.imports.feed import import_package
from roster.models import Account
from tests.imports.conftest import written
from tests.imports.test_feed import load, stages_dropped
from tests.imports.test_older import PACKAGE

pytestmark = pytest.mark.django_db
BLANK = PACKAGE["users"].replace("student,ada,", "student,,")
HEAD, *ROWS = BLANK.splitlines()
WITHOUT_ACCOUNT = "\n".join(
    [
        f"{HEAD},metadata.interop.account",
        *(f"{row},{'false' if row.startswith('stu,') else 'true'}" for row in ROWS),
        "",
    ]
)


def told(sourced_id: str) -> tuple[str, bool, bool] | None:
    found = Account.objects.filter(person__sourced_id=sourced_id)
    return found.values_list("username", "enabled", "made_here").first()


def test_a_blank_username_is_taken_with_a_warning(tmp_path: Path) -> None:
    _difference, report = import_package(
        written(tmp_path / "first", {**PACKAGE, "users": BLANK}), dry_run=False, confirmed=False
    )
    stages_dropped()
    assert ("users.csv", "username") in {(file, column) for file, column, _message in report.warnings}
    assert told("stu") == ("", True, False)


def test_a_username_made_here_stays_until_the_feed_brings_one(tmp_path: Path) -> None:
    load(written(tmp_path / "first", PACKAGE))
    Account.objects.filter(person__sourced_id="stu").update(username="made", enabled=False, made_here=True)
    for name, users in (("blank", BLANK), ("none", WITHOUT_ACCOUNT)):
        load(written(tmp_path / name, {**PACKAGE, "users": users}))
        assert told("stu") == ("made", False, True)
    load(written(tmp_path / "brings", PACKAGE))
    assert told("stu") == ("ada", True, False)
    load(written(tmp_path / "again", {**PACKAGE, "users": WITHOUT_ACCOUNT}))
    assert told("stu") is None, "what the feed brought the feed takes back"


def test_new_people_get_accounts_at_the_end_of_an_import_and_not_in_a_dry_run(tmp_path: Path) -> None:
    accounts.set_rule("student", automatic=True, pattern="{first:1}{last}", enabled=False, actor="ada")
    package = written(tmp_path / "package", {**PACKAGE, "users": BLANK})
    load(package, dry_run=True)
    assert not Account.objects.exists()
    load(package)
    assert told("stu") == ("abyron", False, True)
    assert told("tea") == ("tess", True, False)
    assert load(package) == (0, 0, 0)
