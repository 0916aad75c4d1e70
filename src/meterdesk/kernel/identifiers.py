"""Identifiers of the network: read as people write them, kept in one canonical text.

Every `parse_*` forgives case, spaces and the usual separators, returns the canonical text and
raises InvalidIdentifier, and nothing else, with a sentence that says how to mend the text.
"""

import re
from dataclasses import dataclass
from typing import Final

from meterdesk.kernel.errors import Refused

EUI_HEX_DIGITS: Final = 16
MPAN_DIGITS: Final = 13
MPAN_TOP_LINE: Final = 8
MPRN_MAX_DIGITS: Final = 10
UPRN_MAX_DIGITS: Final = 12
REFERENCE_DIGITS: Final = 7
COUNTER_MAX: Final = 2**64 - 1
REFERENCE_KINDS: Final = {
    "INC": "incident",
    "PRB": "problem",
    "REQ": "service request",
    "ORD": "order",
    "RET": "return",
    "ALT": "service alert",
    "CHG": "planned change",
    "SIP": "improvement proposal",
}

# Eleven is left out of the weights by the rule itself, not by mistake.
MPAN_WEIGHTS: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
_SEPARATORS: Final = re.compile(r"[\s\u00ad\u200b-\u200d\ufeff\-\u2010-\u2015\u2212:.]+")
_BLANKS: Final = re.compile(r"[\s\u200b-\u200d\ufeff]+")
_OUTCODE: Final = r"(?:[A-Z]{1,2}[0-9][0-9A-Z]?|GIR|NPT)"
_INCODE: Final = r"[0-9][A-Z]{2}"
_POSTCODE_SHAPE: Final = re.compile(f"({_OUTCODE})({_INCODE})")
_OUTCODE_SHAPE: Final = re.compile(_OUTCODE)
_MPAN_FULL: Final = re.compile(r"S?[0-9]{5}[0-9A-Z]{3}([0-9]{13})")
_REFERENCE: Final = re.compile(f"({'|'.join(REFERENCE_KINDS)})([0-9]{{1,{REFERENCE_DIGITS}}})")


class InvalidIdentifier(Refused):
    """The text is not an identifier of the kind asked for; `kind` names that kind."""

    default_code = "invalid_identifier"

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


def compact(text: str) -> str:
    """Return the text in capitals without blanks, hyphens, dashes, colons and full stops."""
    return _SEPARATORS.sub("", text).upper()


def all_digits(text: str) -> bool:
    """Whether the text is one or more of the digits 0 to 9 and nothing else."""
    return text.isascii() and text.isdigit()


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


# EUI-64: Device ID, User ID


def parse_eui(text: str) -> str:
    """Return an EUI-64 as `HH-HH-HH-HH-HH-HH-HH-HH` in capitals (SSI-FR-2, SSI-FR-6)."""
    digits = compact(text)
    if len(digits) != EUI_HEX_DIGITS:
        raise InvalidIdentifier(
            "eui",
            "A Device ID has 16 characters, 0 to 9 and A to F, such as "
            f"00-DB-12-34-56-78-90-A0; this has {len(digits)}.",
        )
    if not re.fullmatch(r"[0-9A-F]{16}", digits):
        wrong = next(c for c in digits if c not in "0123456789ABCDEF")
        raise InvalidIdentifier(
            "eui", f"A Device ID has only 0 to 9 and A to F; change the character {wrong}."
        )
    return "-".join(digits[i : i + 2] for i in range(0, EUI_HEX_DIGITS, 2))


def eui_to_int(eui: str) -> int:
    """Return an EUI-64 as the signed 64-bit number with the same bits, as stored."""
    return int.from_bytes(bytes.fromhex(compact(parse_eui(eui))), "big", signed=True)


def eui_from_int(number: int) -> str:
    """Return the canonical EUI-64 of a stored signed 64-bit number.

    Raises OverflowError outside -2^63 to 2^63-1.
    """
    return number.to_bytes(8, "big", signed=True).hex("-").upper()


