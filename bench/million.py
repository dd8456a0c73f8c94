"""Measure a district of a million students: refreshing and paging, OneRoster 1.2 only.

    python -m bench.million [--students N] [--seconds S] [--save]

It makes its own database and drops it, and skips where there is too little free disk for that.
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
import time

from bench import reading
from bench.installation import Installation, free_port, installation, servers
from bench.report import Report
from bench.run import RESULTS, save

DISK = 40_000
"""Bytes of free disk for each student: database, its log, and copies of bodies."""
# A portal that knows of one version: for measuring only.
REFRESH = """
import importlib, time
from django.utils import timezone
from interop.oneroster.resource import V1P2
publishing = importlib.import_module("roster.publishing.publish")
publishing.VERSIONS = (V1P2,)
began = time.perf_counter()
outcome = publishing.publish(timezone.now(), versions=publishing.VERSIONS, force=True)
written = sum(count.written for count in outcome.counts.values()) if outcome.changed else 0
print(f"{time.perf_counter() - began:.2f} s, {written:,} records written")
"""
ONE_PERCENT = """
from roster.models import Person
from django.db.models import F, Value
from django.db.models.functions import Concat, Mod
people = Person.objects.annotate(rest=Mod(F("pk"), 100)).filter(rest=0)
print(people.update(given_name=Concat("given_name", Value(" II"))))
"""


def refresh(district: Installation, report: Report, measure: str) -> None:
    """Measure a refresh, without the start of its process."""
    done = district.shell(REFRESH)
    report.row(f"refresh of 1.2, {measure}", f"{done.printed.strip()}, {done.megabytes:.0f} MB at most")


def paging(portal: reading.Portal, token: str) -> None:
    """Measure pages of the long lists, and the whole district."""
    reading.warm_up(portal, token)
    reading.first_pages(portal, token)
    for name, limit in (("users", 100), ("users", 1000), ("enrollments", 1000), ("enrollments", 10_000)):
        reading.pages(portal, token, name, limit)
    for note in ("for the first time", "again"):
        reading.crawl(portal, token, note)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.million", description="Measure a very large district.")
    parser.add_argument("--students", type=int, default=1_000_000, help="size of the district (default: 1,000,000)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measure of a rate (default: 3)")
    parser.add_argument("--save", action="store_true", help="also write table and chart beside bench/results.md")
    options = parser.parse_args()
    free, wanted = shutil.disk_usage(tempfile.gettempdir()).free, DISK * options.students
    if free < wanted:
        print(f"Skipped: {wanted / 1e9:.0f} GB of free disk are needed, there are {free / 1e9:.0f} GB.")
        return
    report, port, began = Report(f"{options.students:,} students, 1.2 only"), free_port(), time.monotonic()
    report.begin()
    with contextlib.ExitStack() as stack:
        district = stack.enter_context(installation(stack.enter_context(servers()), "interop_bench", port))
        seeded = district.manage("seed_district", "--students", str(options.students))
        report.row("Synthetic district", seeded.printed.strip().partition(": ")[2].rstrip("."))
        report.row("seed_district", f"{seeded.seconds:.1f} s, {seeded.megabytes:,.0f} MB at most")
        refresh(district, report, "everything new")
        refresh(district, report, "nothing changed")
        people = int(district.shell(ONE_PERCENT).printed)
        refresh(district, report, f"names of {people:,} people (1 %) changed")
        portal = stack.enter_context(reading.serve(district, port, options.seconds, report))
        paging(portal, district.token(port))
        reading.at_once(portal, district.token(port))
    print(f"\n{time.monotonic() - began:.0f} s in all.", file=sys.stderr)
    if options.save:
        save(report, RESULTS.with_name(f"results-{options.students}.svg"))


if __name__ == "__main__":
    main()
