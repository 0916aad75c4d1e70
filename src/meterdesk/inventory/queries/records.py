"""What the inventory's queries return."""

import builtins
from dataclasses import dataclass, field
from datetime import date, datetime

from meterdesk.inventory.rules import DeviceStatus, DeviceType, applies, is_usual_step
from meterdesk.kernel.identifiers import MPRN_WARNING, mprn_check_ok


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A Device in a list (SSI-FR-3). `mpxn` only for smart meters, no status for Type 2."""

    device_id: str
    device_type: DeviceType
    mpxn: str | None
    status: DeviceStatus | None
    status_at: datetime | None
    property: str
    uprn: str | None
    postcode: str | None


@dataclass(frozen=True, slots=True)
class StatusStep:
    """A status and since when; `usual` is False for a step that the provisional table lacks."""

    status: DeviceStatus
    at: datetime
    usual: bool


def steps_of(changes: list[tuple[datetime, DeviceStatus]]) -> tuple[StatusStep, ...]:
    """A status history, oldest first, each step judged by the one before; the first is usual."""
    steps: list[StatusStep] = []
    for at, status in changes:
        usual = not steps or is_usual_step(steps[-1].status, status)
        steps.append(StatusStep(status, at, usual))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class AssociatedDevice:
    """A Device of a closure (SSI-FR-5). Not yet in the inventory: `device_type` is None."""

    device_id: str
    device_type: DeviceType | None
    status: DeviceStatus | None
    status_at: datetime | None
    description: str
    associated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceDetails:
    """Everything the inventory holds on a Device (SSI-FR-5).

    `associated` are the Devices it is associated with directly, either way round; `closure` those
    reached through any of them, itself included, and is empty where Devices come as a list.
    """

    device_id: str
    device_type: DeviceType
    status: DeviceStatus | None
    status_at: datetime | None
    manufacturer: str
    model: str
    firmware_version: str
    smets_chts_version: str
    gbcs_version: str
    esme_variant: str
    import_mpxn: str | None
    secondary_import_mpan: str | None
    export_mpan: str | None
    uprn: str | None
    postcode: str | None
    property: str
    csp_region: str
    wan_technology: str
    hub_variant: str
    s1sp: str
    connectivity: str
    commissioned_date: date | None
    installed_date: date | None
    updated_at: datetime
    associated: tuple[str, ...] = ()
    history: tuple[StatusStep, ...] = ()
    closure: tuple[AssociatedDevice, ...] = field(default=())

    @builtins.property
    def description(self) -> str:
        """Type and model in words, such as `Electricity meter, 1063 00030201`."""
        model = " ".join(part for part in (self.manufacturer, self.model) if part)
        return f"{self.device_type.label}, {model}" if model else self.device_type.label

    @builtins.property
    def address(self) -> str:
        """Property and postcode in one line, as far as they are known."""
        return ", ".join(part for part in (self.property, self.postcode) if part)

    @builtins.property
    def mpxn(self) -> str | None:
        """The meter point of a smart meter (SSI-FR-3)."""
        return self.import_mpxn if self.device_type.is_smart_meter else None

    @builtins.property
    def warnings(self) -> tuple[str, ...]:
        """What looks wrong in the record itself, as sentences."""
        found = []
        if self.import_mpxn and len(self.import_mpxn) < 13 and not mprn_check_ok(self.import_mpxn):
            found.append(MPRN_WARNING)
        if any(one.device_type is None for one in self.closure):
            found.append("It is associated with a Device that is not in the inventory.")
        return tuple(found)

    def shows(self, detail: str) -> bool:
        """Whether a detail applies to this type of Device (SSI-FR-5)."""
        return applies(detail, self.device_type)


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """An entry of the products list; only a Current one is on the Certified Products List."""

    version: str
    issued_date: date
    entry_number: int
    status: str
    product_type: str
    device_type: DeviceType
    manufacturer: str
    model: str
    hardware_version: str
    hardware_revision: str
    firmware_version: str
    smets_chts_version: str
    gbcs_version: str
    image_hash: str

    @builtins.property
    def is_current(self) -> bool:
        """Whether the entry may be relied on."""
        return self.status == "Current"


@dataclass(frozen=True, slots=True)
class ProductsList:
    """The newest version of the products list that was taken in."""

    version: str
    issued_date: date
