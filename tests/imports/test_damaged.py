"""Feeds as they go wrong: whatever is damaged, nothing changes before somebody approves; and no day's feed is held."""

import csv
import io
import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from roster.feeding.limits import DEFAULTS, Limits
from roster.imports.feed import Held, import_package
from roster.imports.problems import ImportRefused
from roster.models import FeedImport, RosterEntry
from roster.seeding.district import seed
from tests.imports.conftest import TODAY, export, spoiled
from tests.imports.test_feed import stages_dropped
from tests.imports.test_undoing import tables

pytestmark = pytest.mark.django_db
PROVE = bool(os.environ.get("INTEROP_PROVE"))
SEEDS, DAYS = (50, 365) if PROVE else (1, 3)
Files = dict[str, bytes]
Damage = Callable[[Files, random.Random], None]


@pytest.fixture
def small(db: None, tmp_path: Path) -> Path:
    """A district of three schools, large enough for every limit, and its package as applied."""
    seed(120, 3, 1, TODAY)
    path = tmp_path / "district.zip"
    export(path)
    return path


def lines(files: Files, name: str) -> tuple[bytes, list[bytes]]:
    head, *rows = files[name].splitlines(keepends=True)
    return head, rows


def on(name: str, damage: Callable[[bytes, list[bytes], random.Random], bytes]) -> Damage:
    """Return a damage to the lines of one file."""

    def spoil(files: Files, chance: random.Random) -> None:
        files[name] = damage(*lines(files, name), chance)

    return spoil


