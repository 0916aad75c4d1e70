"""Who must resolve an incident (IM-5, IM-6, IM-7) and who else is told of it (IM-8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Area(StrEnum):
    """What an incident is about; its wording is the raiser's choice on the form (SSI-FR-22)."""

    HUB_OR_WAN = "HUB_OR_WAN"
    DATA_SERVICES = "DATA_SERVICES"
    HUB_MAINTENANCE = "HUB_MAINTENANCE"
    ELECTRICITY_METER = "ELECTRICITY_METER"
    GAS_METER = "GAS_METER"
    DISPLAY_OR_HAN = "DISPLAY_OR_HAN"
    SITE_VISIT = "SITE_VISIT"
    REGISTRATION = "REGISTRATION"
    PORTAL = "PORTAL"
    OTHER = "OTHER"

    @property
    def word(self) -> str:
        """As shown to people."""
        return AREA_WORDS[self]


AREA_WORDS = {
    Area.HUB_OR_WAN: "Communications Hub or wide area network",
    Area.DATA_SERVICES: "Service Requests, responses and other data services",
    Area.HUB_MAINTENANCE: "Remote maintenance or upgrade of a Communications Hub",
    Area.ELECTRICITY_METER: "Electricity meter",
    Area.GAS_METER: "Gas meter or gas proxy",
    Area.DISPLAY_OR_HAN: "In-home display or home area network",
    Area.SITE_VISIT: "Something that needs a visit to the premises",
    Area.REGISTRATION: "Registration data",
    Area.PORTAL: "This portal",
    Area.OTHER: "Something else",
}


_AREAS_BY_DEVICE_TYPE = {
    "ESME": Area.ELECTRICITY_METER,
    "GSME": Area.GAS_METER,
    "GPF": Area.GAS_METER,
    "CHF": Area.HUB_OR_WAN,
    "PPMID": Area.DISPLAY_OR_HAN,
    "IHD": Area.DISPLAY_OR_HAN,
    "CAD": Area.DISPLAY_OR_HAN,
    "HCALCS": Area.DISPLAY_OR_HAN,
}


def area_of_device(device_type: str) -> Area | None:
    """The area proposed for an incident on a Device of this type (SSI-FR-24)."""
    return _AREAS_BY_DEVICE_TYPE.get(device_type)


class Fuel(StrEnum):
    """What a meter point is for; the order is that of the lead Supplier (IM-6)."""

    IMPORT = "IMPORT"
    GAS = "GAS"
    EXPORT = "EXPORT"


SUPPLIER_WORDS = {
    Fuel.IMPORT: "the electricity supplier",
    Fuel.GAS: "the gas supplier",
    Fuel.EXPORT: "the export supplier",
}
OPERATOR_WORDS = "the network's operator"


@dataclass(frozen=True, slots=True)
class PointParties:
    """Who is registered at one meter point; UserIds as EUI-64 text."""

    mpxn: str
    fuel: Fuel
    supplier: str
    network_party: str
    agent: str | None


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who resolves: a UserId, or the operator when it is None; and the rule that says so."""

    user_id: str | None
    label: str
    reason: str


def lead_supplier(points: Iterable[PointParties]) -> PointParties | None:
    """The meter point whose supplier leads at a premises: import, then gas, then export (IM-6)."""
    order = list(Fuel)
    return min(points, key=lambda point: (order.index(point.fuel), point.mpxn), default=None)


def responsible_party(
    area: Area,
    points: Iterable[PointParties],
    *,
    smets1: bool = False,
    service_chain_clear: bool = False,
) -> Responsible:
    """Who resolves an incident of this area at these meter points.

    Args:
        smets1: the equipment is SMETS1: its hub belongs to the lead electricity Supplier (IM-7).
        service_chain_clear: the operator has checked its own service chain and found no error.
    """
    known = list(points)
    smets1_hub = smets1 and area in _HUB_AREAS
    if area in _SHARED_AREAS:
        point, reason = lead_supplier(known), _SHARED
    elif smets1_hub and service_chain_clear:
        point, reason = _first(known, Fuel.IMPORT), _SMETS1_HUB
    else:
        point, reason = _first(known, *_METER_AREAS.get(area, ())), _METER
    if point is not None:
        return Responsible(point.supplier, SUPPLIER_WORDS[point.fuel], reason)
    if smets1_hub:
        return Responsible(None, OPERATOR_WORDS, _SMETS1_FIRST)
    return Responsible(None, OPERATOR_WORDS, _NETWORK if area in _NETWORK_AREAS else _OTHERWISE)


_METER_AREAS = {
    Area.ELECTRICITY_METER: (Fuel.IMPORT, Fuel.EXPORT),
    Area.GAS_METER: (Fuel.GAS,),
}
_SHARED_AREAS = frozenset({Area.DISPLAY_OR_HAN, Area.SITE_VISIT})
_HUB_AREAS = frozenset({Area.HUB_OR_WAN, Area.HUB_MAINTENANCE})
_NETWORK_AREAS = _HUB_AREAS | {Area.DATA_SERVICES}

_METER = "A meter is resolved by its supplier"
_SHARED = "What is shared at a premises is resolved by the lead supplier"
_SMETS1_HUB = "A SMETS1 hub is resolved by the lead electricity supplier"
_SMETS1_FIRST = "For a SMETS1 hub the operator checks its own service chain first"
_NETWORK = "The communications network and data services are the operator's"
_OTHERWISE = "The operator answers for what no other party is responsible for"


def _first(points: Iterable[PointParties], *fuels: Fuel) -> PointParties | None:
    """The first meter point of the first of these fuels that there is."""
    ordered = [point for fuel in fuels for point in points if point.fuel is fuel]
    return ordered[0] if ordered else None


@dataclass(frozen=True, slots=True)
class Interest:
    """A UserId that is told of an incident, and why (IM-8)."""

    user_id: str
    why: str


def interested_parties(points: Iterable[PointParties]) -> tuple[Interest, ...]:
    """Every party registered at the meter points, once each, with the first reason found."""
    found: dict[str, str] = {}
    for point in points:
        electric = point.fuel is not Fuel.GAS
        network = "electricity distributor" if electric else "gas transporter"
        supplier = SUPPLIER_WORDS[point.fuel].removeprefix("the ")
        found.setdefault(point.supplier, f"Registered {supplier}")
        found.setdefault(point.network_party, f"Registered {network}")
        if point.agent:
            found.setdefault(point.agent, f"Registered agent of the {supplier}")
    return tuple(Interest(user_id, why) for user_id, why in found.items())
