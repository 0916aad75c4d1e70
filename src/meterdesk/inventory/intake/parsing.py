"""One record of the inventory file, read with care and refused with a reason.

The same names in CSV and NDJSON: docs/reference/formats/inventory.md.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from meterdesk.inventory.rules import (
    CONNECTIVITY,
    CSP_REGIONS,
    ESME_VARIANTS,
    MAX_PROPERTY,
    DeviceStatus,
    DeviceType,
)
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import (
    eui_to_int,
    parse_mpan,
    parse_mpxn,
    parse_postcode,
    parse_uprn,
)

LONDON: Final = ZoneInfo("Europe/London")
AHEAD: Final = timedelta(days=1)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
MOST_ASSOCIATIONS: Final = 100
MOST_CHANGES: Final = 1_000

Change = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A Device as a file states it.

    `values` are the stored columns in the order of COLUMNS; `history` the statuses it names, the
    newest of which is the current one; `associated` the Devices its record names.
    """

    device_id: int
    status_at: datetime | None
    values: tuple[Any, ...]
    history: frozenset[Change]
    associated: frozenset[int]

    def is_older_than(self, other: "DeviceRecord") -> bool:
        """Whether the other record tells of a later status."""
        return bool(self.status_at and other.status_at and self.status_at < other.status_at)


def _refuse(name: str, why: str, code: str = "invalid_value") -> Refused:
    return Refused(f"{name}: {why}", code=code)


def _read(row: Mapping[str, Any], name: str, most: int = 100) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise _refuse(name, "must be a text.")
    text = value.strip()
    if len(text) > most:
        raise _refuse(name, f"has more than {most} characters.", "too_long")
    return text


def _via(parse: Callable[[str], str], row: Mapping[str, Any], name: str) -> str | None:
    text = _read(row, name)
    if not text:
        return None
    try:
        return parse(text)
    except Refused as refused:
        raise _refuse(name, refused.message, refused.code) from None


_CANONICAL: Final = re.compile(r"[0-9A-F]{2}(?:-[0-9A-F]{2}){7}")


def _device_number(name: str, text: str) -> int:
    if _CANONICAL.fullmatch(text):
        number = int(text.replace("-", ""), 16)
        return number - (1 << 64) if number >> 63 else number
    try:
        return eui_to_int(text)
    except Refused as refused:
        raise _refuse(name, refused.message, refused.code) from None


