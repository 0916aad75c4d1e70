"""What a text typed into the one box can be, by shape and check digit alone (SSI-FR-2)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from meterdesk.kernel.identifiers import (
    EUI_HEX_DIGITS,
    MPAN_DIGITS,
    MPRN_MAX_DIGITS,
    MPRN_WARNING,
    UPRN_MAX_DIGITS,
    InvalidIdentifier,
    all_digits,
    compact,
    mpan_check_digit,
    mpan_core,
    mprn_check_ok,
    parse_eui,
    parse_outcode,
    parse_postcode,
    parse_reference,
    parse_request_id,
    parse_uprn,
)

MAX_TEXT: Final = 200


class IdKind(StrEnum):
    """The kinds of identifier that the box takes."""

    DEVICE_ID = "Device ID"
    MPAN = "MPAN"
    MPRN = "MPRN"
    UPRN = "UPRN"
    POSTCODE = "postcode"
    OUTCODE = "outcode"
    REFERENCE = "reference"
    REQUEST_ID = "request id"


class Certainty(IntEnum):
    """How well the text fits; a near miss fits nothing and its note says what to mend."""

    NEAR_MISS = 0
    DOUBTFUL = 1
    POSSIBLE = 2
    SURE = 3


@dataclass(frozen=True, slots=True)
class Recognised:
    """One thing the text can be.

    `value` is canonical (of a near miss: the text as read, or the correction when there is just
    one). `property_name` is the property name or number typed with a postcode. `note` is a
    sentence for people where there is doubt.
    """

    kind: IdKind
    value: str
    certainty: Certainty
    property_name: str | None = None
    note: str | None = None

    @property
    def can_be_looked_up(self) -> bool:
        """Whether the value is one that can exist."""
        return self.certainty > Certainty.NEAR_MISS


_UNSEEN: Final = re.compile(r"[\u200b-\u200d\ufeff]")
_LABEL: Final = re.compile(
    r"(mpan|mprn|uprn|device ?id|guid|eui|postcode|outcode)(?: ?[:#=] ?| )", re.IGNORECASE
)
_LABELLED: Final = {
    "mpan": {IdKind.MPAN},
    "mprn": {IdKind.MPRN},
    "uprn": {IdKind.UPRN},
    "deviceid": {IdKind.DEVICE_ID},
    "guid": {IdKind.DEVICE_ID},
    "eui": {IdKind.DEVICE_ID},
    "postcode": {IdKind.POSTCODE, IdKind.OUTCODE},
    "outcode": {IdKind.OUTCODE},
}
_POSTCODE: Final = r"(?P<code>[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})"
_POSTCODE_LAST: Final = re.compile(rf"(?P<place>.*?)(?:^|[ ,;]+){_POSTCODE}", re.I | re.A)
_POSTCODE_FIRST: Final = re.compile(rf"{_POSTCODE}[ ,;]+(?P<place>.*)", re.I | re.A)
_LETTER_O: Final = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)O([A-Z]{2})")
_HEX: Final = re.compile(r"[0-9A-F]+")


def recognise(text: str) -> list[Recognised]:
    """Return everything the text can be, most likely first; empty when it is none of these.

    A text that can be several things (ten digits: MPRN and UPRN) gives them all. A label before
    it, such as `MPAN`, leaves only that kind. Never raises.
    """
    typed = " ".join(_UNSEEN.sub("", text).split())
    if not typed or len(typed) > MAX_TEXT:
        return []
    label = _LABEL.match(typed)
    wanted = set(IdKind)
    if label:
        wanted = _LABELLED[label[1].replace(" ", "").lower()]
        typed = typed[label.end() :]
    found = [one for reader in _READERS for one in reader(typed) if one.kind in wanted]
    return sorted(found, key=lambda one: -one.certainty)


def _references(text: str) -> Iterator[Recognised]:
    yield from _exactly(IdKind.REFERENCE, parse_reference, text)
    try:
        request = parse_request_id(text)
    except InvalidIdentifier:
        return
    yield Recognised(IdKind.REQUEST_ID, str(request), Certainty.SURE)


def _exactly(kind: IdKind, parse: Callable[[str], str], text: str) -> Iterator[Recognised]:
    try:
        yield Recognised(kind, parse(text), Certainty.SURE)
    except InvalidIdentifier:
        return


def _device_ids(text: str) -> Iterator[Recognised]:
    short = compact(text)
    if not _HEX.fullmatch(short):
        return
    if len(short) == EUI_HEX_DIGITS:
        yield Recognised(IdKind.DEVICE_ID, parse_eui(short), Certainty.SURE)
    elif abs(len(short) - EUI_HEX_DIGITS) <= 2:
        yield Recognised(
            IdKind.DEVICE_ID,
            short,
            Certainty.NEAR_MISS,
            note=f"This looks like a Device ID, but it has {len(short)} characters; "
            f"a Device ID has {EUI_HEX_DIGITS}.",
        )


def _mpans(text: str) -> Iterator[Recognised]:
    core, short = mpan_core(text), compact(text)
    if core is not None:
        check = mpan_check_digit(core[:-1])
        if check == int(core[-1]):
            yield Recognised(IdKind.MPAN, core, Certainty.SURE)
        else:
            yield Recognised(
                IdKind.MPAN,
                core,
                Certainty.NEAR_MISS,
                note="This has 13 digits like an MPAN, but its check digit is wrong; "
                f"it should end in {check}.",
            )
    elif all_digits(short) and len(short) in {11, 12, 14, 15, 20, 22}:
        yield Recognised(
            IdKind.MPAN,
            short,
            Certainty.NEAR_MISS,
            note=f"This has {len(short)} digits; an MPAN has {MPAN_DIGITS}, or 21 with its "
            "top line.",
        )


def _gas_and_property_numbers(text: str) -> Iterator[Recognised]:
    digits = compact(text)
    if not all_digits(digits):
        return
    if len(digits) <= MPRN_MAX_DIGITS:
        agrees = mprn_check_ok(digits)
        yield Recognised(
            IdKind.MPRN,
            digits,
            Certainty.SURE if agrees else Certainty.DOUBTFUL,
            note=None if agrees else MPRN_WARNING,
        )
    if len(digits) <= UPRN_MAX_DIGITS and digits.strip("0"):
        yield Recognised(IdKind.UPRN, parse_uprn(digits), Certainty.POSSIBLE)


def _postcodes(text: str) -> Iterator[Recognised]:
    placed = _POSTCODE_LAST.fullmatch(text) or _POSTCODE_FIRST.fullmatch(text)
    if placed:
        place = " ".join(placed["place"].replace(",", " ").replace(";", " ").split())
        postcode = parse_postcode(placed["code"])
        yield Recognised(IdKind.POSTCODE, postcode, Certainty.SURE, place or None)
        return
    yield from _exactly(IdKind.POSTCODE, parse_postcode, text)
    yield from _exactly(IdKind.OUTCODE, parse_outcode, text)
    slip = _LETTER_O.fullmatch(compact(text))
    if slip:
        meant = f"{slip[1]} 0{slip[2]}"
        note = f"This looks like the postcode {meant} with the letter O for the number 0."
        yield Recognised(IdKind.POSTCODE, meant, Certainty.NEAR_MISS, note=note)


_READERS: Final[tuple[Callable[[str], Iterator[Recognised]], ...]] = (
    _references,
    _device_ids,
    _mpans,
    _postcodes,
    _gas_and_property_numbers,
)
