"""What a meter point is, and which meter points make a premises (REG-1; design section 5)."""

import re
from enum import StrEnum


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
