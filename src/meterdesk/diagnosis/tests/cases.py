"""Homes in trouble, each with its cause and whose it is; and homes whose trouble is over."""

from dataclasses import replace
from datetime import timedelta

from meterdesk.coverage.rules import Likelihood
from meterdesk.diagnosis.rules import Cause, Evidence
from meterdesk.diagnosis.rules.evidence import OPERATOR
from meterdesk.diagnosis.tests.homes import (
    AT,
    DEVICES,
    GAS,
    HOME,
    HUB,
    LISTED,
    METER,
    PROXY,
    ago,
    alert,
    bad,
    good,
    with_coverage,
    with_device,
    with_hub,
    with_trail,
    without,
)
from meterdesk.hubs.rules import WanConnectivity
from meterdesk.inventory.rules import DeviceStatus, DeviceType

ELECTRICITY, GAS_SUPPLIER, DISTRIBUTOR = "Alder Energy", "the gas supplier", "Fenland Networks"
SENDER = "whoever sent the request"


def failing(*failures: object, successes: tuple[object, ...] = (), **more: object) -> Evidence:
    return with_trail(HOME, failures=failures, successes=successes, **more)


def disconnected(**changes: object) -> Evidence:
    return with_hub(HOME, wan_connectivity=WanConnectivity.NOT_CONNECTED, **changes)


