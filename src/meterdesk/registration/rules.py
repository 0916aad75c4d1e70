"""What a meter point is, which meter points make a premises, how registrations succeed each other.

Plain Python. Sources: REG-1, REG-2; design sections 5 and 6.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from meterdesk.kernel.errors import Refused


class MeterPointKind(StrEnum):
    """What a meter point measures; the first two are MPANs, the last an MPRN."""

    IMPORT = "IMPORT"
    EXPORT = "EXPORT"
    GAS = "GAS"

    @property
    def fuel(self) -> str:
        """`electricity` or `gas`."""
        return "gas" if self is MeterPointKind.GAS else "electricity"

    @property
    def label(self) -> str:
        """As written before the number: `Import MPAN`."""
        return {"IMPORT": "Import MPAN", "EXPORT": "Export MPAN", "GAS": "MPRN"}[self.value]


class PartyRole(StrEnum):
    """What a party is to a meter point."""

    SUPPLIER = "supplier"
    NETWORK_PARTY = "network_party"
    AGENT = "agent"


_UNNAMED = {
    (PartyRole.SUPPLIER, MeterPointKind.IMPORT): "the electricity supplier",
    (PartyRole.SUPPLIER, MeterPointKind.EXPORT): "the export supplier",
    (PartyRole.SUPPLIER, MeterPointKind.GAS): "the gas supplier",
    (PartyRole.NETWORK_PARTY, MeterPointKind.IMPORT): "the electricity distributor",
    (PartyRole.NETWORK_PARTY, MeterPointKind.EXPORT): "the electricity distributor",
    (PartyRole.NETWORK_PARTY, MeterPointKind.GAS): "the gas transporter",
}


def unnamed(role: PartyRole, kind: MeterPointKind) -> str:
    """The words for a party whose name the reader may not see (design section 5)."""
    return _UNNAMED.get((role, kind), f"the {kind.fuel} supplier's agent")


@dataclass(frozen=True, slots=True)
class Period:
    """Who is registered at one meter point from an instant to just before another.

    UserIds are EUI-64 text; `active_to` None: until the next period, or without end.
    """

    active_from: datetime
    active_to: datetime | None
    supplier: str
    network_party: str
    agent: str | None


class Overlaps(Refused):
    """A period with an end of its own that reaches into a later registration."""

    default_code = "overlaps"


def succeed(history: Sequence[Period], new: Period) -> list[Period] | None:
    """The history of a meter point once a row has been taken in; None when it changes nothing.

    A later start closes the period before it; the same start replaces; no given end means until
    the next start. So the same rows always lead to the same history, and taking them in again
    changes nothing.

    Args:
        history: periods in order of their start, none overlapping.
        new: the row.

    Raises:
        Overlaps: the row's own end lies after the start of a later registration.
    """
    place = bisect_left(history, new.active_from, key=lambda period: period.active_from)
    same = place < len(history) and history[place].active_from == new.active_from
    after = list(history[place + same :])
    following = after[0].active_from if after else None
    given = new.active_to
    ends = [instant for instant in (given, following) if instant is not None]
    period = replace(new, active_to=min(ends, default=None))
    if same and history[place] == period:
        return None
    if given is not None and following is not None and given > following:
        raise Overlaps(
            f"It ends after {following:%Y-%m-%d}, when a later registration begins. "
            "Leave effective_to empty or end it there."
        )
    before = list(history[:place])
    if before and (before[-1].active_to is None or before[-1].active_to > new.active_from):
        before[-1] = replace(before[-1], active_to=new.active_from)
    return [*before, period, *after]


_NOT_WORD = re.compile(r"[^A-Z0-9]+")


def folded(text: str) -> str:
    """An address part as compared: capitals, everything but letters and digits as one blank."""
    return _NOT_WORD.sub(" ", text.upper()).strip()


def premises_key(mpxn: str, uprn: str, property_: str, street: str, postcode: str) -> str:
    """What the meter points of one premises have in common.

    The UPRN; without one the postcode with property and street; without a property to tell
    neighbours apart, the meter point alone.
    """
    if uprn:
        return f"U{uprn}"
    if property_:
        return f"A{postcode}|{folded(property_)}|{folded(street)}"
    return f"M{mpxn}"


def matches_property(wanted: str, property_: str, street: str, town: str = "") -> bool:
    """Whether a property typed by somebody names this one (SSI-FR-2).

    A number matches that number alone (1 is not 12); words match from the start of a word;
    street and town may be typed along: `12 High Street, Townley`.
    """
    words, there = folded(wanted).split(), folded(f"{property_} {street} {town}").split()
    for start in range(len(there) - len(words) + 1):
        pairs = zip(words, there[start:], strict=False)
        if all(a == b or (a.isalpha() and b.startswith(a)) for a, b in pairs):
            return True
    return not words
