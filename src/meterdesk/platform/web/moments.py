"""Instants and dates in words, always in Europe/London and always with the zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_HALF_A_YEAR = timedelta(days=180)
_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def moment_words(at: datetime) -> str:
    """Return an aware instant as "22 Nov 2026 14:05 GMT", Europe/London."""
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%b %Y %H:%M %Z}"


def short_words(at: datetime, *, now: datetime) -> str:
    """Return "22 Nov 14:05 GMT", Europe/London; with its year when half a year or more from now."""
    local = at.astimezone(LONDON)
    year = f" {local.year}" if abs(now - at) >= _HALF_A_YEAR else ""
    return f"{local.day} {local:%b}{year} {local:%H:%M %Z}"


def clock_words(at: datetime) -> str:
    """Return the time of day of an aware instant as "14:05 GMT", Europe/London."""
    return f"{at.astimezone(LONDON):%H:%M %Z}"


def day_words(on: date | datetime) -> str:
    """Return "22 Nov 2026"; an instant is taken on its day in Europe/London."""
    local = on.astimezone(LONDON) if isinstance(on, datetime) else on
    return f"{local.day} {local:%b %Y}"


def value_words(value: str) -> str:
    """Return a kept value as it is shown: "2024-10-19" as "19 Oct 2024", all else as it stands."""
    try:
        return day_words(date.fromisoformat(value)) if value.count("-") == 2 else value
    except ValueError:
        return value


def ago_words(at: datetime, *, now: datetime) -> str:
    """Return the distance from now in its largest whole unit: "3 hours ago", "in 2 days"."""
    gap = now - at
    size = abs(gap)
    for unit, name in _UNITS:
        count = size // unit
        if count:
            words = f"{count} {name}{'' if count == 1 else 's'}"
            return f"{words} ago" if gap > timedelta(0) else f"in {words}"
    return "just now"


def duration_words(length: timedelta) -> str:
    """Return a length as "3 h 20 min"; days are not used, since working days differ in length."""
    minutes = int(abs(length).total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
