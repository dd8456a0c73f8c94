"""What it costs to read: pages of the main lists, the whole district, everything in one answer."""

import contextlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench import kept
from bench.installation import Installation, free_port, serving
from bench.kept import PAGES
from bench.load import Caller, Rate, rate
from bench.processes import family, peak_megabytes, private_megabytes, processor_seconds
from bench.report import Compared, Report

BASE, OLDER = "/ims/oneroster/rostering/v1p2", "/ims/oneroster/v1p1"
GRADES = "/ims/oneroster/gradebook/v1p2"
CRAWLED = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments", "demographics")
EVERYTHING = 1_000_000
LATER_PAGES = 50
COLD_LISTS = 5


@dataclass(frozen=True)
class Portal:
    """The server under test and what is measured beside it."""

    port: int
    process: int
    postmaster: int | None
    static_bytes: int
    django: int
    kept: Path
    seconds: float
    report: Report

    def rate(self, token: str, paths: list[str], headers: str = "") -> tuple[Rate, str]:
        """Measure; return the rate and the milliseconds of processor time for each answer."""
        return self.measured(lambda: rate(self.port, token, paths, seconds=self.seconds, headers=headers))

    def measured(self, asking: Callable[[], Rate]) -> tuple[Rate, str]:
        """Measure what `asking` does for `seconds`; return its rate and the milliseconds of processor an answer."""
        before = self.spent()
        found = asking()
        return found, self.each(before, found.answers * self.seconds)

    def spent(self) -> tuple[float, float]:
        """Return the processor seconds of the web server and of the database so far."""
        return processor_seconds(self.process), processor_seconds(self.postmaster)

    def each(self, before: tuple[float, float], answers: float) -> str:
        """Return the milliseconds of processor for each of so many answers since `before`, as the tables tell it."""
        web, database = ((after - then) / max(answers, 1) for after, then in zip(self.spent(), before, strict=True))
        return f"{web * 1000:.2f} + {database * 1000:.2f} ms"


@contextlib.contextmanager
def serve(district: Installation, port: int, seconds: float, report: Report) -> Iterator[Portal]:
    """Yield the district's web server on this port, and both references on others, while they run."""
    static_port, django_port = free_port(), free_port()
    with kept.folder() as folder:
        environment = district.environment | {kept.FOLDER: str(folder)}
        with (
            serving("interop.wsgi:application", port, environment) as process,
            serving("bench.static_bytes:application", static_port, environment),
            serving("bench.django_from_memory:application", django_port, environment),
        ):
            yield Portal(port, process, district.postmaster(), static_port, django_port, folder, seconds, report)


def warm_up(portal: Portal, token: str) -> None:
    """Let every process open its connection and load its code."""
    rate(portal.port, token, [f"{BASE}/orgs?limit=1"], seconds=2, clients=16)


