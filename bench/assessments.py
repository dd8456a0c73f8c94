"""Send a vendor's tree of assessments and its results in the wrong order, and see that everything is in its place.

    python -m bench.assessments [--students N] [--results N] [--seed S]

A client of 1.2, four connections at once, puts all results first, then grandchildren, children and parents, each kind
shuffled; every early one has to be answered with what is missing. Then everything is read back page by page and
compared with what was sent. It makes its own database and drops it.
"""

import argparse
import contextlib
import datetime
import json
import random
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import psycopg

from bench.installation import HOST, Installation, free_port, installation, servers, serving
from bench.report import Report
from bench.writing import BASE, reference

CHILDREN, GRANDCHILDREN = 4, 5
PAGE = 1000
THREADS = 4
Sent = dict[str, dict[str, Any]]


class Vendor:
    """A vendor's program: a bearer token, and a connection for each of its threads."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, http: HTTPConnection, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return the status and the body of an answer."""
        told = None if body is None else json.dumps(body).encode()
        http.request(method, BASE + path, told, self.headers)
        answer = http.getresponse()
        read = answer.read()
        return answer.status, json.loads(read) if read else None

    def connected(self) -> HTTPConnection:
        """Return a connection that stays open."""
        return HTTPConnection(HOST, self.port, timeout=120)

    def put(self, kind: str, sent: Sent, names: list[str]) -> Counter[int]:
        """Put objects one after the other; return the answers by status."""
        http, statuses = self.connected(), Counter[int]()
        for name in names:
            path = f"/{kind}s/{urllib.parse.quote(name, safe='')}"
            status, told = self.ask(http, "PUT", path, {kind: {"sourcedId": name, **sent[name]}})
            assert status in (200, 201) or "is missing" in told["imsx_description"], (status, told)
            statuses[status] += 1
        return statuses

    def everything(self, kind: str) -> Sent:
        """Return all objects of a kind, read in pages."""
        found: Sent = {}
        http = self.connected()
        for offset in range(0, 10_000_000, PAGE):
            status, told = self.ask(http, "GET", f"/{kind}?limit={PAGE}&offset={offset}")
            assert status == 200, (status, told)
            if not told[kind]:
                break
            found |= {each["sourcedId"]: each for each in told[kind]}
        return found


def tree() -> list[Sent]:
    """Return the levels of a state test: itself, its subjects, and their parts."""
    top: Sent = {"state": {"title": "State test"}}
    middle: Sent = {f"subject-{at}": {"title": f"Subject {at}", **below("state")} for at in range(CHILDREN)}
    parts: Sent = {
        f"part-{at}-{part}": {
            "title": f"Part {part}",
            "resultValueMin": 0,
            "resultValueMax": 100,
            **below(f"subject-{at}"),
        }
        for at in range(CHILDREN)
        for part in range(GRANDCHILDREN)
    }
    return [top, middle, parts]


def below(parent: str) -> dict[str, object]:
    """Return the reference to a parent."""
    return {"parentAssessmentLineItem": reference("assessmentLineItem", parent)}


