"""What the engine costs: refreshes, an import that changes one percent, and taking it back.

    python -m bench.engine --students 100000

It makes its own databases and drops them, and prints one table.
"""

import argparse
import contextlib
import csv
import io
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from bench import feeding
from bench.installation import Installation, free_port, installation, servers
from bench.report import Report

UNDO = """
from interop.jobs.running import Run
from roster.feeding import work
from roster.models import FeedImport
feed = FeedImport.objects.exclude(applied_at=None).latest("applied_at")
print(work.undo_one(Run(0, str(feed.pk), "")))
"""
SHARE = 100
"""One person in so many gets another name."""


def changed(package: Path) -> Path:
    """Write a package beside this one in which one person in a hundred has another name."""
    path = package.with_name("changed.zip")
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, _renamed(content) if name == "users.csv" else content)
    return path


def _renamed(content: bytes) -> bytes:
    head, *rows = csv.reader(io.StringIO(content.decode()))
    for row in rows[::SHARE]:
        row[head.index("familyName")] += " Jr."
    told = io.StringIO()
    csv.writer(told).writerows([head, *rows])
    return told.getvalue().encode()


def there_and_back(district: Installation, package: Path, report: Report) -> None:
    """Measure an import that changes one percent of the people, its publication, and undoing both."""
    seconds = district.manage("import_oneroster", str(changed(package))).seconds
    report.row("import, 1 % of the people changed", f"{seconds:.1f} s")
    report.row("refresh after it", f"{district.manage('refresh_cache').seconds:.1f} s")
    undone = district.shell(UNDO)
    report.row("undo of that import", f"{undone.seconds:.1f} s ({undone.printed.strip()})", "60 s")
    report.row("refresh after the undo", f"{district.manage('refresh_cache').seconds:.1f} s")


def undo_everything(empty: Installation, report: Report) -> None:
    """Measure the undo of the import that filled a district."""
    undone = empty.shell(UNDO)
    figure = f"{undone.seconds:.1f} s ({undone.printed.strip()})"
    report.row("undo of the import that filled the district", figure, "60 s")


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description="Measure refresh, import and undo.")
    parser.add_argument("--students", type=int, default=30_000, help="size of the district (default: 30,000)")
    students = parser.parse_args().students
    report = Report(f"{students:,} students")
    report.begin()
    port, began = free_port(), time.monotonic()
    with contextlib.ExitStack() as stack:
        addresses = stack.enter_context(servers())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        district = stack.enter_context(installation(addresses, "interop_bench", port))
        feeding.fill(district, students, report)
        feeding.change(district, report)
        feeding.change_one(district, report)
        with installation(addresses, "interop_bench_import", port) as empty:
            feeding.carry_over(district, empty, folder, report)
            undo_everything(empty, report)
        there_and_back(district, folder / "district.zip", report)
    print(f"\n{time.monotonic() - began:.0f} s in all.", file=sys.stderr)


if __name__ == "__main__":
    main()
