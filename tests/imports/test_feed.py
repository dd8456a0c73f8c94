"""The feed: what goes out comes in again, and nothing bad goes in."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roster.imports.feed import Held, import_package
from roster.imports.problems import ImportRefused
from roster.imports.sources import SOURCES
from roster.models import CourseMaster, Person, RosterEntry, School, Section
from tests.imports.conftest import Spoil, export, replacing, spoiled

pytestmark = pytest.mark.django_db


def load(path: Path, *, dry_run: bool = False, confirmed: bool = False) -> tuple[int, int, int]:
    """Import and return how much was new, changed and ended; the stages go as at a commit."""
    difference, _ = import_package(path, dry_run=dry_run, confirmed=confirmed)
    stages_dropped()
    return sum(difference.new.values()), sum(difference.changed.values()), sum(difference.ended.values())


def stages_dropped() -> None:
    """Drop the staging tables, as the commit does that a test never reaches."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'stage\\_%%' AND relkind = 'r'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE "{name}"')


def empty_district() -> None:
    """Take every SIS row away with the grade books, and the memory of the last package."""
    models = [apps.get_model("roster", name) for name in (*SOURCES, "AppliedPackage")]
    tables = ", ".join(each._meta.db_table for each in [*models, *apps.get_app_config("gradebook").get_models()])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {tables} CASCADE")


def test_a_package_imported_into_an_empty_district_exports_the_same_bytes(package: Path) -> None:
    before = package.read_bytes()
    empty_district()
    load(package)
    assert export(package.with_name("again.zip")) == before


def test_the_planner_knows_a_table_that_was_empty_before_the_next_statement_joins_it(package: Path) -> None:
    empty_district()
    with CaptureQueriesContext(connection) as captured:
        load(package)
    told = [query["sql"] for query in captured if query["sql"].startswith(('ANALYZE "roster', "WITH fresh AS"))]
    people = next(at for at, sql in enumerate(told) if "INSERT INTO roster_person " in sql)
    assert told[people + 1] == 'ANALYZE "roster_person"'
    assert "INSERT INTO roster_account " in told[people + 2]


def test_the_same_package_twice_is_nothing_to_do(package: Path) -> None:
    assert load(package) == (0, 0, 0)


def test_every_field_of_every_sis_table_has_a_source() -> None:
    for name, sources in SOURCES.items():
        meta = apps.get_model("roster", name)._meta
        fields = {field.name for field in (*meta.concrete_fields, *meta.many_to_many)} - {"id", "ended_at"}
        assert fields == set(sources), name


def test_rows_missing_from_a_bulk_file_end(package: Path) -> None:
    entry = RosterEntry.objects.order_by("sourced_id").first()
    assert entry

    def drop(files: dict[str, bytes]) -> None:
        lines = files["enrollments.csv"].splitlines(keepends=True)
        files["enrollments.csv"] = b"".join(x for x in lines if not x.startswith(entry.sourced_id.encode() + b","))

    assert load(spoiled(package, drop)) == (0, 0, 1)
    entry.refresh_from_db()
    assert entry.ended_at
    assert entry.end_date


def test_a_dry_run_changes_nothing(package: Path) -> None:
    path = spoiled(package, replacing("orgs.csv", b"Lincoln", b"Lincolnia"))
    assert load(path, dry_run=True) == (0, 1, 0)
    assert not School.objects.filter(name__contains="Lincolnia").exists()
    assert load(path) == (0, 1, 0)
    assert School.objects.filter(name__contains="Lincolnia").exists()


