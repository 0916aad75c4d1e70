"""What a datum of the network is: one value of a record, with where it came from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn, parse_postcode

LONGEST_VALUE: Final = 300


class RecordKind(StrEnum):
    """The records whose data can be disputed."""

    DEVICE = "device"
    METER_POINT = "meter-point"
    HUB = "hub"
    COVERAGE = "coverage"

    @property
    def word(self) -> str:
        """As shown to people."""
        return RECORD_WORDS[self]


RECORD_WORDS: Final = {
    RecordKind.DEVICE: "Device",
    RecordKind.METER_POINT: "Meter point",
    RecordKind.HUB: "Communications hub",
    RecordKind.COVERAGE: "SM WAN coverage",
}


@dataclass(frozen=True, slots=True)
class RecordName:
    """Which record. `key`: Device ID, MPxN, or a postcode with an optional property behind a comma.

    Make one by `record_name`, which takes what people type.
    """

    kind: RecordKind
    key: str

    @property
    def title(self) -> str:
        """In words."""
        return f"{self.kind.word} {self.key}"

    @property
    def in_text(self) -> str:
        """In words, within a sentence; a Device keeps its capital."""
        kept = self.kind in {RecordKind.DEVICE, RecordKind.COVERAGE}
        return self.title if kept else self.title[0].lower() + self.title[1:]

    @property
    def place(self) -> tuple[str, str]:
        """Postcode and property of coverage."""
        postcode, _, rest = self.key.partition(", ")
        return postcode, rest


def record_name(kind: str, key: str) -> RecordName:
    """The record of a kind and of a key as it was typed. Raises Refused."""
    if kind not in set(RecordKind):
        raise Refused("There is no such kind of record.", code="unknown_record")
    match RecordKind(kind):
        case RecordKind.METER_POINT:
            canonical = parse_mpxn(key).value
        case RecordKind.COVERAGE:
            postcode, _, place = key.partition(",")
            name = " ".join(place.split())[:100]
            canonical = ", ".join(one for one in (parse_postcode(postcode), name) if one)
        case _:
            canonical = parse_eui(key)
    return RecordName(RecordKind(kind), canonical)


@dataclass(frozen=True, slots=True)
class Datum:
    """A datum as one reader sees it.

    Attributes:
        name: stable within the record's kind.
        value: in words; empty when nothing is held.
        source: which file or message told of it, in words.
        source_at: when that came in; None: not known.
        since: since when it has been so; None: not known.
        choices: what it can be; empty: any text.
        also: other ways to say the same value, such as the UserId of an organisation.
    """

    name: str
    label: str
    value: str
    source: str
    source_at: datetime | None = None
    since: datetime | None = None
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def says(self, value: str) -> bool:
        """Whether it is what somebody says it should be; spaces, case and hyphens do not count."""
        return _plain(value) in {_plain(one) for one in (self.value, *self.also)}


def _plain(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def check_value(datum: Datum, proposed: str) -> str:
    """What is wrong with the value that somebody says should stand, or nothing."""
    if not proposed.strip():
        return "Enter the value that should stand."
    if len(proposed) > LONGEST_VALUE:
        return f"Use {LONGEST_VALUE} characters or fewer."
    if datum.choices and proposed not in datum.choices:
        return "Choose one of the list."
    if datum.says(proposed):
        return "This is the value that is held already."
    return ""
