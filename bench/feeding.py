"""What it costs to fill a district, to publish it, and to carry it over into an empty database."""

from pathlib import Path

import psycopg

from bench.installation import Installation
from bench.report import Report

REFRESH = """
import time
from django.utils import timezone
from roster.publishing import publish
began = time.perf_counter()
publish(timezone.now())
print(time.perf_counter() - began)
"""


def fill(district: Installation, students: int, report: Report) -> None:
    """Measure seeding and publishing."""
    seeded = district.manage("seed_district", "--students", str(students))
    report.row("Synthetic district", seeded.printed.strip().partition(": ")[2].rstrip("."))
    report.row("seed_district", f"{seeded.seconds:.1f} s", "90 s for 30,000")
    everything = district.manage("refresh_cache")
    report.row(
        "refresh_cache, everything new, both versions",
        f"{everything.seconds:.1f} s, {everything.megabytes:.0f} MB at most",
        "45 s for 100,000, 500 MB",
    )
    report.row("refresh_cache, nothing changed", f"{district.manage('refresh_cache').seconds:.2f} s")
    itself = float(district.shell(REFRESH).printed)
    report.row("the same without the start of a process", f"{itself * 1000:.0f} ms", "100 ms for 100,000")
    report.row("migrate, nothing to do, for comparison", f"{district.manage('migrate').seconds:.2f} s")


def carry_over(district: Installation, empty: Installation, folder: Path, report: Report) -> None:
    """Measure the export of the district and the import of that package into an empty database."""
    package = folder / "district.zip"
    done = district.manage("export_oneroster", str(package))
    size = f"{package.stat().st_size / 1e6:.0f} MB, {done.printed.strip().rpartition(': ')[2].rstrip('.')}"
    report.row("export_oneroster", f"{done.seconds:.1f} s ({size})")
    first, again = (empty.manage("import_oneroster", str(package)) for _ in range(2))
    report.row("import_oneroster into an empty database", f"{first.seconds:.1f} s", "40 s for 30,000")
    told = again.printed.strip().partition(":")[0]
    report.row("import_oneroster of the same package again", f"{again.seconds:.1f} s ({told})")


def change(district: Installation, report: Report) -> None:
    """Measure a refresh after one person in a hundred has a new name."""
    people, seconds, published = touch(district, "given_name = given_name || ' II' WHERE id % 100 = 0")
    report.row(
        f"refresh_cache, names of {people:,} people (1 %) changed", f"{seconds:.2f} s ({published})", "3 s for 100,000"
    )


def change_one(district: Installation, report: Report) -> None:
    """Measure a refresh after one person has a new address."""
    _, seconds, published = touch(district, new_address("new@example.org"))
    report.row("refresh_cache, one address changed", f"{seconds:.2f} s ({published})")


def new_address(address: str) -> str:
    """Return the change that gives one person another address."""
    return f"email = '{address}' WHERE id = (SELECT min(person_id) FROM roster_enrollment)"  # noqa: S608


def touch(district: Installation, change: str) -> tuple[int, float, str]:
    """Change people and refresh; return how many people, the seconds of the refresh, and what it published."""
    with psycopg.connect(district.database_url) as connection:
        people = connection.execute(f"UPDATE roster_person SET {change}".encode()).rowcount  # noqa: S608
    done = district.manage("refresh_cache")
    return people, done.seconds, ", ".join(_counts(done.printed)) or done.printed.strip()


def _counts(printed: str) -> list[str]:
    """Return what was published of each kind: the lines that are set in, without their zeros."""
    told = [line.replace(",", "").split() for line in printed.splitlines() if line.startswith("  ")]
    return [
        " ".join([*words[:-6], *(f"{int(number):,} {what}" for number, what in _pairs(words[-6:]) if int(number))])
        for words in told
    ]


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(words[::2], words[1::2], strict=True))
