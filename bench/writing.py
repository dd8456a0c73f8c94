"""Measure what it costs to write grades: result PUTs from several clients at once, their replays, and lists of 5,000;
the same PUTs of assessment results.

    python -m bench.writing [--students N] [--seconds S]

It makes its own database and drops it; bench/README.md tells how to read the table.
"""

import argparse
import contextlib
import datetime
import json
import selectors
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import psycopg

from bench.installation import HOST, Installation, free_port, installation, servers, serving
from bench.load import Client
from bench.processes import processor_seconds
from bench.report import Report

BASE = "/ims/oneroster/gradebook/v1p2"
CLIENTS, BULK, PIECES = 8, 5_000, 3
STORED = frozenset({200, 201})
PUT_GOAL = "400 requests/s, p99 150 ms"


@dataclass(frozen=True)
class Seat:
    """A student in a section."""

    section: str
    student: str


@dataclass(frozen=True)
class Server:
    """The server under test, and what writes into it."""

    port: int
    process: int
    postmaster: int | None
    token: str
    report: Report

    def spent(self) -> tuple[float, float]:
        """Return the processor seconds of the web server and of the database so far."""
        return processor_seconds(self.process), processor_seconds(self.postmaster)

    def request(self, method: str, path: str, body: object) -> bytes:
        """Return a request as it goes over the wire."""
        told = json.dumps(body).encode()
        head = (
            f"{method} {BASE}{path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(told)}\r\n\r\n"
        )
        return head.encode() + told


def seats(district: Installation) -> list[Seat]:
    """Return who sits in the published sections, as vendors are told."""
    with psycopg.connect(district.database_url) as connection:
        found = connection.execute(
            "SELECT e.find->>'class.sourcedId', e.find->>'user.sourcedId' FROM roster_record e"
            " WHERE e.version = 12 AND e.object = 'enrollment' AND e.retired_at IS NULL AND e.status = 'active'"
            " AND e.find->>'role' = 'student' ORDER BY 1, 2"
        )
        return [Seat(*row) for row in found]


def category_of(district: Installation) -> dict[str, str]:
    """Return a category of each section."""
    with psycopg.connect(district.database_url) as connection:
        found = connection.execute(
            "SELECT s.sourced_id, min(k.sourced_id) FROM gradebook_category_sections l"
            " JOIN gradebook_category k ON k.id = l.category_id JOIN roster_section s ON s.id = l.section_id GROUP BY 1"
        )
        return dict(found.fetchall())


def line_item(section: str, category: str) -> dict[str, object]:
    """Return an assignment; its due date is the first day of school of the year that contains today."""
    today = datetime.date.today()  # noqa: DTZ011
    due = f"{today.year if today.month >= 7 else today.year - 1}-09-15T20:00:00Z"
    told = {
        "title": "Bench", "assignDate": due, "dueDate": due, "class": reference("class", section),
        "category": reference("category", category), "resultValueMax": 100,
    }  # fmt: skip
    return {"lineItem": told}


def reference(kind: str, sourced_id: str) -> dict[str, str]:
    """Return a reference as vendors send it."""
    return {"href": "https://lms.example/", "sourcedId": sourced_id, "type": kind}


def result(item: str, seat: Seat, points: int) -> dict[str, object]:
    """Return a score."""
    return {
        "lineItem": reference("lineItem", item), "student": reference("user", seat.student), "score": points,
        "scoreStatus": "fully graded", "scoreDate": "2026-09-16", "comment": "Bench", "late": "false",
    }  # fmt: skip