# MPAN, MPRN


def mpan_check_digit(first12: str) -> int:
    """Return the check digit of the first twelve digits of an MPAN core.

    Raises InvalidIdentifier when the text is not twelve digits.
    """
    if len(first12) != MPAN_DIGITS - 1 or not all_digits(first12):
        raise InvalidIdentifier("mpan", "A check digit is computed from exactly 12 digits.")
    weighted = zip(first12, MPAN_WEIGHTS, strict=True)
    return sum(int(digit) * weight for digit, weight in weighted) % 11 % 10


def mpan_core(text: str) -> str | None:
    """Return the 13 digits of a text shaped like an MPAN, core or full, or None.

    The check digit is not looked at. The full number is the top line (profile class, meter time
    switch code, line loss factor class: eight characters, the last three may be letters), then
    the core; a printed S before it is forgiven.
    """
    short = compact(text)
    if len(short) == MPAN_DIGITS and all_digits(short):
        return short
    full = _MPAN_FULL.fullmatch(short)
    return full.group(1) if full else None


def parse_mpan(text: str) -> str:
    """Return the 13-digit core of an MPAN; a wrong check digit is refused (SSI-FR-2)."""
    core = mpan_core(text)
    if core is None:
        raise InvalidIdentifier(
            "mpan",
            "An MPAN has 13 digits, or 21 with its top line; "
            f"this has {_count(len(compact(text)), 'character')}.",
        )
    check = mpan_check_digit(core[:-1])
    if check != int(core[-1]):
        raise InvalidIdentifier(
            "mpan",
            f"This has 13 digits like an MPAN, but its check digit is wrong: by its first 12 "
            f"digits it should end in {check}. Compare each digit with the source.",
        )
    return core


def mpan_distributor_id(mpan: str) -> str:
    """Return the two digits that name the distributor of an MPAN, such as `13`."""
    return parse_mpan(mpan)[:2]


def _mprn_check(prefix: str) -> str:
    weighted = zip(prefix, range(len(prefix), 0, -1), strict=True)
    return f"{sum(int(digit) * weight for digit, weight in weighted) % 11:02}"


def parse_mprn(text: str) -> str:
    """Return an MPRN of 1 to 10 digits as written, leading zeros kept.

    A wrong check is not refused (old ones predate the rule): see mprn_check_ok.
    """
    digits = compact(text)
    if not all_digits(digits) or len(digits) > MPRN_MAX_DIGITS:
        raise InvalidIdentifier("mprn", "An MPRN has 1 to 10 digits and nothing else.")
    return digits


def mprn_check_ok(mprn: str) -> bool:
    """Whether the last two digits of an MPRN agree with the check rule; False is a warning."""
    digits = parse_mprn(mprn)
    return len(digits) > 2 and _mprn_check(digits[:-2]) == digits[-2:]


def mprn_with_check(prefix: str) -> str:
    """Return the MPRN made of up to eight digits and their two check digits.

    Raises InvalidIdentifier when the prefix is not one to eight digits.
    """
    if not all_digits(prefix) or len(prefix) > MPRN_MAX_DIGITS - 2:
        raise InvalidIdentifier("mprn", "An MPRN begins with 1 to 8 digits before its check.")
    return prefix + _mprn_check(prefix)


@dataclass(frozen=True, slots=True)
class Mpxn:
    """A meter point: `kind` is `mpan` or `mprn`; `warning` is a sentence when in doubt."""

    kind: str
    value: str
    warning: str | None = None


def parse_mpxn(text: str) -> Mpxn:
    """Return the MPAN (13 or 21 digits) or MPRN (up to 10 digits) of a text (SSI-FR-2)."""
    if mpan_core(text) is not None:
        return Mpxn("mpan", parse_mpan(text))
    digits = compact(text)
    if not all_digits(digits) or len(digits) > MPRN_MAX_DIGITS:
        raise InvalidIdentifier(
            "mpxn",
            "Enter an MPAN of 13 digits (or all 21) or an MPRN of up to 10; "
            f"this has {_count(len(digits), 'character')}.",
        )
    return Mpxn("mprn", digits, None if mprn_check_ok(digits) else MPRN_WARNING)


