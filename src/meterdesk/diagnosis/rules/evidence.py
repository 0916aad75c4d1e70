"""What a diagnosis looks at: plain facts, each source there only when its reader may see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from meterdesk.coverage.rules import Coverage
from meterdesk.hubs.rules import HubData
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.kernel.worktime import LONDON
from meterdesk.registration.rules import MeterPointKind

OPERATOR: Final = "the network's operator"


def day(at: datetime) -> str:
    """The day of an instant in London, as people write it."""
    return f"{at.astimezone(LONDON):%-d %b %Y}"


def moment(at: datetime) -> str:
    """An instant in London with its zone."""
    return f"{at.astimezone(LONDON):%-d %b %Y %H:%M %Z}"


class Source(StrEnum):
    """Where evidence comes from; the value names it to people."""

    INVENTORY = "the inventory"
    TRAIL = "the service audit trail"
    COVERAGE = "SM WAN coverage"
    HUBS = "Communications Hub data"


@dataclass(frozen=True, slots=True)
class PointFact:
    """A meter point with its parties, in the words in which the reader may have them named."""

    mpxn: str
    kind: MeterPointKind
    supplier: str
    network_party: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the products list says of a Device's model and firmware.

    `status` is Current or Removed, None when the list does not have them; `newer` is a later
    firmware version that is Current for the same model.
    """

    version: str
    issued_date: date
    status: str | None
    newer: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceFact:
    """A Device as the inventory has it; `listing` is None when no products list was looked at."""

    device_id: str
    device_type: DeviceType
    status: DeviceStatus | None = DeviceStatus.COMMISSIONED
    status_at: datetime | None = None
    mpxns: tuple[str, ...] = ()
    firmware_version: str = ""
    associated: tuple[str, ...] = ()
    is_smets1: bool = False
    s1sp: str = ""
    listing: Listing | None = None

    @property
    def label(self) -> str:
        """The Device in words, with the end of its id to tell it from others at the premises."""
        return f"{self.device_type.label} {self.device_id[-5:]}"

    @property
    def is_in_use(self) -> bool:
        """Whether it has not been decommissioned or withdrawn."""
        return self.status is None or not self.status.is_final


@dataclass(frozen=True, slots=True)
class MessageFact:
    """A message to a Device and how it went; `code` is its response code."""

    device_id: str
    at: datetime
    service: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class AlertFact:
    """An alert about a Device; `meaning` is empty when the code's is not published."""

    device_id: str
    at: datetime
    code: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class TrailFacts:
    """The newest success and failure of each Device and its alerts, since an instant."""

    since: datetime
    successes: tuple[MessageFact, ...] = ()
    failures: tuple[MessageFact, ...] = ()
    alerts: tuple[AlertFact, ...] = ()

    def success_of(self, device_id: str) -> MessageFact | None:
        """The newest success of a Device."""
        return _newest(self.successes, device_id)

    def failure_of(self, device_id: str) -> MessageFact | None:
        """The newest failure of a Device."""
        return _newest(self.failures, device_id)


def _newest(messages: tuple[MessageFact, ...], device_id: str) -> MessageFact | None:
    own = [message for message in messages if message.device_id == device_id]
    return max(own, key=lambda message: message.at, default=None)


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """Coverage where the premises is; None: nothing is recorded for it."""

    place: str
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a diagnosis may use. A source that is None is not for its reader.

    Attributes:
        at: the instant at which it was gathered.
        points: meter points of the premises.
        reader_is_lead: the reader acts for the lead electricity supplier (IM-7).
        extra: evidence that apps above registered with checks of their own, by check.
    """

    at: datetime
    points: tuple[PointFact, ...]
    devices: tuple[DeviceFact, ...] | None = None
    trail: TrailFacts | None = None
    coverage: CoverageFacts | None = None
    hubs: tuple[HubData, ...] | None = None
    reader_is_lead: bool = False
    extra: Mapping[str, object] = field(default_factory=dict)

    def has(self, source: Source) -> bool:
        """Whether the reader may see evidence of this source."""
        return {
            Source.INVENTORY: self.devices,
            Source.TRAIL: self.trail,
            Source.COVERAGE: self.coverage,
            Source.HUBS: self.hubs,
        }[source] is not None

    @property
    def in_use(self) -> tuple[DeviceFact, ...]:
        """Devices that have not left the network."""
        return tuple(one for one in self.devices or () if one.is_in_use)

    def of_type(self, *types: DeviceType) -> tuple[DeviceFact, ...]:
        """Devices in use of these types."""
        return tuple(one for one in self.in_use if one.device_type in types)

    @property
    def is_smets1(self) -> bool:
        """Whether the premises has SMETS1 equipment (IM-7)."""
        return any(one.is_smets1 for one in self.in_use)

    def seen_by_lead(self) -> "Evidence":
        """The same, read by somebody who acts for the lead supplier."""
        return replace(self, reader_is_lead=True)

    def device(self, device_id: str) -> DeviceFact | None:
        """The Device of this id."""
        return next((one for one in self.devices or () if one.device_id == device_id), None)
