"""What happened to Devices, for the apps above."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.inventory.rules import DeviceStatus, DeviceType


@dataclass(frozen=True, slots=True)
class DeviceStatusChanged:
    """A Device took on another SMI Status. `before` None: it is new in the inventory."""

    device_id: str
    device_type: DeviceType
    mpxn: str | None
    before: DeviceStatus | None
    after: DeviceStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class StatusesChanged:
    """Devices whose status changed in one transaction, in the order of the changes (INV-5)."""

    changes: tuple[DeviceStatusChanged, ...]


@dataclass(frozen=True, slots=True)
class HubReplaced:
    """A hub took the place of another, whose stored Device log was restored on it (INV-5)."""

    old_hub: str
    new_hub: str
    moved: tuple[str, ...]
    at: datetime
