"""Words of the inventory: Device types, SMI Statuses, what applies to which type.

Sources: DUIS schema V5.4 for the words; SEC Appendix AH (SSI-FR-3, SSI-FR-5) for what is shown.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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
    def is_before_use(self) -> bool:
        """Whether the Device has not been commissioned yet."""
        return self in {DeviceStatus.PENDING, DeviceStatus.WHITELISTED, _INSTALLED}

    @property
    def is_final(self) -> bool:
        """Whether the Device is no longer part of the network."""
        return self in {DeviceStatus.DECOMMISSIONED, DeviceStatus.WITHDRAWN}


_INSTALLED: Final = DeviceStatus.INSTALLED_NOT_COMMISSIONED


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
