"""Figures for Prometheus: requests, counted where they are answered, and the state of the portal, asked at each look.

Every label has few values: no name, no address, no id of a student ever stands in one. The web server runs in several
processes; each counts into a file of its own in PROMETHEUS_MULTIPROC_DIR, which `serve` and `portal` set.
"""

import os
from collections.abc import Iterator
from functools import cache
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from interop import vitals

COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
ROOM = 1 << 18
"""Bytes of each file a process counts into: several times what all labels together fill."""
_counted = CollectorRegistry()
_requests = Counter(
    "interop_requests", "Requests answered, by part of the portal, method and status",
    ("part", "method", "status"), registry=_counted,
)  # fmt: skip
_seconds = Histogram(
    "interop_request_seconds", "Time until an answer began, by part of the portal", ("part",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30), registry=_counted,
)  # fmt: skip


def count(part: str, method: str, status: int, seconds: float) -> None:
    """Count one answer; on a disk that was full when this process began, nothing is counted."""
    try:
        answered, took = _counters(part, method, status)
    except OSError:
        return
    answered.inc()
    took.observe(seconds)


@cache
def _take_room() -> None:
    """Take room on the disk for what this process counts, once. Raises OSError when there is none.

    The counters are mapped files with holes, and whoever writes into a hole on a full disk is killed.
    """
    if folder := os.environ.get(COUNTERS):
        for kind in ("counter", "histogram"):
            with Path(folder, f"{kind}_{os.getpid()}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, ROOM)


@cache
def _counters(part: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Return what counts such an answer. Raises OSError when there is no room for it."""
    _take_room()
    return _requests.labels(part, method, status), _seconds.labels(part)


class State(Collector):
    """The portal as it is now; what cannot be asked is left out, and says so by its `up`."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges."""
        for gauge in vitals.gauges():
            family = GaugeMetricFamily(
                f"interop_{gauge.name}", gauge.what, labels=(gauge.label,) if gauge.label else ()
            )
            for key, value in gauge.values.items():
                family.add_metric((key,) if gauge.label else (), value)
            yield family


def view(request: HttpRequest) -> HttpResponse:
    """Answer /metrics to whoever may read it; to all others it does not exist."""
    if not may_read(request):
        return HttpResponse("404\n", status=404, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(State())
    if os.environ.get(COUNTERS):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it without types
        text = generate_latest(registry)
    else:
        text = generate_latest(registry) + generate_latest(_counted)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def may_read(request: HttpRequest) -> bool:
    """Return whether the caller has the token, or comes from an allowed network (this machine unless said otherwise).

    The proxy hands requests on with the address they came from, so nobody reads the figures through it.
    """
    token = settings.METRICS_TOKEN
    given = str(request.META.get("HTTP_AUTHORIZATION", ""))
    if token and compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    try:
        address = ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_ALLOWED)