def text(change: Callable[[bytes, random.Random], bytes], *names: str) -> Damage:
    """Return a damage to the bytes of files."""

    def spoil(files: Files, chance: random.Random) -> None:
        for name in names:
            files[name] = change(files[name], chance)

    return spoil


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randint(len(content) // 20, len(content) * 17 // 20)]


def shift(row: bytes) -> bytes:
    """Move the cells behind the first three by one."""
    cells = row.rstrip(b"\r\n").split(b",")
    return b",".join([*cells[:3], cells[-1], *cells[3:-1]]) + b"\r\n"


def without_a_school(files: Files, chance: random.Random) -> None:
    head, rows = lines(files, "roles.csv")
    school = chance.choice([b"school-001", b"school-002", b"school-003"])
    files["roles.csv"] = head + b"".join(row for row in rows if not (b",student," in row and school in row))


def twice_but_different(head: bytes, rows: list[bytes], chance: random.Random) -> bytes:
    again = next(row for row in chance.sample(rows, len(rows)) if b",student," in row)
    return head + b"".join(rows) + again.replace(b",student,", b",teacher,")


def another_district(files: Files, _chance: random.Random) -> None:
    for name in files:
        if name != "manifest.csv":
            files[name] = re.sub(rb'([,"\n]|^)([a-z]+-)(?=[0-9])', rb"\1other-\2", files[name])


def last_year(files: Files, _chance: random.Random) -> None:
    files["academicSessions.csv"] = re.sub(rb",2027(,|\r)", rb",2026\1", files["academicSessions.csv"])


def exchanged(head: bytes, rows: list[bytes], _chance: random.Random) -> bytes:
    """Give everybody the facts of the next person."""
    ids = [row.split(b",", 1)[0] for row in rows]
    rest = [row.split(b",", 1)[1] for row in rows]
    return head + b"".join(pk + b"," + told for pk, told in zip(ids, rest[1:] + rest[:1], strict=True))


DAMAGES: dict[str, tuple[Damage, str]] = {
    "the largest file is cut": (text(cut, "enrollments.csv"), ""),
    "the people are cut": (text(cut, "users.csv"), ""),
    "the sections are cut": (text(cut, "classes.csv"), ""),
    "a file ends within its last line": (text(lambda content, _: content[:-3], "enrollments.csv"), ""),
    "a row twice with other facts": (on("enrollments.csv", twice_but_different), "already in line"),
    "every second row is gone": (
        on("enrollments.csv", lambda head, rows, _: head + b"".join(rows[::2])), "roster entries would end",
    ),
    "a tenth of the people is gone": (
        on("demographics.csv", lambda head, rows, chance: head + b"".join(chance.sample(rows, len(rows) * 7 // 10))),
        "demographics would end",
    ),
    "a file is empty": (text(lambda *_: b"", "enrollments.csv"), "is empty"),
    "a file has only its header": (on("enrollments.csv", lambda head, *_: head), "enrollments.csv has no rows"),
    "a school lost its students": (without_a_school, "would have no students left"),
    "columns are shifted": (on("users.csv", lambda head, rows, _: head + b"".join(map(shift, rows))), ""),
    "the header is shifted": (on("users.csv", lambda head, rows, _: shift(head) + b"".join(rows)), "column 4"),
    "it is of another district": (another_district, "another district"),
    "it is of last year": (last_year, ""),
    "it is UTF-16": (text(lambda content, _: content.decode().encode("utf-16"), "users.csv"), "UTF-16"),
    "it is Latin-1": (text(lambda content, _: content.decode().encode("latin-1", "replace"), "users.csv"), "UTF-8"),
    "it was encoded twice": (text(lambda content, _: content.decode("latin-1").encode(), "users.csv"), "garbled"),
    "it has semicolons": (text(lambda content, _: content.replace(b",", b";"), "users.csv"), "column 1"),
    "lines end as on old computers": (text(lambda content, _: content.replace(b"\r\n", b"\r"), "orgs.csv"), "carriage"),
    "quotes are lost": (text(lambda content, _: content.replace(b'"', b""), "orgs.csv"), ""),
    "everybody is marked as deleted": (
        text(lambda content, _: re.sub(rb"(\n[^,]+),,,", rb"\1,tobedeleted,,", content), "users.csv"),
        "people would end",
    ),
    "identifiers lost their case": (text(lambda content, _: content.upper(), "courses.csv"), ""),
    "dates are American": (
        text(lambda content, _: re.sub(rb"(\d{4})-(\d\d)-(\d\d)", rb"\2/\3/\1", content), "roles.csv"), "YYYY-MM-DD",
    ),
    "everybody has the facts of somebody else": (on("demographics.csv", exchanged), "demographics would change"),
}  # fmt: skip


def outcome(path: Path) -> str:
    """Import as every night and return why it was stopped; 'applied' when it was not."""
    try:
        import_package(path, dry_run=False, confirmed=False)
    except (Held, ImportRefused) as stopped:
        return str(stopped)
    stages_dropped()
    return "applied"


def test_whatever_is_damaged_changes_nothing_before_somebody_approves(small: Path) -> None:
    before = tables()
    assert len(DAMAGES) > 20
    for name, (damage, expected) in DAMAGES.items():
        for number in range(SEEDS):
            told = outcome(spoiled(small, lambda files, d=damage, n=number: d(files, random.Random(n))))  # noqa: S311
            assert told != "applied", (name, number)
            assert expected in told, (name, number, told[:300])
    assert tables() == before
    assert not FeedImport.objects.exists()


def test_a_file_that_never_ends_its_last_line_is_held_once(small: Path) -> None:
    def unended(files: Files) -> None:
        files["users.csv"] = files["users.csv"].rstrip().replace(b"Garcia", b"Grau", 1)

    path = spoiled(small, unended)
    assert "is it cut off?" in outcome(path)
    import_package(path, dry_run=False, confirmed=True)
    stages_dropped()
    again = spoiled(small, lambda files: files.update({"users.csv": files["users.csv"].rstrip()}))
    assert outcome(again) == "applied"


def test_a_package_cut_off_on_its_way_is_refused_wherever_it_was_cut(small: Path) -> None:
    content, chance = small.read_bytes(), random.Random(7)  # noqa: S311
    for _each in range(200 if PROVE else 5):
        short = small.with_name("short.zip")
        short.write_bytes(content[: chance.randrange(len(content) - 1)])
        assert "not a complete zip" in outcome(short)


def test_a_file_that_is_there_twice_says_the_same_once(small: Path) -> None:
    before = tables()

    def doubled(files: Files) -> None:
        head, rows = lines(files, "enrollments.csv")
        files["enrollments.csv"] = head + b"".join(rows * 2)

    difference, report = import_package(spoiled(small, doubled), dry_run=False, confirmed=False)
    assert not difference
    assert report.warnings["enrollments.csv", "sourcedId", "is there again with the same content, and taken once"] > 100
    assert tables() == before


def a_day_later(files: Files, chance: random.Random, day: int) -> None:
    """Change half a percent of what changes daily: names, and who sits where."""
    head, rows = lines(files, "enrollments.csv")
    few = max(1, len(rows) // 200)
    for row in chance.sample(rows, few):
        rows.remove(row)
    for number, row in enumerate(chance.sample(rows, few)):
        rows.append(f"new-{day}-{number},".encode() + row.split(b",", 1)[1])
    files["enrollments.csv"] = head + b"".join(rows)
    head, *people = csv.reader(io.StringIO(files["users.csv"].decode()))
    for person in chance.sample(people, max(1, len(people) // 200)):
        person[head.index("familyName")] += "e"
    told = io.StringIO()
    csv.writer(told).writerows([head, *people])
    files["users.csv"] = told.getvalue().encode()


def test_the_feeds_of_ordinary_days_are_never_held(small: Path) -> None:
    chance = random.Random(1)  # noqa: S311
    with zipfile.ZipFile(small) as source:
        files = {name: source.read(name) for name in source.namelist()}
    for day in range(DAYS):
        a_day_later(files, chance, day)
        path = spoiled(small, lambda now, files=files: now.update(files))
        assert outcome(path) == "applied", day
    assert RosterEntry.objects.filter(sourced_id__startswith="new-").exists()


@pytest.mark.parametrize("size", [30, 900, 30_000, 1_000_000])
def test_no_ordinary_day_of_a_year_reaches_a_limit(size: int) -> None:
    chance, limits = random.Random(size), Limits()  # noqa: S311
    for kind in (*DEFAULTS, "roster entries"):
        for _day in range(365):
            churn = sum(chance.random() < 0.005 for _row in range(min(size, 200))) * max(1, size // 200)
            assert not limits.ends_too_many(kind, size, churn)
            assert not limits.changes_too_many(kind, size, churn)
    assert limits.ends_too_many("people", 1_000, 51)
    assert not limits.ends_too_many("people", 1_000, 50)
    assert limits.ends_too_many("sections", 1_000, 101)
    assert not limits.ends_too_many("sections", 20, 20), "few rows are never too many"
    assert limits.changes_too_many("sections", 1_000, 751)
