"""What a message of the network is, and what a line about it does to what is already held.

Plain Python. Sources: SEC Appendix AH 1.10.3 and 1.10.4 (SSI-FR-6 to 11), DUIS 5.4.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from operator import attrgetter

import msgspec
from msgspec.structs import replace

from meterdesk.kernel.errors import Refused

COUNTER_SPAN = 2**64
EARLIEST = datetime(2013, 1, 1, tzinfo=UTC)
"""Nothing was sent before smart meters of the second generation existed."""

CLOCK_TOLERANCE = timedelta(days=1)

Key = tuple[int, datetime, int]
"""Where a message is: Device (as stored), received_at, fingerprint of its id."""

History = tuple[tuple[str, datetime], ...]


class MessageKind(StrEnum):
    """What the message is to the trail."""

    REQUEST = "Service Request"
    DEVICE_ALERT = "Device Alert"
    DCC_ALERT = "DCC Alert"


class Status(StrEnum):
    """Simplified transaction status (SSI-FR-7)."""

    IN_PROGRESS = "In Progress"
    SUCCESS = "Success"
    FAILURE = "Failure"


class Mode(StrEnum):
    """Mode of Operation (SSI-FR-7)."""

    ON_DEMAND = "On Demand"
    FUTURE_DATE = "Future Date"
    DSP_SCHEDULED = "DSP Scheduled"
    DCC_ONLY = "DCC Only"
    METER_SCHEDULED = "Meter Scheduled"
    DEVICE_ALERT = "Device Alert"
    DCC_ALERT = "DCC Alert"


_OF_THE_DCC = frozenset({Mode.DCC_ONLY, Mode.DCC_ALERT})


class MessageRegion(StrEnum):
    """CSP Region (SSI-FR-11)."""

    NORTH = "North"
    CENTRAL = "Central"
    SOUTH = "South"
    UNKNOWN = "Unknown"


# Numbers on disk are places in these enumerations: add at the end only.
def code_of(value: StrEnum) -> int:
    """The number a value is stored as."""
    return _CODES[type(value)][value]


# By enumeration first: an alert's kind and its mode are the same words.
_CODES: dict[type[StrEnum], dict[str, int]] = {
    enum: {value: place for place, value in enumerate(enum, 1)}
    for enum in (MessageKind, Status, Mode, MessageRegion)
}
KINDS, STATUSES, MODES, REGIONS = (
    (None, *MessageKind),
    (None, *Status),
    (None, *Mode),
    (None, *MessageRegion),
)


# The structs hold no cycles, so the garbage collector need not look at them.
class Answer(msgspec.Struct, frozen=True, gc=False):
    """How far a message got: its status, the response's code, id and instant if there is one."""

    status: Status
    responded_at: datetime | None = None
    code: str = ""
    response_id: str = ""

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to come."""
        return self.status is not Status.IN_PROGRESS


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One message as the trail holds it. Identifiers are numbers as stored.

    A Struct, since intake makes tens of thousands a second.

    Attributes:
        device_id: the Device it is to or from.
        party: UserId of the originator of a request, or of the recipient of an alert.
        target: second part of the request id, where it is not the Device (the network itself).
        counter: third part of the request id, unsigned.
        fingerprint: of kind and id, with the content too when the id was used before.
        alert_code: of an alert; its response code is then empty.
        id_used_again: another message with this request id and other content came before.
    """

    kind: MessageKind
    device_id: int
    received_at: datetime
    fingerprint: int
    party: int
    mode: Mode
    region: MessageRegion
    answer: Answer
    target: int | None = None
    counter: int = 0
    srv: str = ""
    command_variant: int | None = None
    alert_id: str = ""
    alert_code: str = ""
    gbcs_sequence: int | None = None
    mpxn: str = ""
    preceding: str = ""
    anomaly: bool = False
    id_used_again: bool = False
    history: History = ()

    @property
    def key(self) -> Key:
        """Where it is."""
        return (self.device_id, self.received_at, self.fingerprint)

    @property
    def heard_at(self) -> datetime | None:
        """When the Device itself spoke: its response that succeeded, or its alert; None: never."""
        if self.kind is MessageKind.DEVICE_ALERT:
            return self.received_at
        # What the DCC did or said itself stands as a success, and is none of the Device's.
        if self.answer.status is not Status.SUCCESS or self.mode in _OF_THE_DCC:
            return None
        return self.answer.responded_at or self.received_at


class LateAnswer(msgspec.Struct, frozen=True, gc=False):
    """A response that came in a line of its own, for the request at `key`."""

    key: Key
    target: int
    answer: Answer

    @property
    def received_at(self) -> datetime:
        """When the request was received."""
        return self.key[1]


def fingerprint(kind: MessageKind, identity: str, content: bytes = b"") -> int:
    """Signed 64-bit number that stands for an id; `content` tells apart uses of one id."""
    text = f"{kind.name}|{identity}|".encode() + content
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def request_fingerprint(party: int, target: int, counter: int) -> int:
    """The fingerprint of a first use of a request id, its parts as numbers."""
    return fingerprint(MessageKind.REQUEST, f"{party}:{target}:{counter}")


def in_utc(instant: datetime) -> datetime:
    """An aware instant with the zone UTC."""
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def to_signed(number: int) -> int:
    """A counter up to 2^64-1 as the signed 64-bit number of the same bits, as stored."""
    return number - COUNTER_SPAN if number >= COUNTER_SPAN // 2 else number


def from_signed(number: int) -> int:
    """The counter of a stored number."""
    return number % COUNTER_SPAN


def check_received_at(received_at: datetime, now: datetime) -> datetime:
    """Return the instant in UTC. Raises Refused, code bad_time, when it cannot be right."""
    if not EARLIEST <= received_at <= now + CLOCK_TOLERANCE:
        raise Refused(
            "The time of receipt is before 2013 or more than a day ahead. "
            "Correct it, or check this machine's clock.",
            code="bad_time",
        )
    return in_utc(received_at)


# What was asked or told, less what an answer adds.
_sent = attrgetter(
    *(
        name
        for name in Message.__struct_fields__
        if name not in {"answer", "history", "id_used_again"}
    )
)


def answered(held: Message, answer: Answer) -> Message | None:
    """The message with an answer added; None when nothing changes.

    An answer that is not final never replaces a final one: it is older news.

    Raises:
        Refused: the message has another final answer already (answered_otherwise).
    """
    if answer == held.answer or (held.answer.is_final and not answer.is_final):
        return None
    if held.answer.is_final:
        raise Refused(
            "The trail already holds another response to this request. The one held stays.",
            code="answered_otherwise",
        )
    history = held.history
    if history and answer.responded_at and answer.status.value != history[-1][0]:
        history = (*history, (answer.status.value, answer.responded_at))
    return replace(held, answer=answer, history=history)


def repeated(held: Message, given: Message) -> Message | None:
    """What a second line about the message at the same key does; None when nothing.

    Raises:
        Refused: its content differs (request_id_used_again), or its answer (answered_otherwise).
    """
    if _sent(held) != _sent(given):
        raise Refused(
            "The trail already holds a message with this id and time of receipt "
            "but with other content. The one held stays.",
            code="request_id_used_again",
        )
    changed = answered(held, given.answer)
    if changed and len(given.history) > len(held.history):
        return replace(changed, history=given.history)
    return changed


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before: whole months are kept."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)
