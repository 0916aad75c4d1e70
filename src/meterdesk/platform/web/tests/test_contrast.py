"""Every pair of colours that meets on a screen has the contrast of WCAG 2.2 AA, in both themes."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[1] / "static" / "meterdesk" / "tokens.css"
TEXT, SHAPE = 4.5, 3.0
BACKGROUNDS = ("page", "surface", "sunken", "hover")
TONES = ("neutral", "info", "good", "warn", "bad", "paused")

PAIRS = [
    *[(front, back, TEXT) for front in ("text", "muted", "accent") for back in BACKGROUNDS],
    *[(tone, back, TEXT) for tone in TONES for back in ("page", "surface", "hover")],
    *[(tone, f"{tone}-soft", TEXT) for tone in TONES],
    *[(front, f"{tone}-soft", TEXT) for front in ("text", "accent") for tone in TONES],
    *[(front, "accent-soft", TEXT) for front in ("text", "accent", *TONES)],
    *[("on-accent", fill, TEXT) for fill in ("accent-fill", "accent-fill-hover")],
    *[("on-accent", fill, TEXT) for fill in ("bad-fill", "bad-fill-hover")],
    *[(front, back, SHAPE) for front in ("control", "focus") for back in ("page", "surface")],
    ("text", "select", TEXT),
]


def _blocks() -> dict[str, dict[str, tuple[str, str]]]:
    css = TOKENS.read_text()
    usual, more = css.split("@media (prefers-contrast: more)")
    colour = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);")
    first = {name: (light, dark) for name, light, dark in colour.findall(usual)}
    second = {name: (light, dark) for name, light, dark in colour.findall(more)}
    return {"usual": first, "more contrast": first | second}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    dark, light = sorted((_luminance(first), _luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_formula_knows_the_extremes() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("variant", ["usual", "more contrast"])
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_that_meet_can_be_told_apart(variant: str, theme: int) -> None:
    colours = _blocks()[variant]
    short = {
        f"{front} on {back}": round(ratio, 2)
        for front, back, least in PAIRS
        if (ratio := _contrast(colours[front][theme], colours[back][theme])) < least
    }
    assert short == {}
