"""What the one box finds, and what it says when it finds nothing (SSI-FR-2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from meterdesk.kernel.recognise import IdKind, Recognised


class HitKind(StrEnum):
    """The kinds of record that the box leads to."""

    DEVICE = "Device"
    PREMISES = "Premises"
    INCIDENT = "Incident"
    REQUEST = "Service request"
    COVERAGE = "Coverage"


class Task(StrEnum):
    """What can wait for somebody, in the order of the start page."""

    SIGN = "SIGN"
    ANSWER_INCIDENT = "ANSWER_INCIDENT"
    ANSWER_REQUEST = "ANSWER_REQUEST"
    ANSWER_SHARING = "ANSWER_SHARING"
    TAKE_REQUEST = "TAKE_REQUEST"
    FINISH_REQUEST = "FINISH_REQUEST"
    SETTLE_DISPUTE = "SETTLE_DISPUTE"
    VERIFY_SHARING = "VERIFY_SHARING"
    DECIDE_NETWORK = "DECIDE_NETWORK"
    AGREE_RESET = "AGREE_RESET"
    MEND_REGISTRATION = "MEND_REGISTRATION"


_TASK_WORDS = {
    Task.SIGN: ("notification waits for your signature", "notifications wait for your signature"),
    Task.ANSWER_INCIDENT: ("incident waits for your answer", "incidents wait for your answer"),
    Task.ANSWER_REQUEST: (
        "service request waits for your answer",
        "service requests wait for your answer",
    ),
    Task.ANSWER_SHARING: (
        "sharing waits for your organisation's answer",
        "sharings wait for your organisation's answer",
    ),
    Task.TAKE_REQUEST: (
        "new service request that nobody has taken on",
        "new service requests that nobody has taken on",
    ),
    Task.FINISH_REQUEST: (
        "open service request that you took on",
        "open service requests that you took on",
    ),
    Task.SETTLE_DISPUTE: ("open dispute of data", "open disputes of data"),
    Task.VERIFY_SHARING: ("sharing to verify", "sharings to verify"),
    Task.DECIDE_NETWORK: ("network to decide on", "networks to decide on"),
    Task.AGREE_RESET: (
        "reset of second factors waits for a second administrator",
        "resets of second factors wait for a second administrator",
    ),
    Task.MEND_REGISTRATION: (
        "open trouble with registration data",
        "open troubles with registration data",
    ),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the reader.

    Attributes:
        count: how many there are that the reader may see; capped: there are more.
        key: names the record when there is just one, where its page is known by it.
        request_type: the code of the only type of request that is meant.
    """

    task: Task
    count: int
    capped: bool = False
    key: str = ""
    request_type: str = ""

    @property
    def count_words(self) -> str:
        """The count as shown: 10,000+ where there are more than were counted."""
        return f"{self.count:,}{'+' if self.capped else ''}"

    @property
    def words(self) -> str:
        """What waits, for this many."""
        one, several = _TASK_WORDS[self.task]
        return one if self.count == 1 and not self.capped else several


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that fits.

    Attributes:
        kind: what it is.
        key: Device ID, MPxN of the premises, reference or outcode.
        title: its name in a list.
        detail: what tells it from others.
        because: the kind of identifier that the text was taken for.
    """

    kind: HitKind
    key: str
    title: str
    detail: str
    because: IdKind


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of the box.

    Attributes:
        text: what was typed.
        readings: everything that the text can be, most likely first.
        hits: the records there are, those of the likeliest reading first.
        more: there are more hits than are given.
        closed: kinds of identifier that it can be but that the person's roles do not open.
    """

    text: str
    readings: tuple[Recognised, ...]
    hits: tuple[Hit, ...]
    more: bool = False
    closed: tuple[IdKind, ...] = ()

    @property
    def only(self) -> Hit | None:
        """The record, when there is just one."""
        return self.hits[0] if len(self.hits) == 1 and not self.more else None


def distinct(hits: Iterable[Hit]) -> list[Hit]:
    """Each record once, in the order of the first mention."""
    once = {(hit.kind, hit.key): hit for hit in reversed(list(hits))}
    return list(reversed(once.values()))


_WITH_ARTICLE = {
    IdKind.DEVICE_ID: "a Device ID",
    IdKind.MPAN: "an MPAN",
    IdKind.MPRN: "an MPRN",
    IdKind.UPRN: "a UPRN",
    IdKind.POSTCODE: "a postcode",
    IdKind.OUTCODE: "an outcode",
    IdKind.REFERENCE: "a reference",
    IdKind.REQUEST_ID: "a request id",
}


def explanation(readings: Sequence[Recognised]) -> str:
    """A sentence that says what the text was taken for; empty for a text that is nothing."""
    good = [one for one in readings if one.can_be_looked_up]
    if not good:
        return ""
    words = [f"{_WITH_ARTICLE[one.kind]} ({shown(one)})" for one in good]
    return f"This reads as {' or '.join(words)}."


def shown(reading: Recognised) -> str:
    """The identifier as read, with the property typed along."""
    place = reading.property_name
    return f"{place}, {reading.value}" if place else reading.value
