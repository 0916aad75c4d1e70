"""Checks on what the inventory says: Devices, statuses, associations, firmware."""

from typing import Final

from meterdesk.diagnosis.rules.causes import Cause
from meterdesk.diagnosis.rules.checks import Observation, Observations, Verdict, check
from meterdesk.diagnosis.rules.evidence import DeviceFact, Evidence, Source, day
from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.registration.rules import MeterPointKind

_METER: Final = {
    MeterPointKind.IMPORT: DeviceType.ESME,
    MeterPointKind.EXPORT: DeviceType.ESME,
    MeterPointKind.GAS: DeviceType.GSME,
}
_WAITING: Final = frozenset(
    {
        DeviceStatus.PENDING,
        DeviceStatus.WHITELISTED,
        DeviceStatus.INSTALLED_NOT_COMMISSIONED,
    }
)
_LEFT: Final = {
    DeviceType.CHF: Cause.HUB_LEFT,
    DeviceType.ESME: Cause.METER_LEFT,
    DeviceType.GSME: Cause.METER_LEFT,
}
_RECOVERY: Final = frozenset({DeviceStatus.RECOVERY, DeviceStatus.RECOVERED})


@check(
    title="Devices at the premises",
    order=10,
    needs=Source.INVENTORY,
    all_well="Every meter point has its smart meter.",
)
def devices(evidence: Evidence) -> Observations:
    """Every meter point has a smart meter of its fuel."""
    if not evidence.devices:
        yield Observation(
            "Devices",
            "None",
            Verdict.FAULT,
            Cause.NO_DEVICES,
            says="The inventory has no Device at this premises.",
        )
        return
    for point in evidence.points:
        meters = [one for one in evidence.devices if point.mpxn in one.mpxns]
        kind = _METER[point.kind]
        if any(one.device_type is kind for one in meters):
            yield Observation(point.mpxn, f"{kind.label} recorded")
        else:
            yield Observation(
                point.mpxn,
                f"No {kind.label.lower()} recorded",
                Verdict.WARNING,
                Cause.METER_MISSING,
                says=f"The inventory has no {kind.label.lower()} for {point.mpxn}.",
            )


@check(
    title="Status of each Device",
    order=20,
    needs=Source.INVENTORY,
    all_well="Every Device in use is commissioned.",
)
def status(evidence: Evidence) -> Observations:
    """Every Device that matters is commissioned; one that left counts if nothing took its place."""
    for device in evidence.devices or ():
        if device.status is None:
            continue
        value = device.status.label
        if device.status_at is not None:
            value = f"{value} since {day(device.status_at)}"
        verdict, cause = _judge_status(device, evidence)
        says = f"{device.label} is {device.status.label.lower()}."
        yield Observation(device.label, value, verdict, cause, device, says)


def _judge_status(device: DeviceFact, evidence: Evidence) -> tuple[Verdict, Cause | None]:
    if device.status in _WAITING:
        return Verdict.FAULT, Cause.NOT_COMMISSIONED
    if device.status is DeviceStatus.SUSPENDED:
        return Verdict.FAULT, Cause.SUSPENDED
    if device.status in _RECOVERY:
        return Verdict.WARNING, Cause.IN_RECOVERY
    left = _LEFT.get(device.device_type)
    if left is None or device.is_in_use or evidence.of_type(device.device_type):
        return Verdict.OK, None
    return Verdict.FAULT, left


@check(
    title="How the Devices hang together",
    order=30,
    needs=Source.INVENTORY,
    all_well="Every meter hangs on the hub.",
)
def associations(evidence: Evidence) -> Observations:
    """There is a hub, every meter reaches it, and a gas meter does so by a gas proxy function."""
    meters = evidence.of_type(DeviceType.ESME, DeviceType.GSME)
    if not meters:
        return
    hubs = evidence.of_type(DeviceType.CHF)
    if not hubs:
        if not any(one.device_type is DeviceType.CHF for one in evidence.devices or ()):
            says = "The meters at this premises hang on no Communications Hub."
            yield Observation("Hub", "None", Verdict.FAULT, Cause.NO_HUB, meters[0], says)
        return
    for hub in hubs:
        yield Observation("Hub", hub.device_id)
    reached = _reached({hub.device_id for hub in hubs}, evidence)
    for meter in meters:
        yield _association(meter, reached, evidence)


def _association(meter: DeviceFact, reached: set[str], evidence: Evidence) -> Observation:
    if meter.device_id not in reached:
        says = f"{meter.label} is not associated with the hub."
        return Observation(
            meter.label, "Not on the hub", Verdict.FAULT, Cause.METER_WITHOUT_HUB, meter, says
        )
    if meter.device_type is DeviceType.GSME and not meter.is_smets1:
        near = (evidence.device(one) for one in meter.associated)
        if not any(one and one.device_type is DeviceType.GPF for one in near):
            says = f"{meter.label} hangs on no gas proxy function."
            return Observation(
                meter.label,
                "No gas proxy function",
                Verdict.FAULT,
                Cause.PROXY_MISSING,
                meter,
                says,
            )
    return Observation(meter.label, "On the hub")


def _reached(start: set[str], evidence: Evidence) -> set[str]:
    """Devices that hang together with these, however far."""
    reached, waiting = set(start), list(start)
    while waiting:
        device = evidence.device(waiting.pop())
        for near in device.associated if device else ():
            if near not in reached:
                reached.add(near)
                waiting.append(near)
    return reached


@check(
    title="Firmware against the products list",
    order=40,
    needs=Source.INVENTORY,
    all_well="Every firmware version is on the products list, and none newer is.",
)
def firmware(evidence: Evidence) -> Observations:
    """Model and firmware are on the newest products list, and nothing newer is."""
    for device in evidence.in_use:
        if device.listing is None or not device.firmware_version:
            continue
        yield _firmware(device)


def _firmware(device: DeviceFact) -> Observation:
    listing = device.listing
    assert listing is not None  # noqa: S101  asked for above
    version = device.firmware_version
    value = f"{version}, {listing.status or 'not listed'} in version {listing.version}"
    if listing.status is None:
        says = f"Firmware {version} of {device.label} is not on the products list."
        cause = Cause.FIRMWARE_NOT_LISTED
    elif listing.status != "Current":
        says = f"Firmware {version} of {device.label} was removed from the products list."
        cause = Cause.FIRMWARE_REMOVED
    elif listing.newer:
        value = f"{value}; {listing.newer} is newer"
        says = f"Firmware {listing.newer} is listed for {device.label}, which has {version}."
        cause = Cause.FIRMWARE_OLD
    else:
        return Observation(device.label, value)
    return Observation(device.label, value, Verdict.WARNING, cause, device, says)
