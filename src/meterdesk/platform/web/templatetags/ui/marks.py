"""Small marks inside a line: icons, states, identifiers, moments, counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import lucide
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from meterdesk.platform.web.moments import (
    ago_words,
    clock_words,
    day_words,
    duration_words,
    moment_words,
    short_words,
)
from meterdesk.platform.web.templatetags.ui.library import library

KINDS = ("neutral", "info", "good", "warn", "bad", "paused")

_SHAPES = {
    "neutral": '<circle cx="5" cy="5" r="3.75" fill="none" stroke="currentColor" '
    'stroke-width="1.5"/>',
    "info": '<path d="M5 .4 9.6 5 5 9.6.4 5Z" fill="currentColor"/>',
    "good": '<circle cx="5" cy="5" r="4.5" fill="currentColor"/>',
    "warn": '<path d="M5 .6 9.8 9.4H.2Z" fill="currentColor"/>',
    "bad": '<path d="M.8.8h8.4v8.4H.8Z" fill="currentColor"/>',
    "paused": '<path d="M1.4.8h2.6v8.4H1.4ZM6 .8h2.6v8.4H6Z" fill="currentColor"/>',
}
_DRAWN = {
    kind: SafeString(
        '<svg class="shape" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">'
        f"{inside}</svg>"
    )
    for kind, inside in _SHAPES.items()
}

_CLOCKS = {
    "on_track": ("good", "On track"),
    "at_risk": ("warn", "At risk"),
    "breached": ("bad", "Breached"),
    "paused": ("paused", "Paused"),
    "met": ("neutral", "Met"),
}
_ROUND_HOURS = 10


def known_kind(kind: str) -> str:
    """Return the kind, refusing one that has no shape and colour.

    Raises:
        ValueError: the kind is not one of neutral, info, good, warn, bad, paused.
    """
    if kind not in KINDS:
        raise ValueError(f"A status is one of {', '.join(KINDS)}, not {kind!r}.")
    return kind


def shape(kind: str) -> SafeString:
    """Return the shape that goes with a kind's colour."""
    return _DRAWN[known_kind(kind)]


@lru_cache(maxsize=512)
def _icon(name: str, size: int) -> SafeString:
    markup = lucide._render_icon(name, size, stroke_width="1.75", aria_hidden="true")
    return mark_safe(markup)  # noqa: S308 - from the icon package, by name


@library.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """Draw an icon; without a label it is decoration and hidden from screen readers."""
    drawing = _icon(str(name), size)
    if not label:
        return drawing
    return format_html('{}<span class="vh">{}</span>', drawing, label)


@library.simple_tag
def status(kind: str, word: str) -> SafeString:
    """Draw a state as a word with a shape and a colour."""
    drawn = shape(kind)  # refuses what is no kind
    return SafeString(
        f'<span class="status {kind}">{drawn}<span>{conditional_escape(word)}</span></span>'
    )


@library.simple_tag
def ident(value: object, label: str = "", copy: bool = True, url: str = "") -> SafeString:
    """Draw an identifier in monospace with a copy button; `label` names it to screen readers.

    With `url` it leads there.
    """
    if value in (None, ""):
        return mark_safe('<span class="muted">None recorded</span>')
    button = (
        format_html(
            '<button type="button" class="copy" data-copy="{}" aria-label="Copy {}">{}</button>',
            value,
            label or value,
            _icon("copy", 14),
        )
        if copy
        else ""
    )
    if url:
        return format_html('<span class="ident"><a href="{}">{}</a>{}</span>', url, value, button)
    return format_html('<span class="ident"><span>{}</span>{}</span>', value, button)


@library.simple_tag
def kbd(keys: str) -> SafeString:
    """Draw keys to press one after the other: "g i"."""
    joined = " then ".join("<kbd>{}</kbd>" for _ in keys.split())
    return format_html(joined, *keys.split())


@library.filter(name="moment")
def moment_filter(at: datetime | None) -> str:
    """`{{ at|moment }}`: "22 Nov 2026 14:05 GMT"."""
    return moment_words(at) if at else ""


@library.filter
def day(on: date | datetime | None) -> str:
    """`{{ on|day }}`: "22 Nov 2026"."""
    return day_words(on) if on else ""


@library.filter
def ago(at: datetime | None) -> str:
    """`{{ at|ago }}`: "3 hours ago"."""
    return ago_words(at, now=timezone.now()) if at else ""


@library.filter
def clock(at: datetime | None) -> str:
    """`{{ at|clock }}`: "14:05 GMT"."""
    return clock_words(at) if at else ""


