"""One record of the inventory file, read with care and refused with a reason.

The same names in CSV and NDJSON: docs/reference/formats/inventory.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from meterdesk.inventory.intake.fields import (
    CONNECTED,
    REGIONS,
    STATUSES,
    TYPES,
    VARIANTS,
    choice,
    device_number,
    hexadecimal,
    optional_date,
    postcode,
    read,
    refuse,
    via,
    when,
)
from meterdesk.inventory.rules import MAX_PROPERTY, DeviceType, Place
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_mpan, parse_mpxn, parse_uprn

MOST_ASSOCIATIONS: Final = 100
MOST_CHANGES: Final = 1_000

Change = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A Device as a file states it.

    `values` are the stored columns in the order of COLUMNS; `history` the statuses it names, the
    newest of which is the current one; `associated` the Devices its record names; `placed_at`
    since when it stands where it does.
    """

    device_id: int
    status_at: datetime | None
    values: tuple[Any, ...]
    history: frozenset[Change]
    associated: frozenset[int]
    placed_at: datetime | None = None

    @property
    def device_type(self) -> str:
        """A word of DeviceType."""
        return str(self.values[0])

    @property
    def status(self) -> str:
        """The current status, empty for Type 2."""
        return str(self.values[1])

    @property
    def mpxn(self) -> str | None:
        """The meter point."""
        point: str | None = self.values[_PLACE.start]
        return point

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(*self.values[_PLACE])

    def is_older_than(self, other: "DeviceRecord") -> bool:
        """Whether the other record tells of a later status, or of a later place."""
        if self.status_at and other.status_at and self.status_at != other.status_at:
            return self.status_at < other.status_at
        return bool(self.placed_at and other.placed_at and self.placed_at < other.placed_at)

    def with_history_of(self, other: "DeviceRecord") -> "DeviceRecord":
        """This record with the statuses that the other names as well."""
        return replace(self, history=self.history | other.history)


def _meter_point(row: Mapping[str, Any], kind: str) -> str | None:
    """The meter point; its kind must be the meter's. A doubtful MPRN is kept (INV-1)."""
    text = read(row, "import_mpxn")
    if not text:
        return None
    try:
        found = parse_mpxn(text)
    except Refused as refused:
        raise refuse("import_mpxn", refused.message, refused.code) from None
    if kind == DeviceType.ESME and found.kind != "mpan":
        raise refuse("import_mpxn", "an electricity meter has an MPAN of 13 digits.", "wrong_kind")
    if kind in {DeviceType.GSME, DeviceType.GPF} and found.kind != "mprn":
        raise refuse("import_mpxn", "a gas meter has an MPRN of up to 10 digits.", "wrong_kind")
    return found.value


def _changes(row: Mapping[str, Any]) -> set[Change]:
    given = row.get("status_history")
    if not given:
        return set()
    if not isinstance(given, list) or len(given) > MOST_CHANGES:
        raise refuse("status_history", f"must be a list of up to {MOST_CHANGES} changes.")
    changes = set()
    for change in given:
        if not isinstance(change, dict):
            raise refuse("status_history", "each change must have status and at.")
        status, at = choice(change, "status", STATUSES), read(change, "at")
        if not status or not at:
            raise refuse("status_history", "each change must have status and at.")
        changes.add((when("status_history", at), status))
    return changes


def _statuses(row: Mapping[str, Any], kind: str) -> frozenset[Change]:
    """Every status the record names with its instant; Type 2 Devices have none (SSI-FR-3)."""
    changes, status, at = (
        _changes(row),
        choice(row, "device_status", STATUSES),
        read(row, "status_date"),
    )
    if at and status:
        changes.add((when("status_date", at), status))
    elif at:
        raise refuse("device_status", "is missing beside its status_date.", "no_status")
    elif status and not any(known == status for _at, known in changes):
        raise refuse("status_date", "is missing beside the device_status.", "no_status_date")
    if DeviceType(kind).is_type_2:
        return frozenset()
    if not changes:
        raise refuse("device_status", "is missing; only Type 2 Devices have none.", "no_status")
    return frozenset(changes)


def _associated(row: Mapping[str, Any], device_id: int) -> frozenset[int]:
    given = row.get("associated_with") or ()
    named = given.replace(",", " ").replace(";", " ").split() if isinstance(given, str) else given
    if not isinstance(named, list | tuple) or len(named) > MOST_ASSOCIATIONS:
        raise refuse("associated_with", f"must name up to {MOST_ASSOCIATIONS} Device IDs.")
    if not all(isinstance(one, str) for one in named):
        raise refuse("associated_with", "must hold Device IDs as texts.")
    numbers = frozenset(device_number("associated_with", one) for one in named)
    if device_id in numbers:
        raise refuse("associated_with", "names the Device itself.", "associated_with_itself")
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

_PLACE: Final = slice(COLUMNS.index("import_mpxn"), COLUMNS.index("uprn") + 1)


def parse_device(row: Mapping[str, Any]) -> DeviceRecord:
    """One row or object as a record; raises Refused with the column and the reason."""
    given_id = read(row, "device_id")
    if not given_id:
        raise refuse("device_id", "is missing.", "no_device_id")
    device_id = device_number("device_id", given_id)
    kind = choice(row, "device_type", TYPES)
    if not kind:
        raise refuse("device_type", "is missing.", "no_device_type")
    history = _statuses(row, kind)
    status_at, status = max(history, default=(None, ""))
    values = (
        kind,
        status,
        status_at,
        hexadecimal(row, "manufacturer", 30),
        hexadecimal(row, "model", 30),
        hexadecimal(row, "firmware_version", 8),
        read(row, "smets_chts_version", 20),
        read(row, "gbcs_version", 20),
        choice(row, "esme_variant", VARIANTS),
        _meter_point(row, kind),
        via(parse_mpan, row, "secondary_import_mpan"),
        via(parse_mpan, row, "export_mpan"),
        via(parse_uprn, row, "uprn"),
        via(postcode, row, "postcode"),
        read(row, "property", MAX_PROPERTY),
        choice(row, "csp_region", REGIONS),
        read(row, "wan_technology", 30),
        read(row, "hub_variant", 30),
        read(row, "s1sp", 30),
        choice(row, "connectivity", CONNECTED),
        optional_date(row, "commissioned_date"),
        optional_date(row, "installed_date"),
    )
    placed = read(row, "placed_at")
    return DeviceRecord(
        device_id,
        status_at,
        values,
        history,
        _associated(row, device_id),
        when("placed_at", placed) if placed else None,
    )