def puts(server: Server, requests: Iterator[bytes], seconds: float, title: str, goal: str) -> int:
    """Send requests from eight clients for so many seconds, or until there are no more; return how many were sent."""
    times: list[float] = []
    refused = 0
    before, began = server.spent(), time.perf_counter()
    with selectors.DefaultSelector() as selector:
        started: dict[int, float] = {}

        def ask(client: Client) -> bool:
            client.requests = list(islice(requests, 1))
            if not client.requests or time.perf_counter() - began > seconds:
                return False
            started[client.socket.fileno()] = time.perf_counter()
            client.ask()
            return True

        for _ in range(CLIENTS):
            client = Client(server.port, server.token)
            if ask(client):
                selector.register(client.socket, selectors.EVENT_READ, client)
        while selector.get_map():
            for key, _ in selector.select(5):
                client = key.data
                client.receive()
                if client.answer.complete:
                    times.append(time.perf_counter() - started[client.socket.fileno()])
                    refused += client.answer.status not in STORED
                    if not ask(client):
                        selector.unregister(client.socket)
                        client.socket.close()
    elapsed = time.perf_counter() - began
    web, database = (after - then for after, then in zip(server.spent(), before, strict=True))
    times.sort()
    p50, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
    told = f", {refused} REFUSED" if refused else ""
    server.report.row(
        title,
        f"{len(times) / elapsed:,.0f} requests/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms{told}",
        goal,
        processor=f"{web / len(times) * 1000:.2f} + {database / len(times) * 1000:.2f} ms",
    )
    return len(times)


def lists(server: Server, item: str, section: list[Seat]) -> Iterator[bytes]:
    """Yield POSTs of 5,000 results, the same with other scores each time; a student of the section has one result in
    a line item, so a list goes over many of them.
    """
    path = f"/classes/{section[0].section}/academicSessions/{_session(server, section[0].section)}/results"
    for points in count():
        posted = [
            {"sourcedId": f"t-{at}", **result(f"{item}-{at // len(section)}", section[at % len(section)], points)}
            for at in range(BULK)
        ]
        yield server.request("POST", path, {"results": posted})


def bulk(server: Server, senders: list[Iterator[bytes]], title: str) -> None:
    """Send a list of each sender at the same time, some times over."""
    for number in range(PIECES):
        clients = [Client.of(server.port, [next(sender)]) for sender in senders]
        before, began = server.spent(), time.perf_counter()
        finish(clients)
        elapsed = time.perf_counter() - began
        web, database = (after - then for after, then in zip(server.spent(), before, strict=True))
        refused = [str(client.answer.status) for client in clients if client.answer.status not in STORED]
        server.report.row(
            f"{title}, {'replaced' if number else 'created'}",
            f"{len(senders) * BULK / elapsed:,.0f} results/s, {elapsed:.2f} s"
            + (f", REFUSED {', '.join(refused)}" if refused else ""),
            "10,000 results/s",
            processor=f"{web:.2f} + {database:.2f} s",
        )


def finish(clients: list[Client]) -> None:
    """Let each ask once, and wait for all answers."""
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.ask()
        while selector.get_map():
            for key, _ in selector.select(5):
                key.data.receive()
                if key.data.answer.complete:
                    selector.unregister(key.data.socket)
                    key.data.socket.close()


def _session(server: Server, section: str) -> str:
    url = f"http://{HOST}:{server.port}/ims/oneroster/rostering/v1p2/classes/{section}"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {server.token}"})
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["class"]["terms"][0]["sourcedId"])


def ready(server: Server, district: Installation, most: int | None = None) -> list[Seat]:
    """Put a line item for each section that has a category, or for so many at most; return who sits in them."""
    categories = category_of(district)
    sections = sorted({seat.section for seat in seats(district)} & categories.keys())[:most]
    items = (server.request("PUT", f"/lineItems/item-{name}", line_item(name, categories[name])) for name in sections)
    puts(server, items, 600, f"{len(sections):,} line item PUTs", "")
    wanted = set(sections)
    return [seat for seat in seats(district) if seat.section in wanted]


