"""Charts of test scores as they are drawn: figures of fixed size that a page scales, made of attributes alone.

Numbers are text already, with a point: in attributes no language writes them otherwise.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from interop.dates import count_words

WIDTH, HEIGHT, LEFT, TOP, FOOT = 320, 120, 44, 22, 26
"""The trend of one student."""
BARS_HEIGHT, BARS_LEFT, LINES = 180, 52, 4
FEW = 8
"""Up to so many dots each have their number; of more, the first and the last."""
STEPS = (1, 2, 5, 10)
HALF = 30
"""Half of a label: one that would not fit below the last bar is left out."""


@dataclass(frozen=True)
class Dot:
    """One score: where it stands and what it says; blank: no room."""

    x: str
    y: str
    told: str


@dataclass(frozen=True)
class Line:
    """One line of the grid with its figure."""

    y: str
    told: str


@dataclass(frozen=True)
class Label:
    """Words below the chart."""

    x: str
    anchor: str
    told: str


@dataclass(frozen=True)
class Trend:
    """Scores of one student over time."""

    dots: Sequence[Dot]
    path: str
    lines: Sequence[Line]
    labels: Sequence[Label]

    width, height, left, text = WIDTH, TOP + HEIGHT + FOOT, LEFT, LEFT - 8


@dataclass(frozen=True)
class Bar:
    """One span of scores: how many students have one in it."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    number: str
    told: str


@dataclass(frozen=True)
class Bars:
    """How the scores of many are spread."""

    width: int
    bars: Sequence[Bar]
    lines: Sequence[Line]

    height, left, text = TOP + BARS_HEIGHT + FOOT, BARS_LEFT, BARS_LEFT - 8
    foot, labels = TOP + BARS_HEIGHT, TOP + BARS_HEIGHT + 18


def trend(
    points: Sequence[tuple[dt.date, Decimal, str]], days: Sequence[str], low: Decimal | None, high: Decimal | None
) -> Trend | None:
    """Return the drawing of (day, score, score in words), oldest first, within the scale; None for fewer than two.

    `days` are the first and the last day in words. A side of the scale that is not known is the outermost score's.
    """
    if len(points) < 2:
        return None
    numbers = [number for _day, number, _told in points]
    bottom = min([*numbers, *([low] if low is not None else [])])
    top = max([*numbers, *([high] if high is not None else [])])
    if bottom == top:
        bottom, top = bottom - 1, top + 1
    first, span = points[0][0], max((points[-1][0] - points[0][0]).days, 1)
    inner = WIDTH - LEFT - 2 * FOOT
    dots = []
    for place, (day, number, told) in enumerate(points):
        along = (day - first).days / span if points[-1][0] > first else place / (len(points) - 1)
        named = len(points) <= FEW or place in (0, len(points) - 1)
        y = TOP + HEIGHT * float((top - number) / (top - bottom))
        dots.append(Dot(_at(LEFT + FOOT + inner * along), _at(y), told if named else ""))
    lines = [Line(_at(TOP + HEIGHT * part), _told(top - (top - bottom) * Decimal(part))) for part in (0, 0.5, 1)]
    labels = [Label(_at(LEFT + FOOT), "start", days[0]), Label(_at(WIDTH - FOOT), "end", days[-1])]
    return Trend(dots, " ".join(f"{dot.x},{dot.y}" for dot in dots), lines, labels)


def bars(bins: Sequence[tuple[Decimal, Decimal, int]], width: int) -> Bars:
    """Return the drawing of (lowest, highest, how many), with the number on every bar."""
    top = _round_up(max((number for _low, _high, number in bins), default=0))
    step = (width - BARS_LEFT) / max(len(bins), 1)
    drawn = []
    every = -(-len(bins) * 76 // (width - BARS_LEFT)) if bins else 1
    for place, (low, high, number) in enumerate(bins):
        x, height = BARS_LEFT + place * step, max(number / top * BARS_HEIGHT, 2) if number else 0
        named = place % every == 0 and x + step / 2 + HALF <= width
        drawn.append(
            Bar(
                _at(x + step * 0.08), _at(TOP + BARS_HEIGHT - height), _at(step * 0.84), _at(height),
                _at(x + step / 2), count_words(number) if number else "", span(low, high) if named else "",
            )
        )  # fmt: skip
    lines = [Line(_at(TOP + BARS_HEIGHT * (1 - n / LINES)), count_words(top * n // LINES)) for n in range(LINES + 1)]
    return Bars(width, drawn, lines)


def span(low: Decimal, high: Decimal) -> str:
    """Return a span of scores in words."""
    return _told(low) if low == high else f"{_told(low)}–{_told(high)}"


def _round_up(most: int) -> int:
    """Return a round number that is at least this one and divides by the number of lines."""
    size = 1
    while True:
        for step in STEPS:
            if step * size * LINES >= most:
                return step * size * LINES
        size *= 10


def _told(number: Decimal) -> str:
    shown = round(number, 2).normalize()
    return f"{shown:f}" if shown else "0"


def _at(place: float) -> str:
    return f"{place:.1f}"