def half_of_the_enrollments(files: dict[str, bytes]) -> None:
    lines = files["enrollments.csv"].splitlines(keepends=True)
    files["enrollments.csv"] = b"".join(lines[: len(lines) // 2])


def test_mass_removal_is_held_until_confirmed(package: Path) -> None:
    path = spoiled(package, half_of_the_enrollments)
    with pytest.raises(Held, match="roster entries would end"):
        load(path)
    assert not RosterEntry.objects.exclude(ended_at=None).exists()
    assert load(path, confirmed=True)[2] > 400


def test_what_a_feed_without_our_columns_does_not_say_is_kept_here(package: Path) -> None:
    person = Person.objects.order_by("sourced_id").first()
    assert person
    Person.objects.filter(pk=person.pk).update(secondary_email="kept@example.org")
    load(spoiled(package, replacing("users.csv", b"metadata.interop.secondaryEmail", b"metadata.other")))
    person.refresh_from_db()
    assert person.secondary_email == "kept@example.org"


def test_what_a_feed_does_not_say_of_a_course_master_is_kept_here(package: Path) -> None:
    masters = CourseMaster.objects.order_by("sourced_id")
    sent = list(masters.values("title", "number", "external_lms_exclude"))
    here = {"title": "Kept", "number": "K-1", "external_lms_exclude": True}
    masters.update(**here)

    def without_what_it_is_called(files: dict[str, bytes]) -> None:
        for name in (b"Title", b"Number", b"Exclude"):
            replacing("courses.csv", b"metadata.interop.courseMaster" + name, b"metadata.other" + name)(files)

    load(spoiled(package, without_what_it_is_called))
    assert list(masters.values(*here)) == [here] * len(sent) != sent
    load(package)
    assert list(masters.values(*here)) == sent


def delta(files: dict[str, bytes]) -> None:
    """Make classes.csv a delta of two rows: one changed, one tobedeleted."""
    files["manifest.csv"] = files["manifest.csv"].replace(b"file.classes,bulk", b"file.classes,delta")
    header, first, second, *_ = files["classes.csv"].splitlines(keepends=True)
    first = first.replace(b",,,", b",active,2026-11-22T00:00:00.000Z,", 1).replace(b"Room 101", b"Room 909")
    second = second.replace(b",,,", b",tobedeleted,2026-11-22T00:00:00.000Z,", 1)
    files["classes.csv"] = header + first + second


def test_a_delta_changes_and_ends_only_what_it_names(package: Path) -> None:
    count = Section.objects.filter(ended_at=None).count()
    assert load(spoiled(package, delta)) == (0, 1, 1)
    assert Section.objects.filter(ended_at=None).count() == count - 1
    assert Section.objects.get(sourced_id="section-000001").room == "Room 909"


REFUSALS: dict[str, tuple[Spoil, str]] = {
    "no manifest": (lambda files: files.__delitem__("manifest.csv"), "manifest.csv: is missing"),
    "file in a folder": (lambda files: files.update({"../evil.csv": b"x"}), "is in a folder"),
    "a listed file is gone": (lambda files: files.__delitem__("users.csv"), "manifest.csv line .*, file.users"),
    "a NUL": (replacing("users.csv", b"@", b"\0"), "users.csv line .*NUL"),
    "UTF-16": (
        lambda files: files.update({"orgs.csv": files["orgs.csv"].decode().encode("utf-16")}),
        "orgs.csv line 1: is UTF-16",
    ),
    "Latin-1": (replacing("users.csv", "ë".encode(), b"\xeb"), "users.csv line .*not UTF-8"),
    "bare CR": (lambda files: files.update({"orgs.csv": files["orgs.csv"].replace(b"\r\n", b"\r")}), "bare carriage"),
    "unclosed quote": (replacing("resources.csv", b'teacher"', b"teacher"), "resources.csv line 2: .*not closed"),
    "huge field": (replacing("orgs.csv", b"Lincoln", b"L" * (2 << 20)), "orgs.csv line 3: .*longer than"),
    "unpacks too far": (
        lambda files: files.update({"demographics.csv": files["demographics.csv"] + (b"a" * 9998 + b"\r\n") * 9000}),
        "unpacks to far more",
    ),
    "header order": (
        replacing("courses.csv", b"title,courseCode", b"courseCode,title"),
        "courses.csv line 1: column 5",
    ),
    "a date": (replacing("roles.csv", b"2026-08-03", b"2026-13-03"), "roles.csv line 2, beginDate: .*YYYY-MM-DD"),
    "a reference": (replacing("enrollments.csv", b"section-000001", b"nowhere"), "classSourcedId: nowhere is not in"),
    "a required cell": (replacing("orgs.csv", b"Example Public Schools", b""), "orgs.csv line 2, name: is empty"),
    "an enumeration": (replacing("orgs.csv", b",district,", b",planet,"), "orgs.csv line 2, type: .*expected one of"),
    "a duplicate": (
        replacing("enrollments.csv", b"entry-0000002", b"entry-0000001"),
        "enrollments.csv line 3, sourcedId: entry-0000001 is already in line 2",
    ),
    "a narrow row": (replacing("resources.csv", b",default,\r\n", b"\r\n"), "resources.csv line 2: has 8 cells"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_bad_package_is_refused_with_file_and_line(exported: Path, name: str) -> None:
    spoil, expected = REFUSALS[name]
    with pytest.raises(ImportRefused, match=expected):
        load(spoiled(exported, spoil))


def test_a_truncated_zip_is_refused(exported: Path) -> None:
    content = exported.read_bytes()
    exported.write_bytes(content[: len(content) // 2])
    with pytest.raises(ImportRefused, match="not a complete zip"):
        load(exported)


def test_upper_case_booleans_are_taken_with_a_warning(package: Path) -> None:
    path = spoiled(
        package, lambda files: files.update({"users.csv": files["users.csv"].replace(b",,,true,", b",,,TRUE,")})
    )
    difference, report = import_package(path, dry_run=False, confirmed=False)
    assert not difference
    assert any(file == "users.csv" and column == "enabledUser" for file, column, _ in report.warnings)