def results(
    students: list[str], tests: list[str], number: int, rng: random.Random
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield results of students in tests, each once."""
    today = str(datetime.date.today())  # noqa: DTZ011
    pairs = [(student, test) for test in tests for student in students][:number]
    assert len(pairs) == number, "more students are needed for so many results"
    for student, test in pairs:
        yield f"{test}/{student}", {
            "assessmentLineItem": reference("assessmentLineItem", test), "student": reference("user", student),
            "score": rng.randrange(0, 1001) / 10, "scoreStatus": "fully graded", "scoreDate": today,
        }  # fmt: skip


def put_all(vendor: Vendor, kind: str, sent: Sent, rng: random.Random) -> tuple[Counter[int], float]:
    """Put the objects in a random order; return the answers by status and the seconds it took."""
    names = list(sent)
    rng.shuffle(names)
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        parts = pool.map(lambda part: vendor.put(kind, sent, part), [names[at::THREADS] for at in range(THREADS)])
        statuses = sum(parts, Counter[int]())
    return statuses, time.perf_counter() - began


def compare(vendor: Vendor, levels: list[Sent], sent: Sent) -> None:
    """Everything that was sent is there as it was sent."""
    items, found = vendor.everything("assessmentLineItems"), vendor.everything("assessmentResults")
    assert set(items) == {name for level in levels for name in level}
    for level in levels:
        for name, fields in level.items():
            above = fields.get("parentAssessmentLineItem", {}).get("sourcedId")
            assert items[name].get("parentAssessmentLineItem", {}).get("sourcedId") == above, name
    assert set(found) == set(sent), (len(found), len(sent))
    for name, fields in sent.items():
        told = found[name]
        for part in ("assessmentLineItem", "student"):
            assert told[part]["sourcedId"] == fields[part]["sourcedId"], name
        assert told["score"] == fields["score"], name


def students_of(district: Installation) -> list[str]:
    """Return the students that are published."""
    with psycopg.connect(district.database_url) as connection:
        rows = connection.execute(
            "SELECT sourced_id FROM roster_record WHERE version = 12 AND object = 'user' AND retired_at IS NULL"
            """ AND status = 'active' AND find @> '{"roles.role": ["student"]}' ORDER BY sourced_id"""
        )
        return [name for (name,) in rows]


def waiting(district: Installation) -> int:
    """Return how much waits."""
    with psycopg.connect(district.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM assessments_unmatched").fetchone()
        return int(row[0]) if row else 0


def measure(report: Report, vendor: Vendor, district: Installation, number: int, seed: int) -> None:
    """Send everything in the wrong order and look."""
    rng = random.Random(seed)  # noqa: S311
    levels = tree()
    sent = dict(results(students_of(district), list(levels[-1]), number, rng))
    statuses, seconds = put_all(vendor, "assessmentResult", sent, rng)
    report.row(f"{number:,} results before their tests", f"{dict(statuses)}, {seconds:.1f} s", "all 422, all kept")
    assert statuses == {422: number}
    assert waiting(district) == number
    for name, level in zip(("grandchildren", "children", "parent"), reversed(levels), strict=True):
        statuses, seconds = put_all(vendor, "assessmentLineItem", level, rng)
        report.row(f"{len(level)} {name}", f"{dict(statuses)}, {seconds:.1f} s, {waiting(district):,} wait", "")
    if waiting(district):  # what is more than one request may do is left to the job
        district.shell("from assessments.services.waiting import resolve_waiting; resolve_waiting()")
    report.row("after the job", f"{waiting(district):,} wait", "0")
    assert not waiting(district)
    compare(vendor, levels, sent)
    statuses, seconds = put_all(vendor, "assessmentResult", sent, rng)
    report.row("all results again", f"{dict(statuses)}, {seconds:.1f} s", "all 200")
    assert statuses == {200: number}
    compare(vendor, levels, sent)
    report.row("everything in its place", "yes", "yes")


def main() -> None:
    """Do it and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.assessments", description="A tree in the wrong order.")
    parser.add_argument("--students", type=int, default=1_000, help="size of the district (default: 1,000)")
    parser.add_argument("--results", type=int, default=10_000, help="how many results (default: 10,000)")
    parser.add_argument("--seed", type=int, default=1, help="what decides the orders and scores (default: 1)")
    options = parser.parse_args()
    report = Report(f"{options.students:,} students")
    report.begin()
    port = free_port()
    with contextlib.ExitStack() as stack:
        district = stack.enter_context(installation(stack.enter_context(servers()), "interop_bench", port))
        district.manage("seed_district", "--students", str(options.students))
        district.manage("refresh_cache")
        stack.enter_context(serving("interop.wsgi:application", port, district.environment))
        measure(report, Vendor(port, district.token(port, partner=True)), district, options.results, options.seed)


if __name__ == "__main__":
    main()