def _short(at: datetime | None) -> str:
    return short_words(at, now=timezone.now()) if at else ""


@library.filter
def duration(length: timedelta | None) -> str:
    """`{{ length|duration }}`: "3 h 20 min"."""
    return duration_words(length) if length is not None else ""


@library.simple_tag(name="moment")
def moment_tag(at: datetime | None, none: str = "Never", show: str = "moment") -> SafeString:
    """Draw a <time>; `show` is moment, short, ago (with the instant as a tooltip) or clock."""
    if at is None:
        return format_html('<span class="muted">{}</span>', none)
    full = moment_words(at)
    words = {"ago": ago, "clock": clock, "short": _short}.get(show, moment_filter)(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(timespec="seconds"), full, words
    )


@library.simple_tag
def freshness(at: datetime | None, source: str) -> SafeString:
    """Say how fresh the data is (SSI-NFR-35): "Registration data as of ...  (3 hours ago)"."""
    if at is None:
        return format_html('<span class="freshness">{}: nothing received yet</span>', source)
    return format_html(
        '<span class="freshness">{} as of <time datetime="{}">{}</time> ({})</span>',
        source,
        at.isoformat(timespec="seconds"),
        moment_words(at),
        ago(at),
    )


@library.simple_tag
def target_clock(
    state: str,
    due: datetime | None = None,
    remaining: timedelta | None = None,
    since: datetime | None = None,
    short: bool = False,
) -> SafeString:
    """Draw a target: state on_track, at_risk, breached, paused or met; working time remaining.

    `short` draws it in two lines that do not break, for tables.
    """
    kind, word = _CLOCKS[state]
    if short:
        return _short_clock(kind, word, since if state == "paused" else due, state, remaining)
    if state == "paused" and since:
        word = f"Paused since {moment_words(since)}"
    notes: list[str] = []
    if due and state != "paused":
        notes.append(f"Due {moment_words(due)}")
    if remaining is not None and state != "met":
        over = "over" if state == "breached" else "working time left"
        notes.append(f"{duration_words(remaining)} {over}")
    return format_html(
        '<span class="clock">{}<small>{}</small></span>', status(kind, word), ", ".join(notes)
    )


def _short_clock(
    kind: str, word: str, at: datetime | None, state: str, remaining: timedelta | None
) -> SafeString:
    """A state with the time left, and below it its instant, in the fewest words."""
    if remaining is not None and state != "met":
        hours = abs(remaining) // timedelta(hours=1)
        length = f"{hours:,} h" if hours >= _ROUND_HOURS else duration_words(remaining)
        word = f"{word}, {length} {'over' if state == 'breached' else 'left'}"
    lead = "Since" if state == "paused" else "Due"
    below = f"{lead} {short_words(at, now=timezone.now())}" if at else ""
    return format_html(
        '<span class="clock short">{}<small>{}</small></span>', status(kind, word), below
    )


@library.simple_tag
def count(shown: int, total: int, noun: str, capped: bool = False, first: int = 0) -> SafeString:
    """Draw "1 to 50 of 10,000+ incidents", or "50 of 10,000+" when `first` is not known."""
    whole = f"{total:,}{'+' if capped else ''}"
    if shown == total and not capped:
        text = f"{whole} {noun}"
    elif first:
        text = f"{first:,} to {first + shown - 1:,} of {whole} {noun}"
    else:
        text = f"{shown:,} of {whole} {noun}"
    return format_html('<span class="count" data-announce>{}</span>', text)


@library.simple_tag
def progress(
    value: int, maximum: int, label: str, poll_url: str = "", note: str = ""
) -> SafeString:
    """Draw a bar; with `poll_url` it asks for its successor every two seconds (X-Poll)."""
    poll: Iterable[Any] = (poll_url,) if poll_url else ()
    attributes = (
        format_html(
            ' hx-get="{}" hx-trigger="every 2s" hx-swap="outerHTML" '
            'hx-headers=\'{{"X-Poll":"1"}}\'',
            *poll,
        )
        if poll_url
        else ""
    )
    share = f"{value * 100 // maximum} %" if maximum else "Starting"
    return format_html(
        '<div class="progress"{}><div class="line"><span>{}</span><span>{}</span></div>'
        '<progress value="{}" max="{}" aria-label="{}"></progress>'
        '<small class="muted">{}</small></div>',
        attributes,
        label,
        share,
        value,
        maximum or 1,
        label,
        note,
    )
