"""One thing the doctor found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is: `broken` does not work or is not safe, `doubtful` should be looked at."""

    BROKEN = "broken"
    DOUBTFUL = "doubtful"
    FINE = "fine"


@dataclass(frozen=True)
class Finding:
    """What was found, and unless it is fine, what to do about it."""

    grade: Grade
    what: str
    remedy: str = ""


Check = Callable[[], Iterator[Finding]]


def fine(what: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Grade.FINE, what)


def doubtful(what: str, remedy: str) -> Finding:
    """Return that something should be looked at."""
    return Finding(Grade.DOUBTFUL, what, remedy)


def broken(what: str, remedy: str) -> Finding:
    """Return that something does not work or is not safe."""
    return Finding(Grade.BROKEN, what, remedy)
