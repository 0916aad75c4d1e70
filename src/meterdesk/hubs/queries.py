"""Reads of Communications Hubs (SSI-FR-16 to 19)."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields
from datetime import datetime

from meterdesk.hubs.access import NOT_A_PARTY, may_see
from meterdesk.hubs.models import HubRecord
from meterdesk.hubs.rules import HubData, WanConnectivity
from meterdesk.identity.rules import Actor
from meterdesk.inventory.queries import DeviceDetails, records_with
from meterdesk.inventory.rules import DeviceType, hang_together
from meterdesk.kernel.errors import NotAllowed, NotVisible, Refused
from meterdesk.platform.intake import last_taken_in
from meterdesk.registration.queries import RegisteredParties, registered_user_ids
from meterdesk.trail.queries import AnonymisedCommand, last_commands_of_hub

__all__ = [
    "HubAnswer",
    "freshness",
    "hub_status",
    "hubs_among",
    "may_see_hub",
    "meter_points_of",
    "parties_of_hubs",
]

LAST_COMMANDS = 5
_NAMES = tuple(field.name for field in fields(HubData))


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """Diagnostics of one hub (SSI-FR-17).

    Attributes:
        device_id: Device ID of the Communications Hub Function.
        description: type and model in words.
        csp_region: the Region of the CSP responsible, as the inventory has it.
        place: property and postcode, as far as they are known.
        mpxns: meter points of the Devices on the hub.
        commands: the last Commands sent through the hub, newest first, of whomever they were.
        data: what the CSP says; None when it has said nothing.
    """

    device_id: str
    description: str
    csp_region: str
    place: str
    mpxns: tuple[str, ...]
    commands: tuple[AnonymisedCommand, ...]
    data: HubData | None


def hub_status(actor: Actor, device_id: str, at: datetime) -> HubAnswer:
    """The diagnostics of a hub as they are held at `at` (SSI-FR-16, 17).

    Raises:
        NotVisible: there is no such Device.
        Refused: the Device is not a Communications Hub.
        NotAllowed: the actor is no party of a Smart Metering System of the hub.
    """
    records = records_with(device_id)
    hub = next((one for one in records if one.device_id == device_id), None)
    if hub is None:
        raise NotVisible("There is no Device of this id in the inventory.")
    if hub.device_type is not DeviceType.CHF:
        raise Refused(_not_a_hub(hub, records), code="not_a_hub")
    mpxns = meter_points_of(records)
    if not may_see(actor, registered_user_ids(mpxns, at)):
        raise NotAllowed(NOT_A_PARTY)
    return HubAnswer(
        device_id=device_id,
        description=hub.description,
        csp_region=hub.csp_region,
        place=hub.address,
        mpxns=mpxns,
        commands=tuple(last_commands_of_hub(device_id, limit=LAST_COMMANDS)),
        data=_data([device_id]).get(device_id),
    )


def _not_a_hub(device: DeviceDetails, records: Iterable[DeviceDetails]) -> str:
    hub = next((one for one in records if one.device_type is DeviceType.CHF), None)
    what = f"This is not a Communications Hub but a Device of type {device.device_type}."
    return f"{what} Its hub is {hub.device_id}." if hub else what


def may_see_hub(actor: Actor, device_id: str, at: datetime) -> bool:
    """Whether the actor would be answered about this hub."""
    records = records_with(device_id)
    return bool(records) and may_see(actor, registered_user_ids(meter_points_of(records), at))


def hubs_among(
    actor: Actor, hubs: Mapping[str, Set[str]], registered: Set[str]
) -> list[HubData] | None:
    """What the CSP says of those hubs of a premises that the actor may read of; None: of none.

    Args:
        actor: who asks.
        hubs: each hub of the premises with the UserIds registered now at the meter points on it.
        registered: UserIds registered now at any of the premises, for one without a hub.
    """
    open_ones = [hub_id for hub_id, parties in hubs.items() if may_see(actor, parties)]
    if not open_ones and (hubs or not may_see(actor, registered)):
        return None
    return list(_data(open_ones).values())


def parties_of_hubs(
    devices: Iterable[DeviceDetails], parties: Iterable[RegisteredParties]
) -> dict[str, frozenset[str]]:
    """Each hub among the Devices of a premises, with who is registered at the meter points on it.

    Two hubs of one premises, or of homes that share a UPRN, are two Smart Metering Systems.
    """
    found, registered = list(devices), list(parties)
    near = {one.device_id: one.associated for one in found}
    hubs = {}
    for hub in (one for one in found if one.device_type is DeviceType.CHF):
        on_it = {branch.device_id for branch in hang_together(hub.device_id, near)}
        points = meter_points_of(one for one in found if one.device_id in on_it)
        there = (one.user_ids for one in registered if one.mpxn in points)
        hubs[hub.device_id] = frozenset().union(*there)
    return hubs


def freshness() -> datetime | None:
    """When the CSPs' data last came in (SSI-NFR-35)."""
    return last_taken_in("hubs")


def meter_points_of(records: Iterable[DeviceDetails]) -> tuple[str, ...]:
    """MPANs and MPRNs that these Devices measure, each once."""
    return tuple(
        dict.fromkeys(
            mpxn
            for one in records
            for mpxn in (one.import_mpxn, one.secondary_import_mpan, one.export_mpan)
            if mpxn
        )
    )


def _data(hub_ids: Iterable[str]) -> dict[str, HubData]:
    rows = HubRecord.objects.filter(device_id__in=list(hub_ids)).values(*_NAMES)
    return {
        row["device_id"]: HubData(
            **{
                **row,
                "wan_connectivity": WanConnectivity(row["wan_connectivity"])
                if row["wan_connectivity"]
                else None,
                "han_status": row["han_status"] or None,
            }
        )
        for row in rows
    }
