"""What the roster tells about published data. The roster stands above this app, so its functions are known by name."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from django.utils.module_loading import import_string

from connections.models import Connection

COUNTS = "roster.seen.shared_with"
GROUPS = "roster.publishing.status.groups"
SCHEDULE = "roster.timetable.told"
CAUTION = "roster.scheduling.warning"
READINESS = "roster.checks.before.before_enabling"


class Group(Protocol):
    """Records that are refreshed together: their name, and when vendors last got something new of them."""

    title: str
    at: dt.datetime | None


class Noted(Protocol):
    """What a check of Readiness found: how many records, why it matters, whether to ask first, and the list of them."""

    title: str
    why: str
    number: int
    blocks: bool
    url: str


def counts(connection: Connection) -> Mapping[str, int]:
    """Return how many records each switch of the connection stands for today, the people under `roster`."""
    told: Mapping[str, int] = import_string(COUNTS)(connection)
    return told


def groups() -> Sequence[Group]:
    """Return the groups of records, each with the time of its last change."""
    told: Mapping[str, Group] = import_string(GROUPS)()
    return list(told.values())


def refreshed() -> str:
    """Return in words when the portal publishes by itself."""
    return str(import_string(SCHEDULE)())


def caution() -> str:
    """Return what to tell somebody who lets a vendor in before scheduling is final; blank when it is."""
    return str(import_string(CAUTION)())


def readiness(connection: Connection) -> Sequence[Noted]:
    """Return what Readiness finds for a connection before its vendor is let in, what blocks first."""
    told: Sequence[Noted] = import_string(READINESS)(connection)
    return told
