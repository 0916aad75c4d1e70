"""What people search the inventory for (SSI-FR-2)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn, parse_postcode, parse_uprn


@dataclass(frozen=True, slots=True)
class InventorySearch:
    """What to look for: every criterion given must fit (SSI-FR-2). Values are canonical.

    `include_uncommissioned` adds Devices that have an SMI Status other than Commissioned; Type 2
    Devices have none and are found either way.
    """

    device_id: str | None = None
    mpxn: str | None = None
    uprn: str | None = None
    postcode: str | None = None
    property: str | None = None
    include_uncommissioned: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str | None], *, include_uncommissioned: bool = False) -> Self:
        """Read the criteria as people write them: spaces and case are forgiven.

        Raises Refused, with a message for each field, for a malformed identifier, a property
        without its postcode, or when nothing was given.
        """
        found: dict[str, str] = {}
        wrong: dict[str, str] = {}
        for name, parse in _CRITERIA.items():
            text = (given.get(name) or "").strip()
            if text:
                try:
                    found[name] = parse(text)
                except Refused as refused:
                    wrong[name] = refused.message
        if "property" in found and "postcode" not in found and "postcode" not in wrong:
            wrong["postcode"] = "Enter the postcode as well as the property name or number."
        if not found and not wrong:
            wrong["device_id"] = "Enter a Device ID, an MPAN or MPRN, a UPRN or a postcode."
        if wrong:
            raise Refused(next(iter(wrong.values())), code="invalid_search", fields=wrong)
        return cls(**found, include_uncommissioned=include_uncommissioned)

    def given(self) -> dict[str, str]:
        """The criteria that were given, by name."""
        return {name: value for name in _CRITERIA if (value := getattr(self, name))}


def _property(text: str) -> str:
    words = property_words(text)
    if not words or len(text) > MAX_PROPERTY:
        raise Refused(f"Enter a property name or number of up to {MAX_PROPERTY} characters.")
    return words


def property_words(text: str) -> str:
    """A property name or number as compared: its words in lower case, one space between."""
    return " ".join(_WORD.findall(text.casefold()))


MAX_PROPERTY: Final = 100
_WORD: Final = re.compile(r"[^\W_]+")
_CRITERIA: Final[Mapping[str, Callable[[str], str]]] = {
    "device_id": parse_eui,
    "mpxn": lambda text: parse_mpxn(text).value,
    "uprn": parse_uprn,
    "postcode": parse_postcode,
    "property": _property,
}
