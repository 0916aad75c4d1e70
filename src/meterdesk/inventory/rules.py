"""What the inventory knows about Devices before it looks at one. Plain Python.

Sources: DUIS schema V5.4 for the words; SEC Appendix AH (SSI-FR-3, SSI-FR-5) for what is shown.
The steps between statuses are provisional: only some of them are published.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn, parse_postcode, parse_uprn


class DeviceType(StrEnum):
    """Device types of DUIS V5.4."""

    ESME = "ESME"
    GSME = "GSME"
    GPF = "GPF"
    CHF = "CHF"
    HCALCS = "HCALCS"
    PPMID = "PPMID"
    IHD = "IHD"
    CAD = "CAD"

    @property
    def label(self) -> str:
        """The type in words."""
        return DEVICE_TYPE_TITLES[self]

    @property
    def is_type_2(self) -> bool:
        """Whether it holds no security credentials; it then has no SMI Status (SSI-FR-3)."""
        return self in TYPE_2

    @property
    def is_smart_meter(self) -> bool:
        """Whether it measures a meter point."""
        return self in {DeviceType.ESME, DeviceType.GSME}


TYPE_2: Final = frozenset({DeviceType.IHD, DeviceType.CAD})

DEVICE_TYPE_TITLES: Final = {
    DeviceType.ESME: "Electricity meter",
    DeviceType.GSME: "Gas meter",
    DeviceType.GPF: "Gas proxy function",
    DeviceType.CHF: "Communications hub",
    DeviceType.HCALCS: "Load control switch",
    DeviceType.PPMID: "Prepayment interface",
    DeviceType.IHD: "In-home display",
    DeviceType.CAD: "Consumer access device",
}

# The order in which Devices of one premises are listed.
DEVICE_TYPE_ORDER: Final = tuple(DEVICE_TYPE_TITLES)


class DeviceStatus(StrEnum):
    """SMI Statuses of DUIS V5.4 (INV-1)."""

    PENDING = "Pending"
    WHITELISTED = "Whitelisted"
    INSTALLED_NOT_COMMISSIONED = "InstalledNotCommissioned"
    COMMISSIONED = "Commissioned"
    DECOMMISSIONED = "Decommissioned"
    WITHDRAWN = "Withdrawn"
    SUSPENDED = "Suspended"
    RECOVERY = "Recovery"
    RECOVERED = "Recovered"

    @property
    def label(self) -> str:
        """The status in words."""
        return "Installed, not commissioned" if self is _INSTALLED else self.value

    @property
    def is_final(self) -> bool:
        """Whether the Device is no longer part of the network."""
        return self in {DeviceStatus.DECOMMISSIONED, DeviceStatus.WITHDRAWN}


_INSTALLED: Final = DeviceStatus.INSTALLED_NOT_COMMISSIONED
_ACTIVE: Final = frozenset(status for status in DeviceStatus if not status.is_final)

# Provisional (INV-1 to 5): a step that is not here is kept all the same, and marked as unusual.
TRANSITIONS: Final[Mapping[DeviceStatus | None, frozenset[DeviceStatus]]] = {
    None: frozenset({DeviceStatus.PENDING}),
    DeviceStatus.PENDING: frozenset({DeviceStatus.WHITELISTED, _INSTALLED, DeviceStatus.WITHDRAWN}),
    DeviceStatus.WHITELISTED: frozenset({_INSTALLED, DeviceStatus.WITHDRAWN}),
    _INSTALLED: frozenset({DeviceStatus.COMMISSIONED, DeviceStatus.WITHDRAWN}),
    DeviceStatus.COMMISSIONED: frozenset(
        {
            DeviceStatus.SUSPENDED,
            DeviceStatus.DECOMMISSIONED,
            DeviceStatus.WITHDRAWN,
            DeviceStatus.RECOVERY,
        }
    ),
    DeviceStatus.SUSPENDED: frozenset(
        {DeviceStatus.COMMISSIONED, DeviceStatus.DECOMMISSIONED, DeviceStatus.WITHDRAWN}
    ),
    DeviceStatus.RECOVERY: frozenset({DeviceStatus.RECOVERED, DeviceStatus.WITHDRAWN}),
    DeviceStatus.RECOVERED: frozenset(_ACTIVE - {DeviceStatus.RECOVERED}),
    DeviceStatus.DECOMMISSIONED: frozenset({DeviceStatus.PENDING}),
    DeviceStatus.WITHDRAWN: frozenset({DeviceStatus.PENDING, DeviceStatus.COMMISSIONED}),
}


def is_usual_step(before: DeviceStatus | None, after: DeviceStatus) -> bool:
    """Whether the provisional table knows this step; staying the same is always usual."""
    return before is after or after in TRANSITIONS[before]


_VARIANTS: Final = (
    "A B C AD BD CD ADE BDE CDE ADF BDF CDF ADEF BDEF CDEF ADG ADEG AF BF CF AEF BEF CEF AG AEG"
)
ESME_VARIANTS: Final = frozenset(_VARIANTS.split())
CSP_REGIONS: Final = (
    "North",
    "Central",
    "South",
    "4G North",
    "4G Central",
    "4G South",
    "SMETS1",
    "Unknown",
)
CONNECTIVITY: Final = ("Cellular", "Virtual")

_ELECTRICITY: Final = frozenset({DeviceType.ESME})
_METERED: Final = frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.GPF})
_HUB: Final = frozenset({DeviceType.CHF, DeviceType.GPF})

# Details shown only for some Device types (SSI-FR-5); a field that is not here is for all.
APPLIES_TO: Final[Mapping[str, frozenset[DeviceType]]] = {
    "esme_variant": _ELECTRICITY,
    "secondary_import_mpan": _ELECTRICITY,
    "export_mpan": _ELECTRICITY,
    "import_mpxn": _METERED,
    "wan_technology": _HUB,
    "csp_region": _HUB,
    "hub_variant": _HUB,
    "connectivity": _HUB,
    "firmware_version": frozenset(DeviceType) - TYPE_2,
    "status": frozenset(DeviceType) - TYPE_2,
}


def applies(field: str, device_type: DeviceType) -> bool:
    """Whether a detail is shown for a Device type (SSI-FR-5)."""
    return device_type in APPLIES_TO.get(field, frozenset(DeviceType))


# Products list: device type as listed, in lower case, to the inventory's type.
PRODUCT_TYPES: Final[Mapping[str, DeviceType]] = {
    "communications hub": DeviceType.CHF,
    "gas smart meter": DeviceType.GSME,
    "han connected auxiliary load control switch": DeviceType.HCALCS,
    "polyphase electricity metering equipment": DeviceType.ESME,
    "pre-payment interface device": DeviceType.PPMID,
    "single element electricity metering equipment": DeviceType.ESME,
    "twin element electricity metering equipment": DeviceType.ESME,
}
PRODUCT_STATUSES: Final = ("Current", "Removed")


@dataclass(frozen=True, slots=True)
class Branch:
    """A Device's place among those it hangs together with: depth 0 is the root."""

    device_id: str
    depth: int


def hang_together(
    root: str, neighbours: Mapping[str, Iterable[str]], order: Sequence[str] = ()
) -> list[Branch]:
    """Lay associated Devices out as a tree, each once, nearest way from the root.

    Args:
        root: the Device on top, usually the hub.
        neighbours: Device to those it is associated with, either way round; cycles are harmless.
        order: preferred order of Devices with the same parent; others follow by id.
    """
    rank = {device_id: place for place, device_id in enumerate(order)}
    children: dict[str, list[str]] = {root: []}
    waiting = deque([root])
    while waiting:
        parent = waiting.popleft()
        near = set(neighbours.get(parent, ())) - children.keys()
        for child in sorted(near, key=lambda one: (rank.get(one, len(rank)), one)):
            children[parent].append(child)
            children[child] = []
            waiting.append(child)
    laid_out: list[Branch] = []
    stack = [Branch(root, 0)]
    while stack:
        branch = stack.pop()
        laid_out.append(branch)
        stack.extend(
            Branch(child, branch.depth + 1) for child in reversed(children[branch.device_id])
        )
    return laid_out


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
