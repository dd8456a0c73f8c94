"""The commands as an operator meets them: what they print, what they refuse, what a second run does."""

import io
import re
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from interop.progress import terminal_bar
from roster.models import Enrollment, Person, Record, RosterEntry
from roster.publishing import publish
from tests.imports.conftest import Spoil, replacing, spoiled
from tests.imports.test_feed import half_of_the_enrollments, load, stages_dropped

pytestmark = pytest.mark.django_db


def told(path: Path, **options: bool) -> str:
    """Run import_oneroster and return what it says, its refusal included."""
    out, problem = io.StringIO(), ""
    try:
        call_command("import_oneroster", path, stdout=out, stderr=out, **options)
    except CommandError as error:
        problem = str(error)
    with suppress(Exception):
        stages_dropped()
    return out.getvalue() + problem


def test_the_package_applied_last_is_known_as_a_zip_and_as_a_folder(package: Path, tmp_path: Path) -> None:
    assert "says nothing the district does not have" in told(package)
    assert told(package) == "Nothing to do: this is the package applied last.\n"
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(package) as files:
        files.extractall(folder)
    assert told(folder) == "Nothing to do: this is the package applied last.\n"
    (folder / "orgs.csv").write_bytes((folder / "orgs.csv").read_bytes().replace(b"Lincoln", b"Lincolnia", 1))
    assert "1 changed" not in told(folder, dry_run=True)
    assert load(folder) == (0, 1, 0)
    shutil.rmtree(folder)
    assert load(package) == (0, 1, 0), "an earlier package is no longer the last"


def test_a_hold_shows_the_difference_and_says_what_to_do(package: Path) -> None:
    entries = RosterEntry.objects.count()
    said = told(spoiled(package, half_of_the_enrollments))
    lines = said.splitlines()
    assert lines[0].split() == ["before", "new", "changed", "ended"]
    row = next(line for line in lines if line.startswith("roster entries")).split()
    assert row[2:5] == [f"{entries:,}", "0", "0"]
    assert "would end (more than 10 %)" in lines[-1]
    assert lines[-1].endswith("run the command again with --yes.")
    assert RosterEntry.objects.filter(ended_at=None).count() == entries


def test_a_dry_run_says_the_same_and_that_it_would_be_held(package: Path) -> None:
    path = spoiled(package, half_of_the_enrollments)
    held, dry = told(path).splitlines(), told(path, dry_run=True).splitlines()
    assert dry[: len(held) - 1] == held[:-1]
    assert any(line.startswith("Would be held:") for line in dry)
    assert dry[-1] == "Dry run: nothing was changed."
    assert "Nothing to do" not in told(path, yes=True)
    assert RosterEntry.objects.exclude(ended_at=None).exists()


def test_errors_come_with_their_number(exported: Path) -> None:
    said = told(spoiled(exported, replacing("users.csv", b",true,", b",yes,", 250)))
    assert said.count("users.csv line") == 200
    assert said.endswith("errors; the first 200 are shown. Nothing was changed.")


