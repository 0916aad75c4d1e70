"""What stands around the Device or meter point that an incident is about (IM-8, SSI-FR-34)."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.identity.rules import Actor
from meterdesk.incidents.access import RAISE
from meterdesk.incidents.rules.responsibility import Fuel, PointParties
from meterdesk.inventory import queries as inventory
from meterdesk.kernel.errors import Refused
from meterdesk.registration import queries as registration

METER_TYPES = ("ESME", "GSME", "GPF")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A premises as an incident keeps it: identifiers, its hub at the time, who is registered."""

    device_id: str | None = None
    device_type: str = ""
    mpxns: tuple[str, ...] = ()
    uprn: str = ""
    postcode: str = ""
    address: str = ""
    hub_id: str | None = None
    hub_model: str = ""
    hub_version: str = ""
    smets1: bool = False
    points: tuple[PointParties, ...] = ()
    device_ids: tuple[str, ...] = ()


def surroundings_of(
    actor: Actor, device_id: str | None, mpxn: str | None, at: datetime
) -> Surroundings:
    """Look the subject of an incident up in inventory and registration, as they are at `at`.

    Raises Refused, fields device_id or mpxn, when there is no such Device or meter point.
    """
    if device_id is None and mpxn is None:
        return Surroundings()
    device = _device(actor, device_id) if device_id else None
    point = mpxn or (_point_of(actor, device) if device else None)
    premises = registration.premises_of(actor, point, component=RAISE) if point else None
    if mpxn and premises is None:
        raise Refused(
            "Check the meter point.",
            code="unknown_mpxn",
            fields={"mpxn": f"There is no meter point {mpxn} in the registration data."},
        )
    mpxns = premises.mpxns if premises else ()
    uprn = premises.uprn if premises else ((device.uprn or "") if device else "")
    devices = inventory.devices_of_premises(actor, mpxns, uprn or None)
    if device and device.device_id not in {one.device_id for one in devices}:
        devices = [device, *devices]
    hub = _hub(actor, device, devices)
    return Surroundings(
        device_id=device_id,
        device_type=device.device_type.value if device else "",
        mpxns=mpxns,
        uprn=uprn,
        postcode=premises.address.postcode if premises else _postcode(device),
        address=premises.address.full if premises else "",
        hub_id=hub.device_id if hub else None,
        hub_model=f"{hub.manufacturer} {hub.model}".strip() if hub else "",
        hub_version=hub.firmware_version if hub else "",
        smets1=any(one.s1sp for one in devices),
        points=points_at(mpxns, at),
        device_ids=tuple(one.device_id for one in devices),
    )


def _device(actor: Actor, device_id: str) -> inventory.DeviceDetails:
    found = inventory.device(actor, device_id)
    if found is None:
        raise Refused(
            "Check the Device.",
            code="unknown_device",
            fields={"device_id": f"There is no Device {device_id} in the inventory."},
        )
    return found


def _postcode(device: inventory.DeviceDetails | None) -> str:
    return (device.postcode or "") if device else ""


def _point_of(actor: Actor, device: inventory.DeviceDetails) -> str | None:
    """A meter point of the Device itself, of a meter it hangs together with, or of its UPRN."""
    for one in (device, *_meters_near(actor, device)):
        if point := one.import_mpxn or one.export_mpan:
            return point
    if device.uprn:
        there = registration.premises_at(actor, uprn=device.uprn, component=RAISE)
        return there[0].mpxn if there else None
    return None


def _meters_near(actor: Actor, device: inventory.DeviceDetails) -> list[inventory.DeviceDetails]:
    near = [one for one in device.closure if one.device_type in METER_TYPES]
    found = (inventory.device(actor, one.device_id) for one in near)
    return [one for one in found if one is not None]


def _hub(
    actor: Actor,
    device: inventory.DeviceDetails | None,
    devices: list[inventory.DeviceDetails],
) -> inventory.DeviceDetails | None:
    if device is not None:
        hub_id = inventory.hub_of(device.device_id)
        return inventory.device(actor, hub_id) if hub_id else None
    return next((one for one in devices if one.device_type == "CHF"), None)


def points_at(mpxns: tuple[str, ...], at: datetime) -> tuple[PointParties, ...]:
    """Who is registered at these meter points at an instant, as responsibility asks for it."""
    return tuple(
        PointParties(one.mpxn, Fuel(one.kind.value), one.supplier, one.network_party, one.agent)
        for one in registration.parties_at_premises(mpxns, at)
    )
