"""Measure what a row of the access log costs: the same pages from the portal and from one that writes no rows.

    python -m bench.access_log [--students N] [--seconds S] [--rounds R]

It makes its own database and drops it; bench/README.md tells how to read the table.
"""

import argparse
import contextlib
import statistics

from bench.installation import free_port, installation, servers, serving
from bench.load import Caller, rate
from bench.processes import processor_seconds
from bench.report import Report

BASE = "/ims/oneroster/rostering/v1p2"
LISTS = (("users", 100), ("enrollments", 1000))
CLIENTS = 2


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.access_log", description="Measure the access log.")
    parser.add_argument("--students", type=int, default=3_000, help="size of the district (default: 3,000)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round (default: 3)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (default: 5)")
    return parser.parse_args()


def milliseconds(port: int, token: str, paths: list[str], seconds: float, members: tuple[int | None, ...]) -> float:
    """Return the processor time of one answer, web server and database together."""
    before = sum(map(processor_seconds, members))
    found = rate(port, token, paths, seconds=seconds, clients=CLIENTS)
    return (sum(map(processor_seconds, members)) - before) / (found.answers * seconds) * 1000


def main() -> None:
    """Measure in turns and print the table."""
    options = arguments()
    report = Report(f"{options.students:,} students")
    port, other = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        district = stack.enter_context(installation(stack.enter_context(servers()), "interop_bench", port))
        district.manage("seed_district", "--students", str(options.students))
        district.manage("refresh_cache")
        portals = {
            place: (stack.enter_context(serving(name, place, district.environment)), district.postmaster())
            for place, name in ((port, "interop.wsgi:application"), (other, "bench.without_log:application"))
        }
        token = district.token(port)
        report.begin()
        for name, limit in LISTS:
            url = f"{BASE}/{name}?limit={limit}"
            pages = max(1, Caller(port, token).get(url).total // limit)
            paths = [f"{url}&offset={page * limit}" for page in range(pages)]
            rounds = [
                [milliseconds(place, token, paths, options.seconds, members) for place, members in portals.items()]
                for _ in range(options.rounds + 1)
            ][1:]
            kept, unkept = (statistics.median(each) for each in zip(*rounds, strict=True))
            share = statistics.median(on / off - 1 for on, off in rounds)
            report.row(
                f"{name}?limit={limit}",
                f"{kept:.2f} ms of processor with the log, {unkept:.2f} without: {kept - unkept:.2f} ms, {share:.1%}",
                "0.25 ms" if limit < 1000 else "0.25 ms and 5 %",
            )


if __name__ == "__main__":
    main()
