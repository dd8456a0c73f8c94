"""Vendors who read at a fixed rate: how long their calls wait while nothing else happens, and during a full refresh.

Some of what a refresh costs them is this machine's: as much as two processes that do nothing but count, and give way.
"""

import contextlib
import dataclasses
import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bench.installation import ROOT, Installation
from bench.load import GOOD, Caller, Client
from bench.reading import BASE, Portal, spread

RATE, CONNECTIONS = 200, 16
"""Requests a second, evenly spaced, and how many of them can be on their way."""
LIMIT = 100
QUIET_SECONDS, WARM_SECONDS = 10.0, 2.0


@dataclasses.dataclass
class Waits:
    """Milliseconds of each call from the moment it was due, and how many were refused."""

    each: list[float] = dataclasses.field(default_factory=list)
    refused: int = 0

    def at(self, share: float) -> float:
        """Return what this share of the calls waited at most."""
        return sorted(self.each)[int(len(self.each) * share)]

    def __str__(self) -> str:
        """Return it as the tables tell it."""
        told = f", {self.refused} REFUSED" if self.refused else ""
        return f"p50 {self.at(0.5):.2f} ms, p99 {self.at(0.99):.2f} ms ({len(self.each):,} calls{told})"


def during_a_refresh(portal: Portal, district: Installation, token: str) -> None:
    """Measure pages of 100 users at a fixed rate, before a refresh that writes every record anew, and during it.

    That refresh is told another address of the portal, which every record bears; so no other may follow this.
    """
    url = f"{BASE}/users?limit={LIMIT}"
    full = Caller(portal.port, token).get(url).total // LIMIT or 1
    paths = [f"{url}&offset={page * LIMIT}" for page in spread(full)]
    moved = dataclasses.replace(district, environment=district.environment | {"PUBLIC_URL": "http://localhost:8000"})
    read(portal.port, token, paths, _after(WARM_SECONDS))
    before = read(portal.port, token, paths, _after(QUIET_SECONDS))
    with _busy():
        beside = read(portal.port, token, paths, _after(QUIET_SECONDS))
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(moved.manage, "refresh_cache", "--yes")
        during = read(portal.port, token, paths, refreshing.done)
    refresh, who = refreshing.result(), f"{RATE} requests/s of users?limit={LIMIT}"
    portal.report.row(f"{who}, nothing else", str(before))
    portal.report.row(
        f"{who}, while something counts on each processor and gives way",
        f"{beside}; p99 {beside.at(0.99) / before.at(0.99):.2f} times as long",
    )
    portal.report.row(
        f"{who}, during a refresh of everything ({refresh.seconds:.1f} s, {refresh.megabytes:.0f} MB at most)",
        f"{during}; p99 {during.at(0.99) / before.at(0.99):.2f} times as long",
        "1.5 times, 500 MB",
    )


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """Have a process count on each processor, in a session of its own as refreshes are."""
    command = [sys.executable, "-m", "bench.busy"]
    counting = [subprocess.Popen(command, cwd=ROOT, start_new_session=True) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for each in counting:
            each.kill()
            each.wait()


def read(port: int, token: str, paths: list[str], is_over: Callable[[], bool]) -> Waits:
    """Ask for pages at the fixed rate until it is over, and wait for the last.

    A call is due at its time whether or not there is a connection for it: what the server is too slow for counts.
    """
    found, sent, due = Waits(), 0, dict[Client, float]()
    idle = deque(Client(port, token, paths[at:] + paths[:at]) for at in range(min(CONNECTIONS, len(paths))))
    with selectors.DefaultSelector() as selector:
        for client in idle:
            selector.register(client.socket, selectors.EVENT_READ, client)
        began = time.perf_counter()
        over = False
        while due or not over:
            over = over or is_over()
            while idle and not over and sent / RATE <= time.perf_counter() - began:
                client = idle.popleft()
                due[client] = began + sent / RATE
                client.ask()
                sent += 1
            until_next = began + sent / RATE - time.perf_counter() if idle and not over else 1
            for key, _ in selector.select(max(until_next, 0)):
                client = key.data
                client.receive()
                if client.answer.complete:
                    found.each.append((time.perf_counter() - due.pop(client)) * 1000)
                    found.refused += client.answer.status not in GOOD
                    idle.append(client)
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return found


def _after(seconds: float) -> Callable[[], bool]:
    """Return what says whether so many seconds have gone by."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end