MPRN_WARNING: Final = (
    "The last two digits do not agree with the check rule for an MPRN. "
    "Some old ones predate the rule; compare each digit with the source."
)


# UPRN, postcode


def parse_uprn(text: str) -> str:
    """Return a UPRN: a positive number of 1 to 12 digits without leading zeros (SSI-FR-2)."""
    digits = compact(text)
    if not all_digits(digits) or len(digits) > UPRN_MAX_DIGITS or not digits.strip("0"):
        raise InvalidIdentifier("uprn", "A UPRN is a number of 1 to 12 digits above zero.")
    return digits.lstrip("0")


def parse_postcode(text: str) -> str:
    """Return a GB postcode as `AB1 0AJ`: capitals, one space (SSI-FR-2, SSI-FR-12)."""
    found = _POSTCODE_SHAPE.fullmatch(_BLANKS.sub("", text).upper())
    if found is None:
        raise InvalidIdentifier(
            "postcode",
            "A postcode has two parts, such as AB1 0AJ: the second is a digit and two letters.",
        )
    return f"{found.group(1)} {found.group(2)}"


def parse_outcode(text: str) -> str:
    """Return the outcode, a postcode less its last three characters, such as `AB1`."""
    outcode = _BLANKS.sub("", text).upper()
    if not _OUTCODE_SHAPE.fullmatch(outcode):
        raise InvalidIdentifier(
            "outcode",
            "An outcode is the first part of a postcode: one or two letters, then a digit "
            "and perhaps one more digit or letter, such as AB1 or EC1A.",
        )
    return outcode


def split_postcode(postcode: str) -> tuple[str, str]:
    """Return outcode and incode of a postcode."""
    outcode, _, incode = parse_postcode(postcode).partition(" ")
    return outcode, incode


# References of the platform and of the network's messages


def parse_reference(text: str) -> str:
    """Return a reference such as `INC0000123`; leading zeros may have been left out."""
    found = _REFERENCE.fullmatch(compact(text).lstrip("#"))
    if found is None:
        raise InvalidIdentifier(
            "reference",
            f"A reference is {', '.join(REFERENCE_KINDS)} and seven digits, such as INC0000123.",
        )
    return found.group(1) + found.group(2).zfill(REFERENCE_DIGITS)


def format_reference(prefix: str, number: int) -> str:
    """Return the reference of a sequence number from 0 to 9,999,999; ValueError otherwise."""
    if prefix not in REFERENCE_KINDS or not 0 <= number < 10**REFERENCE_DIGITS:
        raise ValueError(f"no reference for {prefix!r} and {number}")
    return f"{prefix}{number:0{REFERENCE_DIGITS}}"


@dataclass(frozen=True, slots=True)
class RequestId:
    """The id of a network service request; its text is `originator:target:counter`."""

    originator: str
    target: str
    counter: int

    def __str__(self) -> str:
        return f"{self.originator}:{self.target}:{self.counter}"


def parse_request_id(text: str) -> RequestId:
    """Return a DUIS request id: two EUI-64s and a counter from 0 to 2^64-1 (SSI-FR-6)."""
    parts = [_BLANKS.sub("", part) for part in text.split(":")]
    if len(parts) != 3:
        raise InvalidIdentifier(
            "request_id",
            "A request id has three parts with colons between them: originator, target, counter.",
        )
    counter = parts[2].lstrip("0") or "0"
    if not all_digits(parts[2]) or len(counter) > 20 or int(counter) > COUNTER_MAX:
        raise InvalidIdentifier(
            "request_id", f"The counter of a request id is a number from 0 to {COUNTER_MAX}."
        )
    return RequestId(parse_eui(parts[0]), parse_eui(parts[1]), int(counter))