def first_pages(portal: Portal, token: str) -> None:
    """Measure the first page of a long list, nobody having asked before, and later ones; one call at a time."""
    caller = Caller(portal.port, token)
    list_url = f"{BASE}/enrollments?limit=100"
    first = caller.get(list_url)
    portal.report.row(
        f"first page of {first.total:,} enrollments, the first after a refresh", f"{first.last:.1f} ms", "150 ms"
    )
    cold = []
    for day in range(1, COLD_LISTS + 1):
        asked = quote(f"dateLastModified>'2001-01-{day:02}'")
        cold.append(caller.get(f"{list_url}&filter={asked}").last)
    portal.report.row(
        f"first page, a filter all of them pass (median of {COLD_LISTS})", f"{statistics.median(cold):.1f} ms", "150 ms"
    )
    offsets = [first.total * place // LATER_PAGES for place in range(1, LATER_PAGES)]
    later = sorted(caller.get(f"{list_url}&offset={offset}").last for offset in offsets)
    portal.report.row(
        f"later pages (median of {len(later)})", f"{statistics.median(later):.2f} ms (slowest {later[-1]:.2f})", "5 ms"
    )
    role = caller.get(f"{BASE}/users?limit=100&filter=" + quote("roles.role='student'"))
    portal.report.row(f"first page of a role filter, {role.total:,} students", f"{role.last:.1f} ms", "100 ms")


def pages(portal: Portal, token: str, name: str, limit: int, goal: str = "", *, base: str = BASE) -> None:
    """Measure pages all over a list beside the two references, and the deepest page beside the first."""
    url, measure = f"{base}/{name}?limit={limit}", f"{name}?limit={limit}"
    whole = Caller(portal.port, token).get(url)
    full, many = whole.total // limit or 1, min(limit, whole.total)
    paths = [f"{url}&offset={page * limit}" for page in spread(full)]
    same = kept.keep(portal.kept, portal.port, token, paths)
    found, costs = portal.rate(token, paths)
    static, django = (rate(port, token, same, seconds=portal.seconds) for port in (portal.static_bytes, portal.django))
    portal.report.compared.append(Compared(measure, *(each.answers * many for each in (found, django, static))))
    portal.report.row(
        measure,
        f"{found}, {found.answers * many:,.0f} records/s, {found.megabytes:,.0f} MB/s (of {whole.total:,} records)",
        goal,
        static=f"{found.answers / static.answers:.0%} of {static.answers:,.0f}/s",
        django=f"{found.answers / django.answers:.0%} of {django.answers:,.0f}/s",
        processor=costs,
    )
    if full == 1:
        return
    shallow, _ = portal.rate(token, [url])
    deep, costs = portal.rate(token, [f"{url}&offset={(full - 1) * limit}"])
    portal.report.row(
        f"{measure}, deepest page beside the first",
        f"{shallow.answers / deep.answers:.2f} times as long",
        "1.1 times",
        processor=costs,
    )


def one_school(portal: Portal, district: str, school: str, schools: int, name: str) -> None:
    """Measure what a connection of one school reads of a list, as a share of what the district's reads."""
    limit = 1000
    (_, whole, _), (found, one, costs) = (
        _all_over(portal, token, f"{BASE}/{name}", limit) for token in (district, school)
    )
    portal.report.row(
        f"one school of {schools}, {name}?limit={limit}",
        f"{found}, {one:,.0f} records/s, {one / whole:.0%} of the district's",
        "60 %",
        processor=costs,
    )


def versions(portal: Portal, newer: str, older: str, name: str, limit: int) -> None:
    """Measure pages of OneRoster 1.1 beside the same list of 1.2, right after each other."""
    (new, _, _), (old, records, costs) = (
        _all_over(portal, token, f"{base}/{name}", limit) for base, token in ((BASE, newer), (OLDER, older))
    )
    portal.report.row(
        f"{name}?limit={limit} of 1.1 beside 1.2",
        f"{old}, {records:,.0f} records/s, {old.megabytes:,.0f} MB/s, "
        f"{old.answers / new.answers:.0%} of 1.2 ({new.answers:,.0f}, {new.megabytes:,.0f} MB/s)",
        processor=costs,
    )


def crawl(portal: Portal, token: str, note: str) -> None:
    """Measure a vendor who pulls everything, one page after the other."""
    caller, records, length, began = Caller(portal.port, token), 0, 0, time.perf_counter()
    for name in CRAWLED:
        walked = walk(caller, name, 10_000)
        records, length = records + walked.records, length + walked.length
    seconds = time.perf_counter() - began
    figure = f"{seconds:.2f} s ({records:,} records, {length / 1e6:.0f} MB, {records / seconds:,.0f} records/s)"
    portal.report.row(f"whole district at limit 10000, one page after the other, {note}", figure, "3 s for 30,000")


@dataclass(frozen=True)
class Walk:
    """One list, pulled page by page: what it held, in how many pages, and the seconds it took."""

    records: int
    length: int
    pages: int
    seconds: float


def walk(caller: Caller, name: str, limit: int) -> Walk:
    """Pull a list of 1.2, one page after the other."""
    offset, total, length, began = 0, 1, 0, time.perf_counter()
    while offset < total:
        page = caller.get(f"{BASE}/{name}?limit={limit}&offset={offset}")
        total, length, offset = page.total, length + page.length, offset + limit
    return Walk(total, length, offset // limit, time.perf_counter() - began)


def at_once(portal: Portal, token: str) -> None:
    """Measure answers that hold a whole list, and the memory of the web server's processes after them."""
    for name in ("users", "enrollments"):
        answers = [Caller(portal.port, token).get(f"{BASE}/{name}?limit={EVERYTHING}") for _ in range(4)]
        last = statistics.median(answer.last for answer in answers) / 1000
        first = statistics.median(answer.first for answer in answers)
        many = min(EVERYTHING, answers[0].total)
        portal.report.row(
            f"{name}?limit={EVERYTHING} ({many:,} records, {answers[0].length / 1e6:.0f} MB)",
            f"{last:.2f} s, first byte after {first:.0f} ms (median of {len(answers)})",
        )
    processes = family(portal.process)
    private, peak = max(map(private_megabytes, processes)), max(map(peak_megabytes, processes))
    portal.report.row(
        "memory of the largest web process after all of this",
        f"{private:.0f} MB private, {peak:.0f} MB resident at most",
        "200 MB",
    )


def _all_over(portal: Portal, token: str, url: str, limit: int) -> tuple[Rate, float, str]:
    """Measure pages all over a list; return the rate, the records a second, and the processor time of an answer.

    Somebody has asked for each of them before, as in a large list many would else be read from the disk.
    """
    url, caller = f"{url}?limit={limit}", Caller(portal.port, token)
    total = caller.get(url).total
    paths = [f"{url}&offset={page * limit}" for page in spread(total // limit or 1)]
    for path in paths:
        caller.get(path)
    found, costs = portal.rate(token, paths)
    return found, found.answers * min(limit, total), costs


def spread(full: int) -> list[int]:
    """Return some pages of a list, evenly spread, in an order that jumps."""
    chosen = sorted({page * full // PAGES for page in range(PAGES)})
    random.Random(1).shuffle(chosen)  # noqa: S311
    return chosen
