"""Charts drawn here as SVG, beside the table that says the same in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from meterdesk.platform.web.templatetags.ui.library import library

_HEIGHT, _TOP, _LEFT, _BAR = 200, 10, 56, 24
_FLOOR = _HEIGHT - 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what stands below it (may be empty), what it is, and its parts from the bottom up."""

    label: str
    name: str
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """What a part of every bar is: its name, and its kind (`good`, `bad`, `info` or `neutral`)."""

    name: str
    kind: str


def _ceiling(largest: int) -> int:
    """The first of 1, 2, 4, 5, 10, 20 ... that is not below the largest bar."""
    power = 10 ** max(0, ceil(log10(largest)) - 1) if largest > 1 else 1
    return next(power * step for step in (1, 2, 4, 5, 10) if power * step >= largest)


@library.simple_tag
def stacked_bars(title: str, bars: Sequence[Bar], series: Sequence[Series]) -> SafeString:
    """Bars of stacked parts with a scale and a legend; colour and pattern tell parts apart."""
    top = _ceiling(max((sum(bar.parts) for bar in bars), default=1))
    width = _LEFT + _BAR * len(bars)
    lines = {round(top * share): _FLOOR - (_FLOOR - _TOP) * share for share in (0, 0.5, 1)}
    scale = format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" class="scale">{}</text>',
        (
            (_LEFT, width, f"{y:.1f}", f"{y:.1f}", _LEFT - 6, f"{y + 4:.1f}", f"{at:,}")
            for at, y in lines.items()
        ),
    )
    drawn = format_html_join(
        "", "{}", ((_bar(bar, place, top, series),) for place, bar in enumerate(bars))
    )
    legend = format_html_join(
        "",
        '<li><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">'
        '<rect width="12" height="12" class="{}"/></svg>{}</li>',
        ((one.kind, one.name) for one in series),
    )
    return format_html(
        '<figure class="chart"><div class="scroll" tabindex="0" role="region" aria-label="{}">'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}"><defs><pattern id="chart-hatch" '
        'width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="5" height="5"/><line x1="0" y1="0" x2="0" y2="5"/></pattern></defs>'
        "{}{}</svg></div><figcaption><ul>{}</ul></figcaption></figure>",
        title,
        width,
        _HEIGHT,
        f"{title}; the table has the numbers.",
        scale,
        drawn,
        legend,
    )


def _bar(bar: Bar, place: int, top: int, series: Sequence[Series]) -> SafeString:
    x = _LEFT + place * _BAR
    heights = [0.0]
    for part in bar.parts:
        heights.append(heights[-1] + part * (_FLOOR - _TOP) / top)
    rects = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>',
        (
            (x + 4, f"{_FLOOR - above:.1f}", _BAR - 8, f"{above - below:.1f}", one.kind)
            for (below, above), one in zip(pairwise(heights), series, strict=True)
            if above > below
        ),
    )
    said = ", ".join(
        f"{one.name} {part:,}" for one, part in zip(series, bar.parts, strict=True) if part
    )
    label = format_html(
        '<text x="{}" y="{}" class="label">{}</text>', x + _BAR // 2, _HEIGHT - 6, bar.label
    )
    return format_html("<g><title>{}: {}</title>{}{}</g>", bar.name, said or "none", rects, label)
