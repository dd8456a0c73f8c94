"""Every pair of text and ground, and of edge and ground, keeps the contrast WCAG 2.2 AA asks for, in both themes."""

import re
from pathlib import Path

import pytest

SHEET = Path(__file__).parents[2] / "static" / "interop" / "tokens.css"
SHEETS = [*SHEET.parent.glob("*.css"), SHEET.parents[1] / "api" / "docs.css"]
TEXT, EDGE = 4.5, 3.0
BLACK_ON_WHITE = {"#fff", "#000"}
"""What a camera reads looks alike in both themes."""
GROUNDS = ("page", "surface")
PAIRS = [
    *((ink, ground, TEXT) for ground in (*GROUNDS, "sunken", "raised") for ink in ("ink", "ink-2", "ink-3")),
    *((ink, ground, TEXT) for ground in GROUNDS for ink in ("accent", "accent-hover", "green", "amber", "red", "plum")),
    *((f"on-{ground}", ground, TEXT) for ground in ("accent", "green", "red", "header", "card", "count")),
    *((f"on-{hue}-soft", f"{hue}-soft", TEXT) for hue in ("accent", "green", "amber", "red", "plum")),
    *(("ink", f"{hue}-soft", TEXT) for hue in ("accent", "green", "amber", "red", "plum")),
    ("on-header-2", "header", TEXT),
    ("on-header", "header-field", TEXT),
    *((ink, "card", TEXT) for ink in ("on-card-2", "card-link", "card-warning")),
    ("on-card", "card-field", TEXT),
    *(("control", ground, EDGE) for ground in (*GROUNDS, "sunken")),
    *(("focus", ground, EDGE) for ground in (*GROUNDS, "sunken")),
    ("focus-on-header", "header", EDGE),
    ("joint", "header", EDGE),
    ("header-edge", "header", EDGE),
    ("bar", "surface", EDGE),
]


def themes() -> tuple[dict[str, str], dict[str, str]]:
    """Return the colours of the light theme and of the dark one by token."""
    light, dark = {}, {}
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", SHEET.read_text(encoding="utf-8")):
        colours = re.findall(r"#[0-9a-f]{6}", value)
        if colours and "rgb" not in value:
            light[name], dark[name] = colours[0], colours[-1]
    return light, dark


def luminance(colour: str) -> float:
    """Return the relative luminance as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast_holds(theme: int) -> None:
    colours = themes()[theme]
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    low = {
        (front, ground): round(found, 2)
        for front, ground, least in PAIRS
        if (found := contrast(colours[front], colours[ground])) < least
    }
    assert low == {}


def test_colours_stand_in_the_tokens_and_every_token_used_exists() -> None:
    defined = set(re.findall(r"(--[\w-]+):", "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)))
    for sheet in SHEETS:
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined, sheet.name
        colours = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;,)\s])|rgba?\(|hsla?\(", text)
        assert sheet == SHEET or set(colours) <= BLACK_ON_WHITE, sheet.name
