"""Evidence of a home for the tests of the rules: sound unless something is changed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from meterdesk.coverage.rules import Coverage, Likelihood, Region
from meterdesk.diagnosis.rules import Diagnosis, Evidence, checks, conclude
from meterdesk.diagnosis.rules.evidence import (
    AlertFact,
    CoverageFacts,
    DeviceFact,
    Listing,
    MessageFact,
    PointFact,
    TrailFacts,
)
from meterdesk.hubs.rules import HubData, WanConnectivity
from meterdesk.inventory.rules import DeviceType
from meterdesk.registration.rules import MeterPointKind

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HUB, METER, PROXY, GAS = (f"00-DB-12-34-56-78-90-A{place}" for place in range(4))
MPAN, MPRN, EXPORT = "1312345678907", "3938424403", "1312345678916"

POINTS = (
    PointFact(MPAN, MeterPointKind.IMPORT, "Alder Energy", "Fenland Networks"),
    PointFact(MPRN, MeterPointKind.GAS, "the gas supplier", "the gas transporter"),
)
LISTED = Listing("2.051", date(2026, 11, 1), "Current")

DEVICES = (
    DeviceFact(
        HUB, DeviceType.CHF, associated=(METER, PROXY), firmware_version="01", listing=LISTED
    ),
    DeviceFact(
        METER,
        DeviceType.ESME,
        mpxns=(MPAN,),
        associated=(HUB,),
        firmware_version="02",
        listing=LISTED,
    ),
    DeviceFact(PROXY, DeviceType.GPF, mpxns=(MPRN,), associated=(HUB, GAS)),
    DeviceFact(GAS, DeviceType.GSME, mpxns=(MPRN,), associated=(PROXY,)),
)

SOUND_HUB = HubData(
    device_id=HUB,
    aerial_installed=False,
    aerial_type="",
    birth_event_at=AT - timedelta(days=400),
    network_status="Active",
    deactivated_at=None,
    wan_connectivity=WanConnectivity.CONNECTED,
    han_status=None,
    last_connection_at=AT - timedelta(hours=2),
    last_tamper_at=None,
    last_outage_at=None,
    last_restore_at=None,
    as_of=AT - timedelta(hours=1),
)
SOUND_COVERAGE = Coverage(
    "AB1 0AJ", "", Region.NORTH, True, None, False, Likelihood.HIGH, "", "", False, None, "", ""
)


def ago(hours: float) -> datetime:
    """An instant so many hours before the diagnosis."""
    return AT - timedelta(hours=hours)


def good(device: str, hours: float) -> MessageFact:
    """A read that was answered."""
    return MessageFact(device, ago(hours), "4.8.1 Read Active Import Profile Data", "I0")


def bad(device: str, hours: float, code: str) -> MessageFact:
    """A read that failed."""
    return MessageFact(device, ago(hours), "4.8.1 Read Active Import Profile Data", code)


def alert(device: str, hours: float, code: str) -> AlertFact:
    """An alert."""
    return AlertFact(device, ago(hours), code, "")


SOUND_TRAIL = TrailFacts(
    since=AT - timedelta(days=90), successes=(good(METER, 3), good(GAS, 3), good(HUB, 5))
)

HOME = Evidence(
    at=AT,
    points=POINTS,
    devices=DEVICES,
    trail=SOUND_TRAIL,
    coverage=CoverageFacts("AB1 0AJ", SOUND_COVERAGE),
    hubs=(SOUND_HUB,),
)


def with_device(home: Evidence, device_id: str, **changes: Any) -> Evidence:
    """The home with one Device changed."""
    devices = tuple(
        replace(one, **changes) if one.device_id == device_id else one for one in home.devices or ()
    )
    return replace(home, devices=devices)


def without(home: Evidence, *device_ids: str) -> Evidence:
    """The home without some Devices."""
    return replace(
        home, devices=tuple(one for one in home.devices or () if one.device_id not in device_ids)
    )


def with_hub(home: Evidence, **changes: Any) -> Evidence:
    """The home with the CSP's data of its hub changed."""
    return replace(home, hubs=(replace(SOUND_HUB, **changes),))


def with_coverage(home: Evidence, **changes: Any) -> Evidence:
    """The home with its coverage changed."""
    return replace(home, coverage=CoverageFacts("AB1 0AJ", replace(SOUND_COVERAGE, **changes)))


def with_trail(home: Evidence, **changes: Any) -> Evidence:
    """The home with its messages changed."""
    return replace(home, trail=replace(SOUND_TRAIL, **changes))


def diagnosed(home: Evidence) -> Diagnosis:
    """The diagnosis by the checks of the lower apps alone."""
    known = {"inventory", "trail", "coverage", "hubs"}
    return conclude(home, [one for one in checks() if one.name.split(".")[0] in known])
