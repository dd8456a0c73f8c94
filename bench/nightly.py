"""Twenty vendors who pull at once, each in its own way, as at night after the refresh; and tokens at full load."""

import selectors
import statistics
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.installation import Installation
from bench.load import HOST, Caller, Client, drive
from bench.reading import BASE, CRAWLED, EVERYTHING, Portal

NAIVE, DELTAS, ALL_IN_ONE, CRAWLERS = 8, 8, 2, 2
CLASSES = 1_000
"""A crawler asks for the students of so many classes."""


@dataclass
class Vendor:
    """One of the twenty: what it asks, one call after the other, and how long it waited for each answer."""

    kind: str
    client: Client
    began: float = 0.0
    waited: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def is_done(self) -> bool:
        """Whether it has asked for everything."""
        return self.client.turn == len(self.client.requests)

    def ask(self) -> None:
        """Send the next request."""
        self.began = time.perf_counter()
        self.client.ask()

    def answered(self) -> None:
        """Note the answer that has come in."""
        self.waited.append((time.perf_counter() - self.began) * 1000)
        self.refused += self.client.answer.status != 200


def nightly(portal: Portal, district: Installation, token: str, since: str) -> None:
    """Measure twenty pulls that begin at the same moment: how long all take, and how long each kind waits."""
    walks = dict(_walks(portal, token, since))
    kinds = [kind for kind, many in _KINDS.items() for _ in range(many)]
    vendors = [Vendor(kind, Client(portal.port, district.token(portal.port), walks[kind])) for kind in kinds]
    before, began = portal.spent(), time.perf_counter()
    _pull(vendors)
    seconds = time.perf_counter() - began
    calls, refused = sum(len(each.waited) for each in vendors), sum(each.refused for each in vendors)
    figure = f"{seconds:.1f} s, {calls:,} calls" + (f", {refused} REFUSED" if refused else "")
    portal.report.row(f"{len(vendors)} vendors pull at once", figure, processor=portal.each(before, calls))
    for kind, many in _KINDS.items():
        waited = sorted(ms for each in vendors if each.kind == kind for ms in each.waited)
        high = waited[int(len(waited) * 0.99)]
        portal.report.row(
            f"{many} of them {kind}",
            f"{statistics.median(waited):.1f} ms a call, p99 {high:.1f} ms ({len(waited):,} calls)",
        )


_KINDS = {
    "page by page at limit 100": NAIVE, "by what changed since yesterday": DELTAS,
    "by one call of each list": ALL_IN_ONE, f"class by class ({CLASSES:,} classes)": CRAWLERS,
}  # fmt: skip


def _walks(portal: Portal, token: str, since: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each kind with the paths its vendors ask for."""
    caller = Caller(portal.port, token)
    totals = {name: caller.get(f"{BASE}/{name}?limit=1").total for name in CRAWLED}
    naive, deltas, at_once, crawler = _KINDS
    yield (
        naive,
        [
            f"{BASE}/{name}?limit=100&offset={offset}"
            for name in ("orgs", "academicSessions", "courses", "classes", "users")
            for offset in range(0, totals[name], 100)
        ],
    )
    asked = urllib.parse.quote(f"dateLastModified>'{since}'")
    yield deltas, [f"{BASE}/{name}?limit=10000&filter={asked}" for name in CRAWLED]
    yield at_once, [f"{BASE}/{name}?limit={EVERYTHING}" for name in CRAWLED]
    classes = caller.ids(f"{BASE}/classes?limit={CLASSES}&fields=sourcedId")
    yield crawler, [f"{BASE}/classes/{urllib.parse.quote(each, safe='')}/students" for each in classes]


def _pull(vendors: list[Vendor]) -> None:
    """Let all ask until each has everything."""
    with selectors.DefaultSelector() as selector:
        for vendor in vendors:
            selector.register(vendor.client.socket, selectors.EVENT_READ, vendor)
            vendor.ask()
        while selector.get_map():
            for key, _ in selector.select(1):
                vendor = key.data
                vendor.client.receive()
                if not vendor.client.answer.complete:
                    continue
                vendor.answered()
                if vendor.is_done:
                    selector.unregister(vendor.client.socket)
                    vendor.client.socket.close()
                else:
                    vendor.ask()


def tokens(portal: Portal, district: Installation) -> None:
    """Measure access tokens: one connection signs in again and again over eight kept connections."""
    client_id, secret = district.credential()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret})
    request = (
        f"POST /oauth2/token HTTP/1.1\r\nHost: {HOST}:{portal.port}\r\nContent-Length: {len(form)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
    ).encode()
    found, costs = portal.measured(lambda: drive([Client.of(portal.port, [request]) for _ in range(8)], portal.seconds))
    portal.report.row("a token", str(found), "400 requests/s", processor=costs)
