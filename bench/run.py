"""Measure synthetic districts: feeding, publishing, reading and writing, beside two reference servers of the same run.

    python -m bench.run [--students N …] [--seconds S] [--save]

It makes its own databases and drops them; bench/README.md tells how to read the tables.
"""

import argparse
import contextlib
import datetime
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from bench import asking, cold, feeding, nightly, reading, steady, writing
from bench.chart import chart
from bench.installation import ROOT, Installation, free_port, installation, servers
from bench.report import Report
from bench.whole import whole

RESULTS = ROOT / "bench" / "results.md"
SECTIONS = 500
"""So many sections get a line item, which is enough for the results that are put."""


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measure synthetic districts.")
    parser.add_argument(
        "--students", type=int, nargs="+", default=[30_000], help="size of each district (default: 30,000)"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measure of a rate (default: 3)")
    parser.add_argument("--save", action="store_true", help="also write the tables and charts beside bench/results.md")
    return parser.parse_args()


def schools(district: Installation) -> list[str]:
    """Return the sourcedIds of all schools, the one with most enrollments first."""
    with psycopg.connect(district.database_url) as connection:
        found = connection.execute(
            "SELECT s.sourced_id FROM roster_school s LEFT JOIN roster_calendar c ON c.school_id = s.id "
            "LEFT JOIN roster_enrollment e ON e.calendar_id = c.id GROUP BY s.id ORDER BY count(e.id) DESC"
        )
        return [sourced_id for (sourced_id,) in found]


def since(district: Installation) -> str:
    """Return the moment after which the last edition alone counts as modified."""
    with psycopg.connect(district.database_url) as connection:
        row = connection.execute("SELECT published_at FROM roster_edition ORDER BY number DESC OFFSET 1").fetchone()
    return f"{row[0].astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if row else ""


def read(portal: reading.Portal, district: Installation, token: str, partner: str) -> None:
    """Measure what vendors read, with nothing else going on."""
    reading.first_pages(portal, token)
    reading.pages(portal, token, "users", 100, "40 % of Django")
    reading.pages(portal, token, "enrollments", 1000, "33 % of static bytes")
    reading.pages(portal, partner, "results", 1000, base=reading.GRADES)
    reading.pages(portal, token, "users", 5_000)
    reading.pages(portal, token, "users", 10_000, "90 % of static bytes")
    asking.questions(portal, district, token)
    asking.packed_and_known(portal, token)
    older = district.token(portal.port, version="1.1")
    reading.versions(portal, token, older, "users", 100)
    reading.versions(portal, token, older, "enrollments", 1000)
    names = schools(district)
    of_one = district.token(portal.port, names[len(names) // 2])
    for name in ("enrollments", "users"):
        reading.one_school(portal, token, of_one, len(names), name)


def refresh_and_read(portal: reading.Portal, district: Installation, token: str) -> None:
    """Measure what a new edition means to those who read, and the night after it."""
    feeding.change_one(district, portal.report)
    reading.crawl(portal, token, "the first after a refresh")
    reading.crawl(portal, token, "again")
    nightly.nightly(portal, district, token, since(district))
    nightly.tokens(portal, district)
    cold.first_and_second(portal, district)
    steady.during_a_refresh(portal, district, token)


def write(portal: reading.Portal, district: Installation, partner: str) -> None:
    """Measure results, one by one and in lists."""
    server = writing.Server(portal.port, portal.process, portal.postmaster, partner, portal.report)
    writable = writing.ready(server, district, SECTIONS)
    writing.one_by_one(server, writable, portal.seconds)
    writing.in_lists(server, district, writable)


def measure(report: Report, students: int, seconds: float) -> None:
    """Measure everything of a district of so many students."""
    port = free_port()
    with contextlib.ExitStack() as stack:
        addresses = stack.enter_context(servers())
        district = stack.enter_context(installation(addresses, "interop_bench", port))
        feeding.fill(district, students, report)
        feeding.change(district, report)
        with installation(addresses, "interop_bench_import", port) as empty, tempfile.TemporaryDirectory() as folder:
            feeding.carry_over(district, empty, Path(folder), report)
        portal = stack.enter_context(reading.serve(district, port, seconds, report))
        token, partner = district.token(port), district.token(port, partner=True)
        reading.warm_up(portal, token)
        asking.lists(portal, token, since(district))
        read(portal, district, token, partner)
        write(portal, district, partner)  # before the refreshes: the disk is busy for minutes with what they wrote
        refresh_and_read(portal, district, token)
        reading.at_once(portal, token)
    whole(report)


def main() -> None:
    """Measure everything and print a table for each size."""
    options = arguments()
    reports = {students: Report(f"{students:,} students") for students in options.students}
    for students, report in reports.items():
        began = time.monotonic()
        report.begin()
        measure(report, students, options.seconds)
        print(f"\n{time.monotonic() - began:.0f} s in all.\n", file=sys.stderr)
        if options.save:
            save(report, RESULTS.with_name(f"results-{students}.svg"))


def save(report: Report, picture: Path) -> None:
    """Keep a table and its chart."""
    picture.write_text(chart(report), encoding="utf-8")
    report.save(RESULTS, picture.name)
    print(f"Written to {RESULTS} and {picture}.", file=sys.stderr)


if __name__ == "__main__":
    main()
