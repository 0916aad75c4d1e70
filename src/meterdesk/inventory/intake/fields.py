"""Single values of a row or object, read with care and refused with the column and the reason."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from meterdesk.inventory.rules import (
    CONNECTIVITY,
    CSP_REGIONS,
    ESME_VARIANTS,
    DeviceStatus,
    DeviceType,
)
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_to_int, parse_postcode
from meterdesk.platform.intake import Source

LONDON: Final = ZoneInfo("Europe/London")
AHEAD: Final = timedelta(days=1)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def refuse(name: str, why: str, code: str = "invalid_value") -> Refused:
    """A refusal that begins with the column."""
    return Refused(f"{name}: {why}", code=code)


def read(row: Mapping[str, Any], name: str, most: int = 100) -> str:
    """A text, stripped; empty when not given. Raises Refused when too long or not a text."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise refuse(name, "must be a text.")
    text = value.strip()
    if len(text) > most:
        raise refuse(name, f"has more than {most} characters.", "too_long")
    return text


def via(parse: Callable[[str], str], row: Mapping[str, Any], name: str) -> str | None:
    """An identifier as its parser makes it canonical, or None when not given."""
    text = read(row, name)
    if not text:
        return None
    try:
        return parse(text)
    except Refused as refused:
        raise refuse(name, refused.message, refused.code) from None


_CANONICAL: Final = re.compile(r"[0-9A-F]{2}(?:-[0-9A-F]{2}){7}")


def device_number(name: str, text: str) -> int:
    """A Device ID as the 8-byte number it is stored as."""
    if _CANONICAL.fullmatch(text):
        number = int(text.replace("-", ""), 16)
        return number - (1 << 64) if number >> 63 else number
    try:
        return eui_to_int(text)
    except Refused as refused:
        raise refuse(name, refused.message, refused.code) from None


def _squeeze(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()


def choices(values: Iterable[str]) -> dict[str, str]:
    """Words by how they may be written: without spaces, hyphens and capitals."""
    return {_squeeze(value): str(value) for value in values}


TYPES: Final = choices(DeviceType)
STATUSES: Final = choices(DeviceStatus)
REGIONS: Final = choices(CSP_REGIONS)
CONNECTED: Final = choices(CONNECTIVITY)
VARIANTS: Final = choices(ESME_VARIANTS)


def choice(row: Mapping[str, Any], name: str, among: Mapping[str, str]) -> str:
    """One of the words, or empty when not given."""
    text = read(row, name)
    if not text:
        return ""
    found = among.get(text) or among.get(_squeeze(text))
    if found is None:
        raise refuse(name, f"{text} is not one of {', '.join(sorted(among.values()))}.")
    return found


@lru_cache(maxsize=16_384)
def postcode(text: str) -> str:
    """A postcode, canonical; neighbours share it, so that it is kept."""
    return parse_postcode(text)


def hexadecimal(row: Mapping[str, Any], name: str, most: int) -> str:
    """A text of hexadecimal digits in capitals; any other text as it is."""
    text = read(row, name, most)
    return text.upper() if _HEX.fullmatch(text) else text


_HEX: Final = re.compile(r"[0-9A-Fa-f]+")


@lru_cache(maxsize=4_096)
def a_date(name: str, text: str) -> date:
    """A date such as 2025-03-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse(name, f"{text} is not a date such as 2025-03-31.", "bad_date") from None


@lru_cache(maxsize=4_096)
def instant(name: str, text: str) -> datetime:
    """An instant with its offset, or a date, which means its midnight in London."""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else _midnight(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse(
            name,
            f"{text} is neither a date nor an instant such as 2025-03-31T09:30:00Z.",
            "bad_date",
        ) from None


def _midnight(text: str) -> datetime:
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


def when(name: str, text: str) -> datetime:
    """An instant that is neither to come nor before there were smart meters."""
    at = instant(name, text)
    if at > timezone.now() + AHEAD:
        raise refuse(name, f"{text} is in the future.", "in_future")
    if at < EARLIEST:
        raise refuse(name, f"{text} is before there were smart meters.", "bad_date")
    return at


def optional_date(row: Mapping[str, Any], name: str) -> date | None:
    """A date, or None when not given."""
    text = read(row, name)
    return a_date(name, text) if text else None


def is_ndjson(source: Source) -> bool:
    """Whether a file is NDJSON: by suffix, otherwise by how the content begins."""
    if source.suffix.lower() in {".ndjson", ".jsonl", ".json"}:
        return True
    if source.suffix.lower() == ".csv":
        return False
    with source.open("rb") as stream:
        return stream.read(1_000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
