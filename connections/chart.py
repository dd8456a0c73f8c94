"""A chart of calls and errors as it is drawn: bars in a picture of fixed size, which the page scales."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from interop.dates import count_words

HEIGHT, TOP, FOOT, LEFT = 220, 24, 24, 56
LINES = 4
FEW = 24
"""Up to so many points each error bar has its number, and each point its label."""
HALF = 20
"""Half of a label: one that would not fit below the last bar is left out."""
CLOSE, HIGH, LOW = 18, 10, 22
"""Numbers of marks closer than this would touch; at these heights they stand."""
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Point:
    """One hour or day: its label, a longer one for the table, and what happened.

    `events` are sentences, and `number` the mark they are explained by.
    """

    label: str
    full: str
    calls: int
    errors: int
    records: int
    events: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True)
class Bar:
    """One point as it is drawn; `number` is written above the errors, `label` below the axis."""

    x: float
    width: float
    y: float
    height: float
    error_x: float
    error_width: float
    error_y: float
    error_height: float
    middle: float
    number: str
    label: str


@dataclass(frozen=True)
class Mark:
    """A dashed line where something was done: its number at the height `y`, explained below the picture."""

    x: float
    y: float
    number: int


@dataclass(frozen=True)
class Line:
    """One line of the grid with its figure."""

    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Everything the picture is made of."""

    width: int
    bars: Sequence[Bar]
    lines: Sequence[Line]
    marks: Sequence[Mark]

    height, left, foot, labels = HEIGHT + TOP + FOOT, LEFT, HEIGHT + TOP, HEIGHT + TOP + 18


def chart(points: Sequence[Point], width: int) -> Chart:
    """Return the drawing of the points, the highest of them as high as the picture."""
    top = _round_up(max((max(point.calls, point.errors) for point in points), default=0))
    step = (width - LEFT) / max(len(points), 1)
    every = -(-len(points) * 56 // (width - LEFT)) if points else 1
    bars = []
    for place, point in enumerate(points):
        x, calls, errors = LEFT + place * step, _high(point.calls, top), _high(point.errors, top)
        wide, narrow = min(step * 0.5, 40), min(max(step * 0.18, 3), 10)
        start = x + (step - wide - narrow) / 2
        bars.append(
            Bar(
                round(start, 1), round(wide, 1), round(TOP + HEIGHT - calls, 1), calls,
                round(start + wide + 1, 1), round(narrow, 1), round(TOP + HEIGHT - errors, 1), errors,
                round(x + step / 2, 1),
                count_words(point.errors) if point.errors and len(points) <= FEW else "",
                point.label if (len(points) - 1 - place) % every == 0 and x + step / 2 + HALF <= width else "",
            )
        )  # fmt: skip
    lines = [Line(round(TOP + HEIGHT * (1 - n / LINES), 1), _figure(top * n / LINES)) for n in range(LINES + 1)]
    return Chart(width, bars, lines, list(_marks(points, [bar.middle for bar in bars])))


def _marks(points: Sequence[Point], middles: Sequence[float]) -> Iterator[Mark]:
    """Yield a mark for each point at which something was done; of two close ones the second has its number lower."""
    before = Mark(-CLOSE, HIGH, 0)
    for point, middle in zip(points, middles, strict=True):
        if point.number:
            low = middle - before.x < CLOSE and before.y == HIGH
            before = Mark(middle, LOW if low else HIGH, point.number)
            yield before


def sentence(points: Sequence[Point]) -> str:
    """Return what the chart says."""
    calls, errors = sum(point.calls for point in points), sum(point.errors for point in points)
    if not calls and not errors:
        return _("No calls in this time.")
    best = max(points, key=lambda point: point.calls)
    said = _("%(calls)s answered calls, most of them %(when)s: %(most)s.") % {
        "calls": count_words(calls), "when": best.full, "most": count_words(best.calls),
    }  # fmt: skip
    return f"{said} {_('%s refused or failed.') % count_words(errors)}" if errors else said


def _high(number: int, top: float) -> float:
    """Return the height of a bar; what happened at all is seen."""
    return max(round(number / top * HEIGHT, 1), 2) if number else 0


def _round_up(most: int) -> float:
    """Return a round number that is at least this one and divides by the number of lines."""
    size = 1.0
    while True:
        for step in STEPS:
            top = step * size * LINES
            if top >= most and top == int(top) and int(top) % LINES == 0:
                return top
        size *= 10


def _figure(number: float) -> str:
    return count_words(int(number))
