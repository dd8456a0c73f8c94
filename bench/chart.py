"""The chart of a run: records a second of the portal beside both references, as a picture that fits light and dark."""

import math
from collections.abc import Iterator
from html import escape

from bench.report import Compared, Report

WIDTH, LEFT, RIGHT, TOP, STEP = 920, 200, 236, 118, 44
STYLE = """
  .ground { fill: #ffffff } text { fill: #1f2328; font: 13px system-ui, sans-serif } .title { font-size: 17px }
  .quiet { fill: #59636e } .grid { stroke: #d8dee4 } .span { stroke: #afb8c1; stroke-width: 2 }
  .portal { fill: #0b62c4; stroke: #0b62c4 } .django { fill: #b35900; stroke: #b35900 }
  .static { fill: #59636e; stroke: #59636e }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #30363d }
    .span { stroke: #59636e } .portal { fill: #58a6ff; stroke: #58a6ff } .django { fill: #f0a35e; stroke: #f0a35e }
    .static { fill: #9198a1; stroke: #9198a1 }
  }
"""
MARKS = {
    "portal": '<circle cx="{x:.1f}" cy="{y:.1f}" r="7"/>',
    "django": '<path d="M{x:.1f} {y:.1f}m0 -8l8 8l-8 8l-8 -8z"/>',
    "static": '<path d="M{x:.1f} {y:.1f}m-3 -9h6v18h-6z"/>',
}
NAMES = {"portal": "Portal", "django": "Django from memory", "static": "Static bytes"}


def chart(report: Report) -> str:
    """Return the chart as SVG; there have to be measures beside references."""
    values = [value for each in report.compared for value in (each.portal, each.django, each.static)]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    height = TOP + STEP * len(report.compared) + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>Records a second, {escape(report.subject)}</title><style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>',
        _text(24, 34, f"Records a second, {report.subject}", "title"),
        _text(24, 56, report.conditions, "quiet"),
        *_legend(),
        *_grid(low, high, height),
    ]
    for number, each in enumerate(report.compared):
        parts += _row(each, TOP + STEP * number + STEP / 2, low, high)
    return "\n".join([*parts, "</svg>", ""])


def _row(each: Compared, y: float, low: int, high: int) -> Iterator[str]:
    """Yield one list: its name, a mark for each server, and the shares."""
    places = {kind: _place(getattr(each, kind), low, high) for kind in MARKS}
    yield _text(LEFT - 20, y + 4, each.measure, "", anchor="end")
    yield f'<path class="span" d="M{min(places.values()):.1f} {y:.1f}H{max(places.values()):.1f}"/>'
    for kind in ("static", "django", "portal"):
        told = f"<title>{NAMES[kind]}: {getattr(each, kind):,.0f}</title>"
        yield f'<g class="{kind}">{told}{MARKS[kind].format(x=places[kind], y=y)}</g>'
    shares = f"{each.portal / each.static:.0%} of static, {each.portal / each.django:.0%} of Django"
    yield _text(WIDTH - 20, y + 4, shares, "quiet", anchor="end")


def _legend() -> Iterator[str]:
    x = LEFT
    for kind, name in NAMES.items():
        yield f'<g class="{kind}">{MARKS[kind].format(x=x, y=82)}</g>'
        yield _text(x + 16, 86, name)
        x += 40 + 8 * len(name)


def _grid(low: int, high: int, height: int) -> Iterator[str]:
    """Yield the lines of the scale and what they stand for: as many as have room."""
    for power in range(low, high + 1):
        for factor in (1, 2, 5) if high - low < 3 else (1,):
            value = factor * 10**power
            if value <= 10**high:
                x = _place(value, low, high)
                yield f'<path class="grid" d="M{x:.1f} {TOP - 8}V{height - 34}"/>'
                yield _text(x, height - 16, _short(value), "quiet", anchor="middle")


def _place(value: float, low: int, high: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(value) - low) / (high - low)


def _short(value: int) -> str:
    return f"{value // 10**6} M" if value >= 10**6 else f"{value // 1000} k" if value >= 1000 else str(value)


def _text(x: float, y: float, text: str, style: str = "", *, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
