"""How much tools may ask: the bucket and the places of vendors (connections/limits.py), by the district's numbers.

A tool's requests count together, whatever address they are for. Browsers on the way of a launch cannot be told apart
before they have shown what they were given, and a whole school may come from one address: of theirs only those count
that show nothing of ours. Whoever was told to wait and asks on is told so again without asking the database.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from connections import limits
from connections.limits import Limits, TooMany
from connections.models import SharingSettings
from connections.networks import plain
from connections.oauth2 import refusal
from lti.models import Tool

TOO_OFTEN = "Too many requests. Wait before the next one."
_waiting = limits.Waiting[None]()


def program(request: HttpRequest) -> str:
    """Return who asks at a service address, before anything is known of the token."""
    return request.headers.get("Authorization", "")


def browser(request: HttpRequest) -> str:
    """Return who asks on the way of a launch, before anything is known of the person."""
    return f"lti {plain(str(request.META.get('REMOTE_ADDR', '')))}"


def still_waits(who: str) -> TooMany | None:
    """Return the wait that this program or browser was told to do; None: it may go on."""
    found = _waiting.left(who, time.monotonic())
    return found and found[0]


def counted(tool: Tool, district: SharingSettings, work: Callable[[], HttpResponse], who: str = "") -> HttpResponse:
    """Return what `work` answers a tool, with what it may ask still; 429 when it has to wait, and `who` with it."""
    most = _most(district)
    try:
        turn = limits.come_in(f"tool {tool.pk}", most)
    except TooMany as wait:
        _waiting.remember(who, wait, time.monotonic(), None)
        return _with(too_often(wait), wait.headers(most))
    try:
        return _with(work(), turn.headers(most))
    finally:
        turn.give_back()


def one_more_stranger(who: str) -> TooMany | None:
    """Count a browser that came without anything of ours; return how long its address has to wait, if it has to."""
    try:
        limits.come_in(who, _most(SharingSettings.load())._replace(at_once=0))
    except TooMany as wait:
        _waiting.remember(who, wait, time.monotonic(), None)
        return wait
    return None


def too_often(wait: TooMany) -> HttpResponse:
    """Return the answer to a program that asks too often."""
    return _with(refusal(429, "temporarily_unavailable", TOO_OFTEN), {"Retry-After": str(wait.seconds)})


def _most(district: SharingSettings) -> Limits:
    return Limits(district.bucket, district.refill, district.at_once)


def _with(answer: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        answer.headers[name] = value
    return answer
