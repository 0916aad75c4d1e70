"""May this Device take on that status now: judged against what is known (INV-3 to INV-5).

Device IDs are the 8-byte numbers they are stored as, since changes come by the hundred thousand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from meterdesk.inventory.rules.lifecycle import Step, following, step_between
from meterdesk.inventory.rules.words import DeviceStatus, DeviceType
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_from_int

IN_USE: Final = frozenset(
    {
        DeviceStatus.COMMISSIONED,
        DeviceStatus.SUSPENDED,
        DeviceStatus.RECOVERY,
        DeviceStatus.RECOVERED,
    }
)
"""Statuses in which a meter holds its meter point: commissioned, whatever came upon it since."""


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """What was asked for: this Device has this status from this instant.

    `user_id` is the UserId that asked for it (EUI-64 text), None when it was not said.
    """

    device_id: int
    after: DeviceStatus
    at: datetime
    reason: str = ""
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A Device as far as changes of status need it; `status` None for Type 2."""

    device_id: int
    device_type: DeviceType
    status: DeviceStatus | None
    status_at: datetime | None
    mpxn: str | None = None


@dataclass(slots=True)
class World:
    """The Devices that requests are about, with those they hang together with.

    Attributes:
        devices: by Device ID; a Device that is not here is not in the inventory.
        near: Device ID to those it is associated with, either way round.
        holders: (meter point, meter type) to the meters in use there.
        remembered: (Device ID, instant, status) of the history, of what was asked for.
    """

    devices: dict[int, KnownDevice] = field(default_factory=dict)
    near: dict[int, set[int]] = field(default_factory=dict)
    holders: dict[tuple[str, DeviceType], set[int]] = field(default_factory=dict)
    remembered: set[tuple[int, datetime, DeviceStatus]] = field(default_factory=set)

    def together(self, device_id: int) -> Iterator[tuple[int, KnownDevice]]:
        """The Devices that hang together with one, each with its distance; cycles end."""
        seen, level, distance = {device_id}, [device_id], 0
        while level:
            distance += 1
            level = sorted(
                {other for one in level for other in self.near.get(one, ())}.difference(seen)
            )
            seen.update(level)
            yield from ((distance, self.devices[one]) for one in level if one in self.devices)

    def note(self, request: StatusRequest) -> None:
        """Make a request that was accepted part of what is known."""
        one = replace(self.devices[request.device_id], status=request.after, status_at=request.at)
        self.devices[request.device_id] = one
        self.remembered.add((one.device_id, request.at, request.after))
        if one.mpxn and one.device_type.is_smart_meter:
            holders = self.holders.setdefault((one.mpxn, one.device_type), set())
            (holders.add if request.after in IN_USE else holders.discard)(one.device_id)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that holds: the Device before it and the step it takes."""

    request: StatusRequest
    before: KnownDevice
    step: Step


def judge(request: StatusRequest, world: World) -> Accepted | None:
    """The step that a request takes, None when it is known already.

    Raises Refused with a code of its own for each rule that it breaks (INV-3).
    """
    known = world.devices.get(request.device_id)
    if known is None:
        raise Refused(
            "This Device is not in the inventory. It must be pre-notified first.",
            code="not_in_inventory",
        )
    if known.device_type.is_type_2:
        raise Refused(
            f"{_an(known.device_type)} is a Type 2 Device, which has no SMI Status.",
            code="no_smi_status",
        )
    if (
        request.after is known.status
        or (request.device_id, request.at, request.after) in world.remembered
    ):
        return None
    if known.status_at and request.at < known.status_at:
        raise Refused(
            f"The Device has been {_word(known.status)} since {known.status_at:%Y-%m-%d %H:%M} UTC."
            " A change must be later than that.",
            code="earlier_than_known",
        )
    step = step_between(known.status, request.after, known.device_type)
    if step is None:
        raise _no_such_step(request, known)
    if step.commissions:
        _may_be_commissioned(known, world)
    return Accepted(request, known, step)


def _no_such_step(request: StatusRequest, known: KnownDevice) -> Refused:
    if request.after is DeviceStatus.COMMISSIONED:
        return Refused(
            f"The Device is {_word(known.status)}. Only one that is Pending or Installed, not"
            " commissioned, can be commissioned.",
            code="wrong_status",
        )
    choices = following(known.status, known.device_type)
    can = f"become {_list([_word(one) for one in choices])}" if choices else "not change"
    return Refused(
        f"A Device that is {_word(known.status)} cannot become {_word(request.after)}. It can"
        f" {can}.",
        code="no_such_step",
    )


def _may_be_commissioned(known: KnownDevice, world: World) -> None:
    """The rules of commissioning, in the order of INV-3. Raises Refused."""
    around = list(world.together(known.device_id))
    hubs = [one for one in around if one[1].device_type is DeviceType.CHF]
    live = [one for one in hubs if one[1].status is DeviceStatus.COMMISSIONED]
    nearest = [hub for distance, hub in live if distance == live[0][0]]
    if not hubs:
        raise Refused("The Device is associated with no Communications Hub.", code="no_hub")
    if len(nearest) > 1:
        named = _list([eui_from_int(hub.device_id) for hub in nearest], "and")
        raise Refused(
            f"The Device hangs together with two commissioned hubs, {named}. It belongs to one.",
            code="in_two_homes",
        )
    if not live:
        hub = hubs[0][1]
        raise Refused(
            f"Its Communications Hub {eui_from_int(hub.device_id)} is {_word(hub.status)}, not"
            " Commissioned.",
            code="hub_not_commissioned",
        )
    if known.device_type.is_smart_meter:
        _point_is_free(known, world)
    elif known.device_type is not DeviceType.GPF:
        _meter_is_commissioned(known, [one for _distance, one in around])


def _point_is_free(known: KnownDevice, world: World) -> None:
    if not known.mpxn:
        raise Refused("The meter has no MPAN or MPRN in the inventory.", code="no_meter_point")
    others = world.holders.get((known.mpxn, known.device_type), set()) - {known.device_id}
    if others:
        raise Refused(
            f"The meter point {known.mpxn} has a commissioned meter already,"
            f" {eui_from_int(min(others))}.",
            code="meter_point_taken",
        )


def _meter_is_commissioned(known: KnownDevice, around: list[KnownDevice]) -> None:
    """A Device that is neither hub nor meter follows its meter; a switch an electricity meter."""
    kinds = {DeviceType.ESME}
    if known.device_type is not DeviceType.HCALCS:
        kinds.add(DeviceType.GSME)
    meters = [one for one in around if one.device_type in kinds]
    if not meters:
        raise Refused("The Device is associated with no smart meter.", code="no_meter")
    if not any(one.status is DeviceStatus.COMMISSIONED for one in meters):
        meter = meters[0]
        raise Refused(
            f"Its meter {eui_from_int(meter.device_id)} is {_word(meter.status)}, not"
            " Commissioned.",
            code="meter_not_commissioned",
        )


def _word(status: DeviceStatus | None) -> str:
    return status.label if status else "without a status"


def _an(device_type: DeviceType) -> str:
    words = device_type.label
    return f"An {words.lower()}" if words[0] in "AEIOU" else f"A {words.lower()}"


def _list(words: list[str], last: str = "or") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else words[0]