BAD_CELLS: dict[str, tuple[Spoil, str]] = {
    "a year": (
        replacing("academicSessions.csv", b",2026,true,", b",year,true,"),
        r'academicSessions.csv line \d+, metadata.interop.startYear: "year" is not a year',
    ),
    "a no show": (
        replacing("roles.csv", b",primary,false,false,", b",primary,maybe,false,"),
        r"roles.csv line \d+, metadata.interop.noShow: .*expected true or false",
    ),
    "a service type": (
        replacing("roles.csv", b",primary,false,false,", b",tertiary,false,false,"),
        r"roles.csv line \d+, metadata.interop.serviceType: .*expected one of primary, secondary",
    ),
    "a grade level": (
        replacing("roles.csv", b",grade-", b",nograde-"),
        r"roles.csv line \d+, metadata.interop.gradeLevelSourcedId: .*not among the calendars",
    ),
    "a calendar's date": (
        replacing("orgs.csv", b'""startDate"": ""2026', b'""startDate"": ""26'),
        r"orgs.csv line \d+, metadata.interop.calendars: calendars \d, startDate: .*expected YYYY-MM-DD",
    ),
    "a calendar's box": (
        replacing("orgs.csv", b'""exclude"": false', b'""exclude"": ""no""'),
        r"orgs.csv line \d+, metadata.interop.calendars: .*exclude: .*not a boolean",
    ),
    "a calendar twice": (
        replacing("orgs.csv", b'""sourcedId"": ""calendar-2026-001""', b'""sourcedId"": ""calendar-2025-001""'),
        r"orgs.csv line \d+, metadata.interop.calendars: calendar-2025-001 is the calendar twice",
    ),
    "a contact": (
        replacing("users.csv", b'""contact"": ""', b'""contact"": ""?'),
        r"users.csv line \d+, metadata.interop.relationships: relationships 1, contact: .*not a sourcedId",
    ),
    "a relationship's box": (
        replacing("users.csv", b'""portal"": true', b'""portal"": 1'),
        r"users.csv line \d+, metadata.interop.relationships: relationships 1, portal: .*expected true or false",
    ),
    "a relationship twice": (
        replacing("users.csv", b'""sourcedId"": ""relation-000056-2""', b'""sourcedId"": ""relation-000056-1""'),
        r"users.csv line \d+, metadata.interop.relationships: relation-000056-1 is the relationship twice",
    ),
    "an end": (
        replacing("resources.csv", b",default,\r\n", b",default,2026-13-01T00:00:00Z\r\n"),
        r"resources.csv line 2, metadata.interop.endedAt: .*is not a moment",
    ),
}


@pytest.mark.parametrize("name", BAD_CELLS)
def test_our_own_columns_are_checked_as_strictly_as_the_standards(exported: Path, name: str) -> None:
    spoil, expected = BAD_CELLS[name]
    said = told(spoiled(exported, spoil))
    assert re.search(expected, said), said[:600]
    assert said.endswith("Nothing was changed.")


def test_who_a_feed_excludes_is_withheld_by_the_same_commit(package: Path) -> None:
    publish(timezone.now(), force=True)
    student = Enrollment.objects.filter(no_show=False, ended_at=None, person__external_lms_exclude=False).first()
    assert student
    shown = Record.objects.filter(
        version=12, object="user", sourced_id=student.person.sourced_id, retired_at=None, status="active"
    )
    record = shown.get()

    def excluded(files: dict[str, bytes]) -> None:
        lines = files["users.csv"].split(b"\r\n")
        names = lines[0].split(b",")
        assert names[-3] == b"metadata.interop.externalLmsExclude"
        at = next(n for n, line in enumerate(lines) if line.startswith(student.person.sourced_id.encode() + b","))
        head, mark, tail = lines[at].rpartition(b",false,")
        assert mark
        lines[at] = head + b",true," + tail
        files["users.csv"] = b"\r\n".join(lines)

    path = spoiled(package, excluded)
    load(path, dry_run=True)
    assert not withheld(record.pk)
    load(path)
    assert Person.objects.get(pk=student.person.pk).external_lms_exclude
    assert withheld(record.pk)


def withheld(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM roster_withheld WHERE id = %s)", [number])
        return bool(cursor.fetchone()[0])


def test_an_export_says_what_it_wrote_and_names_wrong_places(package: Path, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("export_oneroster", tmp_path / "again.zip", stdout=out)
    assert out.getvalue().endswith("files.\n")
    with pytest.raises(CommandError, match="There is no connection 7"):
        call_command("export_oneroster", tmp_path / "shared.zip", connection=7)
    with pytest.raises(CommandError, match="name a zip file"):
        call_command("export_oneroster", tmp_path)


def test_a_bar_is_silent_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    with terminal_bar("Reading", 10, "B") as advance:
        advance("users.csv", 10)
    assert capfd.readouterr().err == ""
