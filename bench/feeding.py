"""What it costs to fill a district, to publish it, and to carry it over into an empty database."""

from pathlib import Path

import psycopg

from bench.installation import Installation
from bench.report import Report


def fill(district: Installation, students: int, report: Report) -> None:
    """Measure seeding and publishing."""
    printed, seconds = district.manage("seed_district", "--students", str(students))
    report.row("Synthetic district", printed.strip().partition(": ")[2].rstrip("."))
    report.row("seed_district", f"{seconds:.1f} s", "90 s")
    everything = district.manage("refresh_cache")[1]
    report.row("refresh_cache, everything new, both versions", f"{everything:.1f} s", "12 s for 1.2 alone")
    report.row("refresh_cache, nothing changed", f"{district.manage('refresh_cache')[1]:.2f} s", "1 s")
    report.row(
        "migrate, nothing to do (the start of a process, for comparison)", f"{district.manage('migrate')[1]:.2f} s"
    )


def carry_over(district: Installation, empty: Installation, folder: Path, report: Report) -> None:
    """Measure the export of the district and the import of that package into an empty database."""
    package = folder / "district.zip"
    printed, seconds = district.manage("export_oneroster", str(package))
    report.row("export_oneroster", f"{seconds:.1f} s ({package.stat().st_size / 1e6:.0f} MB, {_rows(printed)})")
    report.row(
        "import_oneroster into an empty database", f"{empty.manage('import_oneroster', str(package))[1]:.1f} s", "40 s"
    )
    printed, seconds = empty.manage("import_oneroster", str(package))
    report.row("import_oneroster of the same package again", f"{seconds:.1f} s ({printed.strip().partition(':')[0]})")


def change(district: Installation, report: Report) -> None:
    """Measure a refresh after one person in a hundred has a new name."""
    people, seconds, published = _touch(district, "given_name = given_name || ' II' WHERE id % 100 = 0")
    report.row(f"refresh_cache, names of {people:,} people (1 %) changed", f"{seconds:.2f} s ({published})", "3 s")


def change_one(district: Installation, report: Report) -> None:
    """Measure a refresh after one person has a new address."""
    _, seconds, published = _touch(
        district, "email = 'new@example.org' WHERE id = (SELECT min(person_id) FROM roster_enrollment)"
    )
    report.row("refresh_cache, one address changed", f"{seconds:.2f} s ({published})")


def _touch(district: Installation, change: str) -> tuple[int, float, str]:
    """Change people and refresh; return how many people, the seconds of the refresh, and what it published."""
    with psycopg.connect(district.database_url) as connection:
        people = connection.execute(f"UPDATE roster_person SET {change}").rowcount  # noqa: S608
    printed, seconds = district.manage("refresh_cache")
    return people, seconds, "; ".join(" ".join(line.split()) for line in printed.splitlines()[1:])


def _rows(printed: str) -> str:
    return printed.strip().rpartition(": ")[2].rstrip(".")