CASES = {
    "no Device": (replace(HOME, devices=()), Cause.NO_DEVICES, ELECTRICITY),
    "pending meter": (
        with_device(HOME, METER, status=DeviceStatus.PENDING),
        Cause.NOT_COMMISSIONED,
        ELECTRICITY,
    ),
    "gas meter not commissioned": (
        with_device(HOME, GAS, status=DeviceStatus.INSTALLED_NOT_COMMISSIONED),
        Cause.NOT_COMMISSIONED,
        GAS_SUPPLIER,
    ),
    "hub not commissioned": (
        with_device(HOME, HUB, status=DeviceStatus.WHITELISTED),
        Cause.NOT_COMMISSIONED,
        OPERATOR,
    ),
    "suspended gas meter": (
        with_device(HOME, GAS, status=DeviceStatus.SUSPENDED),
        Cause.SUSPENDED,
        GAS_SUPPLIER,
    ),
    "decommissioned meter": (
        with_device(HOME, METER, status=DeviceStatus.DECOMMISSIONED),
        Cause.METER_LEFT,
        ELECTRICITY,
    ),
    "withdrawn hub": (
        with_device(HOME, HUB, status=DeviceStatus.WITHDRAWN),
        Cause.HUB_LEFT,
        ELECTRICITY,
    ),
    "recovery": (
        with_device(HOME, GAS, status=DeviceStatus.RECOVERY),
        Cause.IN_RECOVERY,
        OPERATOR,
    ),
    "no hub": (without(HOME, HUB), Cause.NO_HUB, ELECTRICITY),
    "meter off the hub": (
        with_device(with_device(HOME, METER, associated=()), HUB, associated=(PROXY,)),
        Cause.METER_WITHOUT_HUB,
        ELECTRICITY,
    ),
    "gas meter without proxy": (
        with_device(
            with_device(without(HOME, PROXY), GAS, associated=(HUB,)), HUB, associated=(METER, GAS)
        ),
        Cause.PROXY_MISSING,
        GAS_SUPPLIER,
    ),
    "firmware not listed": (
        with_device(HOME, METER, listing=replace(LISTED, status=None)),
        Cause.FIRMWARE_NOT_LISTED,
        ELECTRICITY,
    ),
    "hub firmware removed": (
        with_device(HOME, HUB, listing=replace(LISTED, status="Removed")),
        Cause.FIRMWARE_REMOVED,
        OPERATOR,
    ),
    "hub not connected": (disconnected(), Cause.HUB_NOT_CONNECTED, OPERATOR),
    "hub deactivated": (
        disconnected(network_status="Deactivated"),
        Cause.HUB_DEACTIVATED,
        OPERATOR,
    ),
    "hub never connected": (
        disconnected(birth_event_at=None, last_connection_at=None),
        Cause.HUB_NEVER_CONNECTED,
        ELECTRICITY,
    ),
    "hub comes and goes": (
        with_hub(HOME, wan_connectivity=WanConnectivity.INTERMITTENT),
        Cause.HUB_INTERMITTENT,
        OPERATOR,
    ),
    "hub without power explains that it is not connected": (
        disconnected(last_outage_at=ago(1), last_connection_at=ago(2)),
        Cause.POWER_OUT,
        DISTRIBUTOR,
    ),
    "hub tampered with": (
        with_hub(HOME, last_tamper_at=AT - timedelta(days=3)),
        Cause.HUB_TAMPER,
        ELECTRICITY,
    ),
    "no coverage explains that it is not connected": (
        with_coverage(disconnected(), coverage_available=False, no_coverage_intended=True),
        Cause.NO_COVERAGE,
        OPERATOR,
    ),
    "coverage not likely": (
        with_coverage(HOME, likelihood=Likelihood.LOW),
        Cause.POOR_COVERAGE,
        OPERATOR,
    ),
    "known issue": (with_coverage(HOME, known_issue="Hill"), Cause.POOR_COVERAGE, OPERATOR),
    "nothing reached": (
        replace(failing(bad(METER, 1, "E20")), hubs=()),
        Cause.HUB_UNREACHABLE,
        OPERATOR,
    ),
    "every Device silent since, though one answered before": (
        replace(
            failing(bad(METER, 1, "E20"), bad(GAS, 2, "E20"), successes=(good(METER, 3),)),
            hubs=(),
        ),
        Cause.HUB_UNREACHABLE,
        OPERATOR,
    ),
    "gas meter silent for weeks, electricity asked a week ago": (
        replace(
            failing(bad(GAS, 2, "E21"), successes=(good(GAS, 24 * 20), good(METER, 24 * 6))),
            hubs=None,
        ),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "one failure a day after an answer": (
        failing(bad(METER, 2, "E21"), successes=(good(METER, 26), good(GAS, 3))),
        Cause.FAILED_ONCE,
        SENDER,
    ),
    "silent although the CSP says that the hub is connected": (
        failing(bad(METER, 2, "E21")),
        Cause.NO_ANSWER,
        ELECTRICITY,
    ),
    "electricity meter silent behind a hub that answers": (
        failing(bad(METER, 2, "E21"), successes=(good(HUB, 1),)),
        Cause.NO_ANSWER,
        ELECTRICITY,
    ),
    "gas meter silent while electricity answers": (
        failing(bad(GAS, 2, "E21"), successes=(good(METER, 1),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "low battery explains a silent gas meter only by rank": (
        failing(bad(GAS, 2, "E21"), successes=(good(METER, 1),), alerts=(alert(GAS, 9, "8F1F"),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "low battery": (
        with_trail(HOME, alerts=(alert(GAS, 9, "8F1F"),)),
        Cause.BATTERY_LOW,
        GAS_SUPPLIER,
    ),
    "role refused": (
        failing(bad(METER, 1, "E4"), successes=(good(HUB, 2),)),
        Cause.WRONG_SENDER,
        SENDER,
    ),
    "wrong request": (
        failing(bad(METER, 1, "E11"), successes=(good(HUB, 2),)),
        Cause.WRONG_REQUEST,
        SENDER,
    ),
    "unknown Device": (
        failing(bad(METER, 1, "E19"), successes=(good(HUB, 2),)),
        Cause.UNKNOWN_DEVICE,
        SENDER,
    ),
    "timed out": (
        failing(bad(METER, 1, "E30"), successes=(good(HUB, 2),)),
        Cause.TIMED_OUT,
        SENDER,
    ),
    "code without a published meaning": (
        failing(bad(METER, 1, "E57"), successes=(good(HUB, 2),)),
        Cause.FAILED,
        OPERATOR,
    ),
    "nothing for a week": (
        with_trail(HOME, successes=(good(METER, 24 * 9),)),
        Cause.SILENT,
        OPERATOR,
    ),
    "supply interrupted": (
        failing(alerts=(alert(METER, 1, "8F57"),), successes=(good(METER, 2),)),
        Cause.POWER_OUT,
        DISTRIBUTOR,
    ),
    "power outage alert": (
        failing(alerts=(alert(HUB, 1, "AD1"),), successes=(good(METER, 2),)),
        Cause.POWER_OUT,
        DISTRIBUTOR,
    ),
    "integrity": (
        with_trail(HOME, alerts=(alert(METER, 5, "81A0"),)),
        Cause.INTEGRITY,
        ELECTRICITY,
    ),
    "tampering": (
        with_trail(HOME, alerts=(alert(GAS, 5, "8F74"),)),
        Cause.TAMPER,
        GAS_SUPPLIER,
    ),
    "gas meter lost by the hub's alert": (
        with_trail(HOME, alerts=(alert(HUB, 2, "8F29"),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
    "meter without its hub by its alert": (
        with_trail(HOME, alerts=(alert(METER, 2, "81A3"),)),
        Cause.NO_ANSWER,
        ELECTRICITY,
    ),
    "gas meter lost by its alert": (
        with_trail(HOME, alerts=(alert(GAS, 2, "819D"),)),
        Cause.GAS_LOST,
        GAS_SUPPLIER,
    ),
}


SOUND = {
    "failure answered since": failing(bad(METER, 4, "E20"), successes=(good(METER, 1),)),
    "outage over by its alert": failing(
        alerts=(alert(HUB, 5, "AD1"), alert(METER, 4, "8F36")), successes=(good(METER, 6),)
    ),
    "outage over because something answered": failing(
        alerts=(alert(HUB, 5, "AD1"),), successes=(good(METER, 4),)
    ),
    "hub came back": with_hub(HOME, last_outage_at=ago(9), last_restore_at=ago(8)),
    "gas meter found again": with_trail(HOME, alerts=(alert(HUB, 9, "8F29"),)),
    "battery changed": with_trail(HOME, alerts=(alert(GAS, 9, "8F1F"), alert(GAS, 2, "8F82"))),
    "old tampering": with_hub(HOME, last_tamper_at=AT - timedelta(days=200)),
    "meter exchanged": replace(
        HOME,
        devices=(
            *DEVICES,
            replace(
                DEVICES[1],
                device_id="00-DB-12-34-56-78-90-B1",
                associated=(),
                status=DeviceStatus.DECOMMISSIONED,
            ),
        ),
    ),
    "type 2 without status": replace(
        HOME,
        devices=(
            *DEVICES,
            replace(
                DEVICES[1],
                device_id="00-DB-12-34-56-78-90-B2",
                mpxns=(),
                status=None,
                device_type=DeviceType.IHD,
                associated=(METER,),
                listing=None,
            ),
        ),
    ),
}