def _squeeze(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()


def _choices(values: Iterable[str]) -> dict[str, str]:
    return {_squeeze(value): str(value) for value in values}


_TYPES: Final = _choices(DeviceType)
_STATUSES: Final = _choices(DeviceStatus)
_REGIONS: Final = _choices(CSP_REGIONS)
_CONNECTIVITY: Final = _choices(CONNECTIVITY)
_VARIANTS: Final = _choices(ESME_VARIANTS)


def _choice(row: Mapping[str, Any], name: str, among: Mapping[str, str]) -> str:
    text = _read(row, name)
    if not text:
        return ""
    found = among.get(text) or among.get(_squeeze(text))
    if found is None:
        raise _refuse(name, f"{text} is not one of {', '.join(sorted(among.values()))}.")
    return found


@lru_cache(maxsize=16_384)
def _postcode(text: str) -> str:
    return parse_postcode(text)


def _hexadecimal(row: Mapping[str, Any], name: str, most: int) -> str:
    text = _read(row, name, most)
    return text.upper() if _HEX.fullmatch(text) else text


_HEX: Final = re.compile(r"[0-9A-Fa-f]+")


@lru_cache(maxsize=4_096)
def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refuse(name, f"{text} is not a date such as 2025-03-31.", "bad_date") from None


@lru_cache(maxsize=4_096)
def _instant(name: str, text: str) -> datetime:
    """An instant with its offset, or a date, which means its midnight in London."""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else _midnight(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refuse(
            name,
            f"{text} is neither a date nor an instant such as 2025-03-31T09:30:00Z.",
            "bad_date",
        ) from None


def _midnight(text: str) -> datetime:
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


def _when(name: str, text: str) -> datetime:
    at = _instant(name, text)
    if at > timezone.now() + AHEAD:
        raise _refuse(name, f"{text} is in the future.", "in_future")
    if at < EARLIEST:
        raise _refuse(name, f"{text} is before there were smart meters.", "bad_date")
    return at


def _optional_date(row: Mapping[str, Any], name: str) -> date | None:
    text = _read(row, name)
    return _date(name, text) if text else None


def _meter_point(row: Mapping[str, Any], kind: str) -> str | None:
    """The meter point; its kind must be the meter's. A doubtful MPRN is kept (INV-1)."""
    text = _read(row, "import_mpxn")
    if not text:
        return None
    try:
        found = parse_mpxn(text)
    except Refused as refused:
        raise _refuse("import_mpxn", refused.message, refused.code) from None
    if kind == DeviceType.ESME and found.kind != "mpan":
        raise _refuse("import_mpxn", "an electricity meter has an MPAN of 13 digits.", "wrong_kind")
    if kind in {DeviceType.GSME, DeviceType.GPF} and found.kind != "mprn":
        raise _refuse("import_mpxn", "a gas meter has an MPRN of up to 10 digits.", "wrong_kind")
    return found.value


def _changes(row: Mapping[str, Any]) -> set[Change]:
    given = row.get("status_history")
    if not given:
        return set()
    if not isinstance(given, list) or len(given) > MOST_CHANGES:
        raise _refuse("status_history", f"must be a list of up to {MOST_CHANGES} changes.")
    changes = set()
    for change in given:
        if not isinstance(change, dict):
            raise _refuse("status_history", "each change must have status and at.")
        status, at = _choice(change, "status", _STATUSES), _read(change, "at")
        if not status or not at:
            raise _refuse("status_history", "each change must have status and at.")
        changes.add((_when("status_history", at), status))
    return changes


def _statuses(row: Mapping[str, Any], kind: str) -> frozenset[Change]:
    """Every status the record names with its instant; Type 2 Devices have none (SSI-FR-3)."""
    changes, status, at = (
        _changes(row),
        _choice(row, "device_status", _STATUSES),
        _read(row, "status_date"),
    )
    if at and status:
        changes.add((_when("status_date", at), status))
    elif at:
        raise _refuse("device_status", "is missing beside its status_date.", "no_status")
    elif status and not any(known == status for _at, known in changes):
        raise _refuse("status_date", "is missing beside the device_status.", "no_status_date")
    if DeviceType(kind).is_type_2:
        return frozenset()
    if not changes:
        raise _refuse("device_status", "is missing; only Type 2 Devices have none.", "no_status")
    return frozenset(changes)


def _associated(row: Mapping[str, Any], device_id: int) -> frozenset[int]:
    given = row.get("associated_with") or ()
    named = given.replace(",", " ").replace(";", " ").split() if isinstance(given, str) else given
    if not isinstance(named, list | tuple) or len(named) > MOST_ASSOCIATIONS:
        raise _refuse("associated_with", f"must name up to {MOST_ASSOCIATIONS} Device IDs.")
    if not all(isinstance(one, str) for one in named):
        raise _refuse("associated_with", "must hold Device IDs as texts.")
    numbers = frozenset(_device_number("associated_with", one) for one in named)
    if device_id in numbers:
        raise _refuse("associated_with", "names the Device itself.", "associated_with_itself")
    return numbers


COLUMNS: Final = (
    "device_type",
    "status",
    "status_at",
    "manufacturer",
    "model",
    "firmware_version",
    "smets_chts_version",
    "gbcs_version",
    "esme_variant",
    "import_mpxn",
    "secondary_import_mpan",
    "export_mpan",
    "uprn",
    "postcode",
    "property",
    "csp_region",
    "wan_technology",
    "hub_variant",
    "s1sp",
    "connectivity",
    "commissioned_date",
    "installed_date",
)


def parse_device(row: Mapping[str, Any]) -> DeviceRecord:
    """One row or object as a record; raises Refused with the column and the reason."""
    given_id = _read(row, "device_id")
    if not given_id:
        raise _refuse("device_id", "is missing.", "no_device_id")
    device_id = _device_number("device_id", given_id)
    kind = _choice(row, "device_type", _TYPES)
    if not kind:
        raise _refuse("device_type", "is missing.", "no_device_type")
    history = _statuses(row, kind)
    status_at, status = max(history, default=(None, ""))
    values = (
        kind,
        status,
        status_at,
        _hexadecimal(row, "manufacturer", 30),
        _hexadecimal(row, "model", 30),
        _hexadecimal(row, "firmware_version", 8),
        _read(row, "smets_chts_version", 20),
        _read(row, "gbcs_version", 20),
        _choice(row, "esme_variant", _VARIANTS),
        _meter_point(row, kind),
        _via(parse_mpan, row, "secondary_import_mpan"),
        _via(parse_mpan, row, "export_mpan"),
        _via(parse_uprn, row, "uprn"),
        _via(_postcode, row, "postcode"),
        _read(row, "property", MAX_PROPERTY),
        _choice(row, "csp_region", _REGIONS),
        _read(row, "wan_technology", 30),
        _read(row, "hub_variant", 30),
        _read(row, "s1sp", 30),
        _choice(row, "connectivity", _CONNECTIVITY),
        _optional_date(row, "commissioned_date"),
        _optional_date(row, "installed_date"),
    )
    return DeviceRecord(device_id, status_at, values, history, _associated(row, device_id))
