"""The map of coverage, drawn here as SVG beside the table that says the same."""

from collections.abc import Sequence
from math import ceil, floor
from statistics import fmean
from typing import Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from meterdesk.coverage.queries.maps import Placed
from meterdesk.coverage.rules.maps import Frame, Mark, frame_of

register = template.Library()

_SHAPES: Final = {
    Mark.HIGH: '<circle r="4"/>',
    Mark.MEDIUM: '<path d="M0-5.2 5.2 4.2H-5.2Z"/>',
    Mark.LOW: '<path d="M-4-4H4V4H-4Z"/>',
    Mark.WITHOUT: '<path d="M-4-4 4 4M4-4-4 4"/>',
    Mark.UNSAID: '<circle r="3"/>',
}
"""A shape a mark, for those who do not tell the colours apart; about 10 units wide."""
_STEPS: Final = (500, 1_000, 5_000, 10_000, 50_000, 100_000)


@register.simple_tag
def coverage_map(title: str, marks: Sequence[Placed], name: str, is_country: bool) -> SafeString:
    """A figure with a linked mark for each place and a legend.

    The drawing is for the eye and the pointer; the table beside it has every link and value, so
    neither the keyboard nor a screen reader walks through thousands of marks.

    Args:
        title: what is drawn.
        marks: one at least.
        name: the parameter of the coverage page that a mark's link fills.
        is_country: whether letters of postcode areas stand on the map.
    """
    frame = frame_of([(one.easting, one.northing) for one in marks], 0.55 if is_country else 1.8)
    step = next((one for one in _STEPS if frame.metres * 900 / one < 14), _STEPS[-1])
    size = 0.75 if len(marks) > 1_000 else 1.0 if len(marks) > 200 else 1.4
    symbols = format_html_join(
        "",
        '<g id="mark-{}">{}</g>',
        ((mark.value, mark_safe(shape)) for mark, shape in _SHAPES.items()),  # noqa: S308  ours
    )
    drawn = format_html_join(
        "",
        '<a href="?{}" tabindex="-1" class="{}"><title>{}: {}</title>'
        '<use href="#mark-{}" transform="translate({} {}) scale({})"/></a>',
        (
            (
                urlencode({name: one.code}), one.mark.value, one.code, one.words, one.mark.value,
                *(f"{at:.1f}" for at in frame.at(one.easting, one.northing)), size,
            )
            for one in marks
        ),
    )  # fmt: skip
    return format_html(
        '<figure class="map {}"><svg viewBox="0 0 {} {}" aria-hidden="true"><defs>{}</defs>'
        '<path class="grid" d="{}"/>{}{}</svg>'
        "<figcaption><p>{} Lines are {} apart. The table has the same.</p><ul>{}</ul>"
        "</figcaption></figure>",
        "" if is_country else "wide",
        frame.width,
        frame.height,
        symbols,
        _grid(frame, step),
        drawn,
        _areas(frame, marks) if is_country else "",
        title,
        f"{step // 1_000} km" if step >= 1_000 else f"{step} m",
        _legend(marks),
    )


def _grid(frame: Frame, step: int) -> str:
    """Lines of the National Grid as the data of one path, on both sides beyond the frame.

    A window wider than the frame shows what is beside it.
    """
    beyond = frame.width * frame.metres
    low = frame.top - frame.height * frame.metres
    lines = []
    for at in range(
        ceil((frame.left - beyond) / step), floor((frame.left + 2 * beyond) / step) + 1
    ):
        lines.append(f"M{frame.at(at * step, 0)[0]:.1f} 0V{frame.height}")
    for at in range(ceil(low / step), floor(frame.top / step) + 1):
        lines.append(f"M{-frame.width} {frame.at(0, at * step)[1]:.1f}H{2 * frame.width}")
    return "".join(lines)


def _areas(frame: Frame, marks: Sequence[Placed]) -> SafeString:
    """Letters above postcode areas, where they have room: where one is, without a coastline."""
    areas: dict[str, list[Placed]] = {}
    for one in marks:
        letters = one.code[:2] if one.code[1:2].isalpha() else one.code[:1]
        areas.setdefault(letters, []).append(one)
    placed: list[tuple[str, float, float]] = []
    for letters, some in sorted(areas.items(), key=lambda area: -len(area[1])):
        top = max(some, key=lambda one: one.northing)
        x, y = frame.at(fmean(one.easting for one in some), top.northing)
        if all(abs(x - left) > 30 or abs(y - over) > 20 for _letters, left, over in placed):
            placed.append((letters, x, y))
    return format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((f"{x:.1f}", f"{y - 13:.1f}", letters) for letters, x, y in placed),
    )


def _legend(marks: Sequence[Placed]) -> SafeString:
    counts = {mark: sum(one.mark is mark for one in marks) for mark in Mark}
    order = (Mark.HIGH, Mark.MEDIUM, Mark.LOW, Mark.WITHOUT, Mark.UNSAID)
    return format_html_join(
        "",
        "<li>{}{} {}</li>",
        ((_key(one), one.word, f"{counts[one]:,}") for one in order),
    )


def _key(mark: Mark) -> SafeString:
    return format_html(
        '<svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true" class="map-key {}">'
        '<use href="#mark-{}"/></svg>',
        mark.value,
        mark.value,
    )


@register.simple_tag
def mark_word(mark: Mark) -> SafeString:
    """A mark as on the map, with its word; stands on a page that has the map."""
    return format_html('<span class="map-word">{}{}</span>', _key(mark), mark.word)