def results(server: Server, writable: list[Seat], points: int) -> Iterator[bytes]:
    """Yield the PUT of a score of each student, in an order that jumps."""
    for at in range(len(writable)):
        seat = writable[at * 7919 % len(writable)]
        path = f"/results/score-{seat.section}-{seat.student}"
        yield server.request("PUT", path, {"result": result(f"item-{seat.section}", seat, points)})


def one_by_one(server: Server, writable: list[Seat], seconds: float) -> int:
    """Put new results; return how many."""
    return puts(server, results(server, writable, 80), seconds, "result PUTs, created", PUT_GOAL)


def again(server: Server, writable: list[Seat], seconds: float, sent: int) -> None:
    """Put those results again, then with another score."""
    for points, title in ((80, "result PUTs, the same again"), (90, "result PUTs, changed")):
        puts(server, islice(results(server, writable, points), sent), seconds, title, PUT_GOAL)


def in_lists(server: Server, district: Installation, writable: list[Seat]) -> None:
    """Post lists of 5,000 results of one section each, one list after the other and eight at a time."""
    categories = category_of(district)
    items: list[bytes] = []
    senders = []
    for name in islice(dict.fromkeys(seat.section for seat in writable), 1 + CLIENTS):
        section = [seat for seat in writable if seat.section == name]
        own = line_item(name, categories[name])
        items += [server.request("PUT", f"/lineItems/{name}-{n}", own) for n in range(BULK // len(section) + 1)]
        senders.append(lists(server, name, section))
    puts(server, iter(items), 600, f"{len(items):,} more line items", "")
    bulk(server, senders[:1], f"{BULK:,} results in one POST")
    bulk(server, senders[1:], f"{BULK:,} results in each of {CLIENTS} POSTs at once")


def assessments(server: Server, known: list[Seat], seconds: float) -> None:
    """Put a test, then a result of each student in it, again, and changed."""
    students = sorted({seat.student for seat in known})
    tests = 1 + BULK // len(students)
    items = (
        server.request("PUT", f"/assessmentLineItems/test-{at}", {"assessmentLineItem": {"title": "Bench"}})
        for at in range(tests)
    )
    puts(server, items, 600, f"{tests} assessment PUTs", "")

    def results(points: int) -> Iterator[bytes]:
        for at in range(tests * len(students)):
            student, test = students[at * 7919 % len(students)], f"test-{at // len(students)}"
            told = {
                "assessmentLineItem": reference("assessmentLineItem", test), "student": reference("user", student),
                "score": points, "scoreStatus": "fully graded", "scoreDate": str(datetime.date.today()),  # noqa: DTZ011
                "scorePercentile": 50, "comment": "Bench",
            }  # fmt: skip
            path = f"/assessmentResults/{test}-{student}"
            yield server.request("PUT", path, {"assessmentResult": told})

    sent = puts(server, results(80), seconds, "assessment result PUTs, created", PUT_GOAL)
    puts(server, islice(results(80), sent), seconds, "assessment result PUTs, the same again", PUT_GOAL)
    puts(server, islice(results(90), sent), seconds, "assessment result PUTs, changed", PUT_GOAL)


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.writing", description="Measure writing grades.")
    parser.add_argument("--students", type=int, default=30_000, help="size of the district (default: 30,000)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each measure of a rate (default: 10)")
    options = parser.parse_args()
    report = Report(f"{options.students:,} students")
    report.begin()
    port = free_port()
    with contextlib.ExitStack() as stack:
        district = stack.enter_context(installation(stack.enter_context(servers()), "interop_bench", port))
        district.manage("seed_district", "--students", str(options.students))
        district.manage("refresh_cache")
        process = stack.enter_context(serving("interop.wsgi:application", port, district.environment))
        token = district.token(port, partner=True)
        server = Server(port, process, district.postmaster(), token, report)
        writable = ready(server, district)
        sent = one_by_one(server, writable, options.seconds)
        again(server, writable, options.seconds, sent)
        in_lists(server, district, writable)
        assessments(server, seats(district), options.seconds)


if __name__ == "__main__":
    main()
