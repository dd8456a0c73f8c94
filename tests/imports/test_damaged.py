"""Feeds as they go wrong: whatever is damaged, nothing changes before somebody approves; and no day's feed is held."""

import csv
import datetime
import io
import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from roster.feeding.limits import DEFAULTS, Limits
from roster.imports.feed import Held, import_package
from roster.imports.problems import ImportRefused
from roster.models import FeedImport, RosterEntry
from roster.seeding.district import seed
from tests.imports.conftest import TODAY, export, replacing, spoiled
from tests.imports.test_feed import stages_dropped
from tests.imports.test_undoing import tables

pytestmark = pytest.mark.django_db
PROVE = bool(os.environ.get("INTEROP_PROVE"))
SEEDS = 50 if PROVE else 1
EXPORTED: list[bytes] = []
"""The package of the district; it is the same for every test."""
Files = dict[str, bytes]
Damage = Callable[[Files, random.Random], None]


@pytest.fixture
def small(db: None, tmp_path: Path) -> Path:
    """A district of three schools, large enough for every limit, and its package as applied."""
    seed(120, 3, 1, TODAY)
    path = tmp_path / "district.zip"
    if not EXPORTED:
        EXPORTED.append(export(path))
    path.write_bytes(EXPORTED[0])
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


ALIKE = {
    "the people are cut", "the sections are cut", "a tenth of the people is gone", "columns are shifted",
    "it is Latin-1", "it has semicolons", "quotes are lost", "identifiers lost their case",
}  # fmt: skip
"""What the same rules stop as others of the list; make prove tries these too."""


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
    assert DAMAGES.keys() > ALIKE
    with zipfile.ZipFile(small) as source:
        whole = {name: source.read(name) for name in source.namelist()}
    for name, (damage, expected) in DAMAGES.items():
        if name in ALIKE and not PROVE:
            continue
        tried: set[int] = set()
        for number in range(SEEDS):
            files = dict(whole)
            damage(files, random.Random(number))  # noqa: S311
            if hash(tuple(files.values())) in tried:
                continue  # most kinds leave nothing to chance
            tried.add(hash(tuple(files.values())))
            told = outcome(spoiled(small, lambda now, files=files: now.update(files)))
            assert told != "applied", (name, number)
            assert expected in told, (name, number, told[:300])
    assert tables() == before
    assert not FeedImport.objects.exists()


def test_a_file_that_never_ends_its_last_line_is_held_once(small: Path) -> None:
    def unended(files: Files) -> None:
        replacing("users.csv", b"Wolfe", b"Wolff")(files)
        files["users.csv"] = files["users.csv"].rstrip()

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


