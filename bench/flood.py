"""Measure what a vendor that floods the portal costs the others: a polite one alone, and beside the flood, in turns.

    python -m bench.flood [--students N] [--rate R] [--seconds S] [--rounds N]

The flood has the limits every connection has, has used them up, and sends so many requests a second whatever it is
told. It makes its own database and drops it; bench/README.md tells how to read the table.
"""

import argparse
import contextlib
import json
import selectors
import statistics
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus

from bench.installation import Installation, free_port, installation, servers, serving
from bench.load import HOST, Client
from bench.processes import processor_seconds
from bench.report import Report

USERS = "/ims/oneroster/rostering/v1p2/users?limit=100&offset="
POLITE, FLOODING = 4, 8
"""Keep-alive connections of each vendor. The polite one asks for the next page when it has one."""
OFFSETS = range(0, 2000, 100)


@dataclass
class Round:
    """What happened in so many seconds: milliseconds of the polite vendor's answers, statuses of the flood's."""

    seconds: float
    waits: list[float] = field(default_factory=list)
    flood: Counter[int] = field(default_factory=Counter)
    spent: float = 0.0

    @property
    def rate(self) -> float:
        """Return the polite vendor's answers a second."""
        return len(self.waits) / self.seconds


@dataclass(frozen=True)
class Server:
    """The server under test and the tokens of both vendors."""

    port: int
    members: tuple[int | None, ...]
    polite: str
    flood: str

    def clients(self, token: str, number: int) -> list[Client]:
        """Return so many connections of one vendor, each beginning elsewhere in the list."""
        paths = [f"{USERS}{offset}" for offset in OFFSETS]
        return [Client(self.port, token, paths[at:] + paths[:at]) for at in range(number)]

    def round(self, seconds: float, flood: float, polite: int = POLITE) -> Round:
        """Let the polite vendor read for so many seconds, beside a flood of so many requests a second."""
        found, before = Round(seconds), sum(map(processor_seconds, self.members))
        asked: dict[Client, float] = {}
        readers, idle = self.clients(self.polite, polite), self.clients(self.flood, FLOODING) if flood else []
        with selectors.DefaultSelector() as selector:
            for client in readers + idle:
                selector.register(client.socket, selectors.EVENT_READ, client)
            began = time.perf_counter()
            for client in readers:
                asked[client] = began
                client.ask()
            sent = 0
            while (now := time.perf_counter() - began) < seconds:
                while idle and sent < now * flood:
                    idle.pop().ask()
                    sent += 1
                sent = max(sent, int(now * flood) - FLOODING)  # what the server is too slow for is not made up for
                for key, _ in selector.select(1 / flood if flood else 1):
                    client = key.data
                    client.receive()
                    if not client.answer.complete:
                        continue
                    if client not in asked:
                        found.flood[client.answer.status] += 1
                        idle.append(client)
                        continue
                    at = time.perf_counter()
                    found.waits.append((at - asked[client]) * 1000)
                    asked[client] = at
                    client.ask()
            found.spent = sum(map(processor_seconds, self.members)) - before
            for key in list(selector.get_map().values()):
                key.data.socket.close()
        return found

    def flooded(self, seconds: float, flood: float, polite: int = POLITE) -> Round:
        """Use up the bucket of the flooding vendor, which has filled meanwhile; then let it flood for a round."""
        client = Client(self.port, self.flood, [f"{USERS}0"])
        while client.answer.status != HTTPStatus.TOO_MANY_REQUESTS:
            client.ask()
            while not client.answer.complete:
                client.receive()
        client.socket.close()
        return self.round(seconds, flood, polite)


def token(district: Installation, port: int) -> str:
    """Make a connection with the limits every connection has; return an access token."""
    printed, *_ = district.manage("create_connection", "--application", "Flood", "--version", "1.2", "--json")
    made = json.loads(printed)
    form = f"grant_type=client_credentials&client_id={made['client_id']}&client_secret={made['client_secret']}"
    with urllib.request.urlopen(f"http://{HOST}:{port}/oauth2/token", form.encode()) as answer:
        return str(json.load(answer)["access_token"])


def tell(report: Report, flood: int, pairs: list[tuple[Round, Round]], lonely: Round) -> None:
    """Add the rows of what was seen."""
    alone, beside = ([each.rate for each in side] for side in zip(*pairs, strict=True))
    cost = statistics.median(1 - with_flood.rate / without.rate for without, with_flood in pairs)
    report.row(
        f"polite vendor, as fast as it can, beside a flood of {flood} requests/s",
        f"{statistics.median(beside):,.0f} answers/s, alone {statistics.median(alone):,.0f}: {cost:.1%} less",
        "10 % less",
    )
    waits = [statistics.median(statistics.median(each.waits) for each in side) for side in zip(*pairs, strict=True)]
    report.row("its median wait for a page", f"{waits[1]:.2f} ms beside the flood, {waits[0]:.2f} ms alone")
    one = sum(each.spent for each, _ in pairs) / sum(len(each.waits) for each, _ in pairs)
    refused = sum(each.flood[HTTPStatus.TOO_MANY_REQUESTS] for _, each in pairs)
    answered = sum(each.flood[HTTPStatus.OK] for _, each in pairs)
    seconds = sum(each.seconds for _, each in pairs)
    rest = (lonely.spent - one * lonely.flood[HTTPStatus.OK]) / lonely.flood[HTTPStatus.TOO_MANY_REQUESTS]
    report.row("what the flood got", f"{answered / seconds:.0f} answers/s, {refused / seconds:.0f} refusals/s")
    report.row(
        "processor of the server for one answer and for one refusal",
        f"{one * 1000:.3f} ms and {rest * 1000:.3f} ms",
    )


def main() -> None:
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.flood", description="Measure what a flood costs others.")
    parser.add_argument("--students", type=int, default=3_000, help="size of the district (default: 3,000)")
    parser.add_argument("--rate", type=int, default=200, help="requests a second of the flood (default: 200)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round (default: 4)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (default: 5)")
    options = parser.parse_args()
    report = Report(f"{options.students:,} students")
    port = free_port()
    with contextlib.ExitStack() as stack:
        district = stack.enter_context(installation(stack.enter_context(servers()), "interop_bench", port))
        district.manage("seed_district", "--students", str(options.students))
        district.manage("refresh_cache")
        process = stack.enter_context(serving("interop.wsgi:application", port, district.environment))
        server = Server(port, (process, district.postmaster()), district.token(port), token(district, port))
        server.round(options.seconds, 0)
        report.begin()
        pairs = [
            (server.round(options.seconds, 0), server.flooded(options.seconds, options.rate))
            for _ in range(options.rounds)
        ]
        tell(report, options.rate, pairs, server.flooded(options.seconds, options.rate, polite=0))


if __name__ == "__main__":
    main()
