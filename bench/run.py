"""Measure a synthetic district: feeding, publishing and reading, beside two reference servers of the same run.

    python -m bench.run [--students N] [--seconds S] [--save]

It makes its own databases and drops them; bench/README.md tells how to read the table.
"""

import argparse
import contextlib
import datetime
import sys
import tempfile
from pathlib import Path

import psycopg

from bench import asking, feeding, nightly, reading
from bench.installation import ROOT, Installation, free_port, installation, servers, serving
from bench.processes import commit, machine
from bench.report import Report

RESULTS = ROOT / "bench" / "results.md"


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measure a synthetic district.")
    parser.add_argument("--students", type=int, default=30_000, help="size of the district (default: 30,000)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measure of a rate (default: 5)")
    parser.add_argument("--save", action="store_true", help="also write the table to bench/results.md")
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


def read(district: Installation, port: int, seconds: float, report: Report) -> None:
    """Start the portal's web server and both references, and measure all there is to read."""
    static_port, django_port = free_port(), free_port()
    environment = district.environment
    with (
        serving("interop.wsgi:application", port, environment) as process,
        serving("bench.static_bytes:application", static_port, environment),
        serving("bench.django_from_memory:application", django_port, environment),
    ):
        portal = reading.Portal(port, process, district.postmaster(), static_port, django_port, seconds, report)
        token = district.token(port)
        reading.warm_up(portal, token)
        feeding.change(district, report)
        asking.lists(portal, token, since(district))
        reading.first_pages(portal, token)
        reading.pages(portal, token, "users", 100, "1,200 requests/s")
        reading.pages(portal, token, "enrollments", 1000, "400,000 records/s")
        for limit in (5_000, 10_000):
            reading.pages(portal, token, "users", limit, "")
        asking.questions(portal, district, token)
        asking.packed_and_known(portal, token)
        older = district.token(port, version="1.1")
        reading.versions(portal, token, older, "users", 100)
        reading.versions(portal, token, older, "enrollments", 1000)
        names = schools(district)
        of_one = district.token(port, names[len(names) // 2])
        for name in ("enrollments", "users"):
            reading.one_school(portal, token, of_one, len(names), name)
        feeding.change_one(district, report)
        reading.crawl(portal, token, "the first after a refresh")
        reading.crawl(portal, token, "again")
        nightly.nightly(portal, district, token, since(district))
        nightly.tokens(portal, district)
        reading.at_once(portal, token)


def main() -> None:
    """Measure everything and print the table."""
    options = arguments()
    title = f"{options.students:,} students, commit {commit(ROOT)}, {datetime.date.today()}, {machine()}"  # noqa: DTZ011
    report = Report(title)
    report.begin()
    port = free_port()
    with contextlib.ExitStack() as stack:
        addresses = stack.enter_context(servers())
        district = stack.enter_context(installation(addresses, "interop_bench", port))
        feeding.fill(district, options.students, report)
        with installation(addresses, "interop_bench_import", port) as empty, tempfile.TemporaryDirectory() as folder:
            feeding.carry_over(district, empty, Path(folder), report)
        read(district, port, options.seconds, report)
    if options.save:
        report.save(RESULTS)
        print(f"\nWritten to {RESULTS}.", file=sys.stderr)


if __name__ == "__main__":
    main()