def rows_of(files: Files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def put(files: Files, name: str, rows: list[dict[str, str]]) -> None:
    told = io.StringIO()
    csv.DictWriter(told, rows[0].keys()).writeheader()
    csv.DictWriter(told, rows[0].keys()).writerows(rows)
    files[name] = told.getvalue().encode()


def meeting(files: Files, ending: str) -> set[str]:
    """Return the sections that meet in terms of this ending only."""
    sections = rows_of(files, "classes.csv")
    return {each["sourcedId"] for each in sections if each["termSourcedIds"].endswith(ending)
            and "," not in each["termSourcedIds"]}  # fmt: skip


def let_meet(files: Files, sections: set[str], ending: str) -> None:
    """Let sections meet in one term of their school."""
    told = rows_of(files, "classes.csv")
    for each in told:
        if each["sourcedId"] in sections:
            each["termSourcedIds"] = f"{each['schoolSourcedId'].replace('school', 'period')}-{ending}"
    put(files, "classes.csv", told)


def begin_after(files: Files, over: set[str], ending: str) -> None:
    """Let new sections with the same people begin where these end."""
    for name, own in (("classes.csv", "sourcedId"), ("enrollments.csv", "classSourcedId")):
        told = rows_of(files, name)
        renewed = [
            {**each, "sourcedId": f"{each['sourcedId']}-{ending}", own: f"{each[own]}-{ending}"}
            for each in told if each[own] in over
        ]  # fmt: skip
        put(files, name, told + [{**each, "endDate": ""} if "endDate" in each else each for each in renewed])
    let_meet(files, {f"{each}-{ending}" for each in over}, ending)


def drop(files: Files, over: set[str]) -> None:
    """Leave out sections and all that names them."""
    owners = {"classes.csv": "sourcedId", "enrollments.csv": "classSourcedId", "classResources.csv": "classSourcedId"}
    for name, own in owners.items():
        put(files, name, [each for each in rows_of(files, name) if each[own] not in over])


def close(files: Files, over: set[str], last: str) -> None:
    """Tell an end date of everybody in sections."""
    told = rows_of(files, "enrollments.csv")
    for each in told:
        if each["classSourcedId"] in over:
            each["endDate"] = last
    put(files, "enrollments.csv", told)


FIRST_DAY = datetime.date(2026, 9, 1)
QUARTER_ENDS, SEMESTER_ENDS = datetime.date(2026, 10, 20), datetime.date(2027, 1, 16)
"""The first days after the first quarter and the first semester of the synthetic district."""
ALL_DAYS = [FIRST_DAY + datetime.timedelta(day) for day in range(365)]
SOME_DAYS = [FIRST_DAY, QUARTER_ENDS, SEMESTER_ENDS, SEMESTER_ENDS + datetime.timedelta(9)]


def the_calendar(files: Files, day: datetime.date) -> None:
    """Do what the calendar asks of a feed: half of the sections end with a term, and others begin."""
    if day == FIRST_DAY:
        let_meet(files, {each["sourcedId"] for each in rows_of(files, "classes.csv")[::2]}, "Q1")
    elif day == QUARTER_ENDS:  # what is over is in the package no more
        over = meeting(files, "Q1")
        begin_after(files, over, "Q2")
        drop(files, over)
    elif day == SEMESTER_ENDS:  # what is over has an end date first, and goes later
        over = meeting(files, "Q2") | meeting(files, "S1")
        close(files, over, "2027-01-15")
        begin_after(files, over, "Q3")
    elif day == SOME_DAYS[-1]:
        drop(files, meeting(files, "Q2") | meeting(files, "S1"))


@pytest.mark.django_db(transaction=PROVE)  # the locks of 365 imports are more than one transaction may hold
def test_the_feeds_of_a_year_with_its_semesters_are_never_held_but_a_damaged_one_is(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(1)  # noqa: S311
    with zipfile.ZipFile(small) as source:
        files = {name: source.read(name) for name in source.namelist()}

    def came(today: Files, day: datetime.date) -> str:
        clock = datetime.datetime.combine(day, datetime.time(18), datetime.UTC)
        monkeypatch.setattr(timezone, "now", lambda: clock)
        return outcome(spoiled(small, lambda now: now.update(today)))

    for number, day in enumerate(ALL_DAYS if PROVE else SOME_DAYS):
        a_day_later(files, chance, number)
        the_calendar(files, day)
        if day == SEMESTER_ENDS or (PROVE and day in SOME_DAYS[1:]):
            told = came({**files, "enrollments.csv": a_third(files["enrollments.csv"])}, day)
            assert "roster entries would end" in told, day
        assert came(files, day) == "applied", day
    living = RosterEntry.objects.filter(ended_at=None)
    assert living.filter(sourced_id__startswith="new-").exists()
    assert living.filter(sourced_id__endswith="-Q3").count() > 100
    assert not living.filter(sourced_id__endswith="-Q2").exists()


def test_what_a_mistake_took_away_comes_back_without_a_hold(small: Path) -> None:
    def shrink(files: Files) -> None:
        files["enrollments.csv"] = a_third(files["enrollments.csv"])

    whole = RosterEntry.objects.filter(ended_at=None).count()
    assert "would end" in outcome(spoiled(small, shrink))
    assert outcome(small) == "applied", "a held package stands in nobody's way"
    import_package(spoiled(small, shrink), dry_run=False, confirmed=True)
    stages_dropped()
    assert RosterEntry.objects.filter(ended_at=None).count() < whole / 2
    assert outcome(small) == "applied", "what comes back is no change"
    assert RosterEntry.objects.filter(ended_at=None).count() == whole
    import_package(spoiled(small, shrink), dry_run=False, confirmed=True)
    stages_dropped()
    RosterEntry.objects.exclude(ended_at=None).update(ended_at=timezone.now() - datetime.timedelta(90))
    assert "roster entries would change" in outcome(small), "what was away for long is looked at"


def a_third(content: bytes) -> bytes:
    head, *rows = content.splitlines(keepends=True)
    return head + b"".join(rows[::3])


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
