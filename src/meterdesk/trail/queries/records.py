"""What the trail's queries return."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from meterdesk.kernel.identifiers import eui_from_int
from meterdesk.trail.rules import Key, Message, MessageKind, MessageRegion, Mode, Status
from meterdesk.trail.rules.codes import COMMAND_VARIANTS, alert_name, response_meaning
from meterdesk.trail.rules.variants import VARIANTS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = struct.Struct(">qqq")


def record_id(message: Message) -> str:
    """The id of a record in addresses and the API: its key as 32 letters and digits."""
    after = (message.received_at - _EPOCH) // timedelta(microseconds=1)
    packed = _KEY.pack(message.device_id, after, message.fingerprint)
    return urlsafe_b64encode(packed).decode("ascii")


def key_of(identity: str) -> Key | None:
    """The key of a record's id, or None for text that is none."""
    try:
        packed = urlsafe_b64decode(identity.encode("ascii"))
        device_id, after, mark = _KEY.unpack(packed)
        key = (device_id, _EPOCH + timedelta(microseconds=after), mark)
    except (ValueError, struct.error, OverflowError):
        return None
    return key if urlsafe_b64encode(packed).decode("ascii") == identity else None


@dataclass(frozen=True, slots=True)
class TrailRow:
    """A message in a list (SSI-FR-7).

    Attributes:
        user_id: DCC Service User Organisation ID: originator of a request, recipient of an alert.
        name: of the Service Reference Variant or the Device alert; empty when not published.
        status: simplified; of an alert always Success, for it was delivered.
    """

    id: str
    kind: MessageKind
    user_id: str
    device_id: str
    gbcs_sequence: int | None
    mpxn: str
    received_at: datetime
    responded_at: datetime | None
    service_reference: str
    srv: str
    alert_code: str
    name: str
    status: Status
    response_code: str
    id_used_again: bool

    @property
    def is_request(self) -> bool:
        """Whether it is a request; otherwise it is an alert."""
        return self.kind is MessageKind.REQUEST

    @property
    def response_meaning(self) -> str:
        """What the response code means; empty when not published."""
        return response_meaning(self.response_code)

    @property
    def label(self) -> str:
        """Variant or alert in words, the code alone where it has no name."""
        return f"{self.srv or self.alert_code} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status and since when."""

    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DocumentNote:
    """How a message came in as a DUIS document; its signature was not verified here."""

    schema_checked: bool
    sha256: str
    signature_verified: bool = False


@dataclass(frozen=True, slots=True)
class TrailRecord:
    """Everything the trail holds on a message (SSI-FR-7).

    Attributes:
        summary: what lists show.
        request_id: empty for alerts, which have an `alert_id`.
        preceding_record: id of the preceding request's record, where the reader sees it.
        document: None for messages that did not come as a DUIS document.
    """

    summary: TrailRow
    request_id: str
    response_id: str
    alert_id: str
    csp_region: MessageRegion
    mode: Mode
    preceding_request_id: str
    preceding_record: str
    command_variant: int | None
    current_status: str
    anomaly_flag: bool
    status_history: tuple[StatusChange, ...]
    document: DocumentNote | None

    @property
    def command_variant_meaning(self) -> str:
        """The Command Variant in words."""
        return COMMAND_VARIANTS.get(self.command_variant or 0, "")


@dataclass(frozen=True, slots=True)
class AnonymisedCommand:
    """A Command to a Device behind a hub: when, and whether it succeeded; None: not known yet."""

    at: datetime
    success: bool | None


@dataclass(frozen=True, slots=True)
class Contact:
    """The latest messages of one Device or several, as far as the reader may see them."""

    last_success: TrailRow | None = None
    last_failure: TrailRow | None = None
    alerts: tuple[TrailRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceActivity(Contact):
    """The same over several Devices, and for each by its Device ID."""

    devices: Mapping[str, Contact] | None = None

    def of(self, device_id: str) -> Contact:
        """What is known of one Device."""
        return (self.devices or {}).get(device_id, Contact())


def row_shown(message: Message) -> TrailRow:
    """The message as lists show it."""
    variant = VARIANTS.get(message.srv)
    return TrailRow(
        id=record_id(message),
        kind=message.kind,
        user_id=eui_from_int(message.party),
        device_id=eui_from_int(message.device_id),
        gbcs_sequence=message.gbcs_sequence,
        mpxn=message.mpxn,
        received_at=message.received_at,
        responded_at=message.answer.responded_at,
        service_reference=variant.reference if variant else "",
        srv=message.srv,
        alert_code=message.alert_code,
        name=variant.name if variant else alert_name(message.alert_code),
        status=message.answer.status,
        response_code=message.answer.code,
        id_used_again=message.id_used_again,
    )


def history_shown(message: Message) -> tuple[StatusChange, ...]:
    """Status changes, oldest first; without a history of its own, what the message itself tells."""
    if message.history:
        return tuple(StatusChange(name, at) for name, at in message.history)
    if message.kind is not MessageKind.REQUEST:
        return (StatusChange(message.answer.status, message.received_at),)
    first = StatusChange(Status.IN_PROGRESS, message.received_at)
    if not message.answer.is_final or message.answer.responded_at is None:
        return (first,)
    return (first, StatusChange(message.answer.status, message.answer.responded_at))


def request_id_of(message: Message) -> str:
    """The request id in full, or nothing for an alert."""
    if message.kind is not MessageKind.REQUEST:
        return ""
    target = message.device_id if message.target is None else message.target
    return f"{eui_from_int(message.party)}:{eui_from_int(target)}:{message.counter}"
